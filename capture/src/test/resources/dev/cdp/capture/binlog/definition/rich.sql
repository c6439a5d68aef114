-- One of each kind of object, and the ways in which they need each other. Statements are separated by lines of dashes.
CREATE SEQUENCE tickets START WITH 100 INCREMENT BY 5 MINVALUE 1 MAXVALUE 10000 CACHE 10 CYCLE
--
CREATE SEQUENCE untouched
--
SELECT nextval(tickets)
--
CREATE TABLE `odd ``names``` (
    `Id` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s, (odd) CONSTRAINT `x` FOREIGN KEY\nnext line',
    `column with space` varchar(20) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'a\'b"c`d,e(f',
    `select` enum('b,c', 'it''s', '(') NOT NULL DEFAULT 'it''s',
    flags set('x', 'y') DEFAULT 'x,y',
    PRIMARY KEY (`Id`),
    UNIQUE KEY `u,k` (`column with space`(5), `select`) COMMENT 'an, index',
    KEY fn (flags DESC)
) ENGINE = InnoDB AUTO_INCREMENT = 500 COMMENT = 'AUTO_INCREMENT=7 ) ENGINE'
--
CREATE TABLE customers (
    id int NOT NULL DEFAULT (nextval(tickets)) PRIMARY KEY,
    name varchar(200) NOT NULL DEFAULT '' CHECK (name <> 'nobody'),
    email varchar(100) CHARACTER SET ascii UNIQUE,
    born date DEFAULT '0000-00-00',
    changed timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
    plain timestamp NOT NULL,
    price decimal(20, 6) unsigned zerofill DEFAULT 1.5,
    doc longtext COMPRESSED DEFAULT NULL,
    js json DEFAULT '{"a": [1, 2]}',
    place point NOT NULL,
    u uuid DEFAULT uuid(),
    net inet6 DEFAULT '::1',
    hidden int INVISIBLE DEFAULT 7,
    lower_name varchar(200) GENERATED ALWAYS AS (lower(name)) STORED,
    doubled decimal(21, 6) AS (price * 2) VIRTUAL COMMENT 'twice, or so',
    bits bit(5) DEFAULT b'10101',
    bin binary(4) DEFAULT 'ab\0\0',
    y year DEFAULT 1999,
    CONSTRAINT `name, or (mail)` CHECK (email IS NOT NULL OR name <> ''),
    FULLTEXT KEY words (name),
    SPATIAL KEY places (place),
    KEY doubled_ix (doubled)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci ROW_FORMAT = COMPRESSED
--
CREATE TABLE orders (
    id bigint NOT NULL AUTO_INCREMENT,
    customer int NOT NULL,
    parent bigint,
    total decimal(12, 2),
    PRIMARY KEY (id),
    CONSTRAINT `to the, customer` FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT self FOREIGN KEY (parent) REFERENCES orders (id) ON DELETE SET NULL
)
--
CREATE TABLE a_first (id int PRIMARY KEY, z int, FOREIGN KEY (z) REFERENCES z_last (id))
--
CREATE TABLE z_last (id int PRIMARY KEY)
--
CREATE TABLE parts (at date NOT NULL, n int, PRIMARY KEY (at)) PARTITION BY RANGE (year(at))
    (PARTITION p0 VALUES LESS THAN (2024) COMMENT = 'old', PARTITION p1 VALUES LESS THAN MAXVALUE)
--
CREATE TABLE versioned (id int PRIMARY KEY, v text) WITH SYSTEM VERSIONING
--
CREATE TABLE periods (id int, s date, e date, PERIOD FOR valid (s, e), UNIQUE (id, valid WITHOUT OVERLAPS))
--
CREATE TABLE plain_old (id int, KEY (id)) ENGINE = Aria
--
CREATE FUNCTION price_of(c int, f varchar(10) CHARACTER SET latin1) RETURNS decimal(20, 6)
    READS SQL DATA SQL SECURITY INVOKER COMMENT 'it''s a price'
BEGIN
    DECLARE p decimal(20, 6);
    -- a comment; with ' a quote
    SELECT price INTO p FROM customers WHERE id = c;
    RETURN p;
END
--
CREATE AGGREGATE FUNCTION total_of(x int) RETURNS int DETERMINISTIC
BEGIN
    DECLARE s int DEFAULT 0;
    DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s;
    LOOP FETCH GROUP NEXT ROW; SET s = s + x; END LOOP;
END
--
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'
--
CREATE PROCEDURE "do it"(INOUT a int, OUT b varchar(30)) MODIFIES SQL DATA SET b = 'x' || "a"
--
SET sql_mode = DEFAULT
--
CREATE PROCEDURE second_one() SELECT {fn now()} AS `{?}`, 'ä€'
--
CREATE VIEW z_base AS SELECT c.id, c.name, price_of(c.id, 'x') AS price, extract(year FROM c.born) AS y, trim(BOTH 'x' FROM c.name) AS t
    FROM customers c
--
CREATE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW a_top AS SELECT b.id, b.name FROM z_base b WHERE b.id > 5
--
CREATE VIEW checked AS SELECT id, total FROM orders WHERE total > 0 WITH LOCAL CHECK OPTION
--
CREATE VIEW m_middle (one, `two three`) AS WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9)
    SELECT n.i, (SELECT count(*) FROM a_top t LEFT JOIN (orders o, customers c) ON o.customer = t.id WHERE t.id = n.i) FROM n
--
CREATE TRIGGER second_by_name BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = coalesce(NEW.total, 0)
--
CREATE TRIGGER `first by name` BEFORE INSERT ON orders FOR EACH ROW FOLLOWS second_by_name
BEGIN
    IF NEW.total < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'negative; not allowed'; END IF;
END
--
CREATE TRIGGER before_them_all BEFORE INSERT ON orders FOR EACH ROW PRECEDES second_by_name SET @seen = 1
--
SET sql_mode = 'ANSI_QUOTES'
--
CREATE TRIGGER after_delete AFTER DELETE ON customers FOR EACH ROW INSERT INTO "plain_old" VALUES (OLD.id)
--
SET sql_mode = DEFAULT
--
SET time_zone = '+03:00'
--
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'at night'
    DO DELETE FROM plain_old WHERE id < 0
--
CREATE EVENT hourly ON SCHEDULE EVERY 1 HOUR STARTS '2035-01-01 00:00:00' ENDS '2036-01-01 00:00:00'
    DO BEGIN DELETE FROM plain_old WHERE id = 1; CALL second_one(); END
--
SET time_zone = DEFAULT
--
INSERT INTO orders (customer) SELECT id FROM customers WHERE false
--
SET collation_connection = latin1_german1_ci
--
CREATE FUNCTION of_old_client() RETURNS varchar(9) DETERMINISTIC RETURN 'abc'
--
CREATE VIEW of_old_client_too AS SELECT 'abc' AS a
--
SET NAMES utf8mb4
--
CREATE TRIGGER {database}.qualified BEFORE UPDATE ON `{database}`.orders FOR EACH ROW SET NEW.total = OLD.total
