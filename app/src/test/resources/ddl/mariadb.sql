-- Statements that change definitions, each between rows that are written. Format: DdlCase.

# ADD COLUMN => right
ALTER TABLE @t ADD COLUMN n int;
UPDATE @t SET n = 7 WHERE id = 1;

# ADD COLUMN DEFAULT constant => right
ALTER TABLE @t ADD COLUMN n int DEFAULT 15, ADD COLUMN w varchar(60) DEFAULT 'it''s "old"', ADD e enum('a','b,c') DEFAULT 'b,c';
UPDATE @t SET n = 2 WHERE id = 1;

# ADD COLUMN DEFAULT constant, then another DEFAULT => re-based
ALTER TABLE @t ADD COLUMN n int DEFAULT 15;
ALTER TABLE @t ALTER n SET DEFAULT 16;
INSERT INTO @t (id) VALUES (501);
ALTER TABLE @t MODIFY n varchar(20) DEFAULT '15';

# ADD COLUMN DEFAULT a negative number, a fraction => re-based
ALTER TABLE @t ADD COLUMN n int DEFAULT -5, ADD COLUMN d decimal(8,3) DEFAULT 1.5;
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN DEFAULT an expression => re-based
ALTER TABLE @t ADD COLUMN n varchar(36) DEFAULT uuid();
UPDATE @t SET n = 'x' WHERE id = 1;

# ADD COLUMN DEFAULT CURRENT_TIMESTAMP => re-based
ALTER TABLE @t ADD COLUMN m timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6);
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN NOT NULL without a default => re-based
ALTER TABLE @t ADD COLUMN n int NOT NULL, ADD COLUMN s varchar(10) NOT NULL, ADD COLUMN e enum('x','y') NOT NULL;
UPDATE @t SET n = 5 WHERE id = 1;

# ADD COLUMN NOT NULL DEFAULT => right
ALTER TABLE @t ADD COLUMN n int NOT NULL DEFAULT 42;
INSERT INTO @t (id, n) VALUES (501, 43);

# ADD COLUMN FIRST and AFTER => right
ALTER TABLE @t ADD COLUMN a varchar(10) FIRST, ADD COLUMN b int DEFAULT 3 AFTER id;
INSERT INTO @t (id, a, b) VALUES (501, 'x', 4);

# ADD several columns in parentheses => re-based
ALTER TABLE @t ADD (a int, b varchar(5) DEFAULT 'b');
INSERT INTO @t (id, a) VALUES (501, 1);

# ADD COLUMN AUTO_INCREMENT => re-based
CREATE TABLE @t (id int, v varchar(4000));
INSERT INTO @t VALUES (10, 'a'), (20, 'b');
--
ALTER TABLE @t ADD COLUMN n int NOT NULL AUTO_INCREMENT PRIMARY KEY;
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN virtual and persistent => right
ALTER TABLE @t ADD COLUMN a int AS (id * 2) VIRTUAL, ADD COLUMN b int AS (id * 3) PERSISTENT;
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN IF NOT EXISTS => right
ALTER TABLE @t ADD COLUMN IF NOT EXISTS v int;
ALTER TABLE @t ADD COLUMN IF NOT EXISTS n int DEFAULT 3;
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN invisible => right
ALTER TABLE @t ADD COLUMN n int INVISIBLE DEFAULT 3;
INSERT INTO @t (id, n) VALUES (501, 4);

# ALGORITHM=INSTANT, INPLACE, COPY => right, behind re-based
ALTER TABLE @t ADD COLUMN a int DEFAULT 1, ALGORITHM=INSTANT;
INSERT INTO @t (id) VALUES (501);
ALTER TABLE @t ADD COLUMN b int DEFAULT 2, ALGORITHM=INPLACE, LOCK=NONE;
UPDATE @t SET b = 5 WHERE id = 1;
ALTER TABLE @t ADD COLUMN c int DEFAULT 3, ALGORITHM=COPY;
ALTER TABLE @t DROP COLUMN a, ALGORITHM=INSTANT;
UPDATE @t SET c = 5 WHERE id = 2;

# DROP COLUMN => right
ALTER TABLE @t DROP COLUMN v;
INSERT INTO @t VALUES (501);

# DROP COLUMN and ADD it again => right
ALTER TABLE @t DROP COLUMN v;
ALTER TABLE @t ADD COLUMN v varchar(30) DEFAULT 'again';
UPDATE @t SET v = 'changed' WHERE id = 1;

# DROP and ADD of one name in one => re-based
ALTER TABLE @t DROP COLUMN v, ADD COLUMN v varchar(4000) DEFAULT 'anew';
INSERT INTO @t (id) VALUES (501);

# RENAME COLUMN => re-based
ALTER TABLE @t RENAME COLUMN v TO w;
UPDATE @t SET w = 'changed' WHERE id = 1;

# RENAME COLUMN, two exchanged => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000), w varchar(4000));
INSERT INTO @t VALUES (1, 'v', 'w'), (2, 'vv', 'ww');
--
ALTER TABLE @t RENAME COLUMN v TO w, RENAME COLUMN w TO v;
INSERT INTO @t VALUES (501, 'ww', 'vv');

# CHANGE COLUMN => re-based
ALTER TABLE @t CHANGE v w text;
UPDATE @t SET w = 'changed' WHERE id = 1;

# MODIFY varchar to a longer one => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(30));
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE @t MODIFY v varchar(3000);
UPDATE @t SET v = REPEAT('long', 100) WHERE id = 1;

# MODIFY int to bigint, also of the key => re-based
ALTER TABLE @t MODIFY id bigint;
INSERT INTO @t VALUES (5000000000, 'large');

# MODIFY int to unsigned => re-based
CREATE TABLE @t (id int PRIMARY KEY, v int);
INSERT INTO @t VALUES (1, 10), (2, 20);
--
ALTER TABLE @t MODIFY v int unsigned;
UPDATE @t SET v = 4000000000 WHERE id = 1;

# MODIFY text to int => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(10));
INSERT INTO @t VALUES (1, '0010'), (2, '20');
--
SET sql_mode = '';
ALTER TABLE @t MODIFY v int;
SET sql_mode = DEFAULT;
UPDATE @t SET v = 30 WHERE id = 1;

# MODIFY decimal scale => re-based
CREATE TABLE @t (id int PRIMARY KEY, v decimal(10,2));
INSERT INTO @t VALUES (1, 10.55), (2, NULL);
--
ALTER TABLE @t MODIFY v decimal(12,1);
UPDATE @t SET v = 3 WHERE id = 2;

# MODIFY datetime to timestamp in another zone => re-based
CREATE TABLE @t (id int PRIMARY KEY, v datetime(3));
INSERT INTO @t VALUES (1, '2026-03-04 05:06:07.8'), (2, NULL);
--
SET time_zone = '+05:30';
ALTER TABLE @t MODIFY v timestamp(3) NULL;
SET time_zone = '+00:00';
UPDATE @t SET v = '2026-01-01' WHERE id = 2;

# MODIFY enum: labels added, exchanged => re-based
CREATE TABLE @t (id int PRIMARY KEY, v enum('a','b'));
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE @t MODIFY v enum('a','b','c');
UPDATE @t SET v = 'c' WHERE id = 1;
ALTER TABLE @t MODIFY v enum('c','b','a');
UPDATE @t SET v = 'a' WHERE id = 2;

# MODIFY NULL to NOT NULL => re-based
SET sql_mode = '';
UPDATE @t SET v = NULL WHERE id = 1;
ALTER TABLE @t MODIFY v varchar(4000) NOT NULL;
SET sql_mode = DEFAULT;
UPDATE @t SET v = 'set' WHERE id = 2;

# MODIFY a virtual column to a plain one => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000), n int AS (id * 2) PERSISTENT);
INSERT INTO @t (id, v) VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE @t MODIFY n int;
UPDATE @t SET n = 0 WHERE id = 1;

# MODIFY to another place => re-based
ALTER TABLE @t MODIFY v varchar(4000) FIRST;
INSERT INTO @t (id, v) VALUES (501, 'x');

# SET and DROP DEFAULT => right
ALTER TABLE @t ALTER v SET DEFAULT 'new';
INSERT INTO @t (id) VALUES (501);
ALTER TABLE @t ALTER COLUMN v DROP DEFAULT;
INSERT INTO @t (id, v) VALUES (502, 'x');

# CONVERT TO CHARACTER SET => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000)) CHARACTER SET utf8mb4;
INSERT INTO @t VALUES (1, 'Ärger'), (2, 'żółć');
--
SET sql_mode = '';
ALTER TABLE @t CONVERT TO CHARACTER SET latin1;
SET sql_mode = DEFAULT;
UPDATE @t SET v = 'Übung' WHERE id = 1;

# DEFAULT CHARACTER SET, COLLATE => right
ALTER TABLE @t DEFAULT CHARACTER SET latin1 COLLATE latin1_german2_ci;
INSERT INTO @t VALUES (501, 'ß');
ALTER TABLE @t ADD COLUMN w varchar(20) DEFAULT 'l';
UPDATE @t SET w = 'ä' WHERE id = 1;

# MODIFY CHARACTER SET of a column => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(400) CHARACTER SET latin1);
INSERT INTO @t VALUES (1, 'Ärger'), (2, 'ß');
--
ALTER TABLE @t MODIFY v varchar(400) CHARACTER SET utf16;
UPDATE @t SET v = 'żółć' WHERE id = 1;
ALTER TABLE @t MODIFY v varbinary(1600);

# DROP PRIMARY KEY => re-based
ALTER TABLE @t DROP PRIMARY KEY;
INSERT INTO @t VALUES (1, 'same'), (1, 'same');
DELETE FROM @t WHERE v = 'same' LIMIT 1;

# ADD PRIMARY KEY => re-based
CREATE TABLE @t (id int NOT NULL AUTO_INCREMENT, v varchar(4000), KEY (id));
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
--
ALTER IGNORE TABLE @t ADD PRIMARY KEY (id);
UPDATE @t SET v = 'keyed' WHERE id = 1;

# Another PRIMARY KEY => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000), n int NOT NULL);
INSERT INTO @t VALUES (1, 'a', 10), (2, 'b', 20);
--
ALTER TABLE @t DROP PRIMARY KEY, ADD PRIMARY KEY (n);
INSERT INTO @t VALUES (3, 'c', 30);
UPDATE @t SET id = 9 WHERE n = 20;

# A column of the PRIMARY KEY dropped => re-based
CREATE TABLE @t (id int, v varchar(4000), n int, PRIMARY KEY (id, n));
INSERT INTO @t VALUES (1, 'a', 10), (2, 'b', 20);
--
ALTER TABLE @t DROP COLUMN n, DROP PRIMARY KEY, ADD PRIMARY KEY (id);
INSERT INTO @t VALUES (501, 'c');

# DROP INDEX PRIMARY => re-based
DROP INDEX `PRIMARY` ON @t;
INSERT INTO @t VALUES (1, 'same'), (1, 'same');

# Indexes => right
ALTER TABLE @t ADD INDEX @i (v(10)), ADD COLUMN n int;
CREATE INDEX @j ON @t (n);
CREATE UNIQUE INDEX @u ON @t (id, n);
ALTER TABLE @t RENAME INDEX @i TO @k;
DROP INDEX @j ON @t;
ALTER TABLE @t DROP INDEX @k, ALTER INDEX @u IGNORED;
UPDATE @t SET n = 4 WHERE id = 1;

# ALTER IGNORE ADD UNIQUE removes rows => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(300), n int);
INSERT INTO @t VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 2);
--
ALTER IGNORE TABLE @t ADD UNIQUE (n);
INSERT INTO @t VALUES (501, 'x', 7);

# RENAME TABLE => re-based
RENAME TABLE @t TO @u;
INSERT INTO @u VALUES (501, 'new');
ALTER TABLE @u RENAME TO @t;

# RENAME a TO b, c TO a => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @ghost (id int PRIMARY KEY, v varchar(4000), n int DEFAULT 1);
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
INSERT INTO @ghost VALUES (1, 'ghost', 2);
--
RENAME TABLE @t TO @old, @ghost TO @t;
INSERT INTO @t VALUES (501, 'new', 9);
INSERT INTO @old VALUES (502, 'old');
DROP TABLE @old;

# Two tables exchanged => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @u (id int PRIMARY KEY, v varchar(4000));
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
INSERT INTO @u VALUES (1, 'c'), (3, 'd');
--
RENAME TABLE @t TO @x, @u TO @t, @x TO @u;
UPDATE @u SET v = 'was t' WHERE id = 2;

# Online schema change with triggers, as pt-osc does it => re-based
CREATE TABLE @new LIKE @t;
ALTER TABLE @new ADD COLUMN n int DEFAULT 4;
CREATE TRIGGER @ins AFTER INSERT ON @t FOR EACH ROW REPLACE INTO @new (id, v) VALUES (NEW.id, NEW.v);
CREATE TRIGGER @del AFTER DELETE ON @t FOR EACH ROW DELETE IGNORE FROM @new WHERE id = OLD.id;
INSERT INTO @t VALUES (501, 'through the trigger');
INSERT IGNORE INTO @new (id, v) SELECT id, v FROM @t;
RENAME TABLE @t TO @old, @new TO @t;
DROP TRIGGER @ins;
DROP TRIGGER @del;
DROP TABLE @old;
INSERT INTO @t VALUES (502, 'new', 5);

# DROP TABLE, the same again => right
DROP TABLE @t;
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
INSERT INTO @t VALUES (1, 'second life');

# CREATE OR REPLACE TABLE with other columns => right
CREATE OR REPLACE TABLE @t (id varchar(20) PRIMARY KEY, other json);
INSERT INTO @t VALUES ('1', '{"second": "life"}');

# CREATE TABLE => right
CREATE TABLE @u (id int PRIMARY KEY, v text);
INSERT INTO @u VALUES (1, 'a');
CREATE TABLE @w (a int UNSIGNED NOT NULL, `primary` varchar(9) DEFAULT 'x' COMMENT 'PRIMARY KEY', c int AS (a + 1) VIRTUAL, d decimal(8,3), UNIQUE KEY k (d, a), CONSTRAINT pk PRIMARY KEY USING BTREE (`primary`, a DESC), CHECK (a > 0)) ENGINE=InnoDB COMMENT 'AS SELECT' PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (100));
INSERT INTO @w (a, `primary`, d) VALUES (1, 'x', 2.5);

# CREATE TABLE and DROP TABLE at once => right, behind re-based
CREATE TABLE @u (id int PRIMARY KEY, v text);
DROP TABLE @u;
CREATE TABLE @u (id int PRIMARY KEY, v text);
INSERT INTO @u VALUES (1, 'a');
DROP TABLE @u;

# CREATE TABLE LIKE => re-based
CREATE TABLE @u LIKE @t;
INSERT INTO @u SELECT * FROM @t;

# CREATE TABLE AS SELECT => right
CREATE TABLE @u (PRIMARY KEY (id)) AS SELECT * FROM @t;
UPDATE @u SET v = 'changed' WHERE id = 1;

# CREATE TABLE IF NOT EXISTS of one that does => right
CREATE TABLE IF NOT EXISTS @t (other int PRIMARY KEY);
INSERT INTO @t VALUES (501, 'x');

# TRUNCATE => right
TRUNCATE TABLE @t;
INSERT INTO @t VALUES (1, 'again');
TRUNCATE @t;
INSERT INTO @t VALUES (2, 'again');

# Partitions: PARTITION BY, ADD, REORGANIZE, TRUNCATE, EXCHANGE, DROP, REMOVE => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @x (id int PRIMARY KEY, v varchar(4000));
INSERT INTO @t VALUES (1, 'a'), (2, 'b'), (1001, 'c'), (2001, 'd');
INSERT INTO @x VALUES (3001, 'x');
--
ALTER TABLE @t PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (1000), PARTITION p2 VALUES LESS THAN (2000), PARTITION p3 VALUES LESS THAN (3000));
INSERT INTO @t VALUES (501, 'x');
ALTER TABLE @t ADD PARTITION (PARTITION p4 VALUES LESS THAN (4000), PARTITION p5 VALUES LESS THAN (9000));
UPDATE @t SET id = 8001 WHERE id = 501;
ALTER TABLE @t REORGANIZE PARTITION p4, p5 INTO (PARTITION p4 VALUES LESS THAN (5000), PARTITION p5 VALUES LESS THAN (8000), PARTITION p6 VALUES LESS THAN MAXVALUE);
ALTER TABLE @t TRUNCATE PARTITION p2;
ALTER TABLE @t EXCHANGE PARTITION p4 WITH TABLE @x;
INSERT INTO @x VALUES (3002, 'x');
ALTER TABLE @t DROP PARTITION p3;
INSERT INTO @t VALUES (2500, 'x');
ALTER TABLE @t REMOVE PARTITIONING;

# PARTITION BY HASH, COALESCE => re-based
ALTER TABLE @t PARTITION BY HASH (id) PARTITIONS 4;
INSERT INTO @t VALUES (501, 'x');
ALTER TABLE @t COALESCE PARTITION 2;
DELETE FROM @t WHERE id = 501;

# CONVERT PARTITION TO and from a table => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000)) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (1000), PARTITION p2 VALUES LESS THAN (2000));
INSERT INTO @t VALUES (1, 'a'), (1001, 'c');
--
ALTER TABLE @t CONVERT PARTITION p2 TO TABLE @u;
INSERT INTO @u VALUES (1002, 'x');
ALTER TABLE @t CONVERT TABLE @u TO PARTITION p2 VALUES LESS THAN (3000);
INSERT INTO @t VALUES (1003, 'x');

# ORDER BY, FORCE, ENGINE, ROW_FORMAT => right
ALTER TABLE @t ORDER BY v;
INSERT INTO @t VALUES (501, 'x');
ALTER TABLE @t FORCE;
ALTER TABLE @t ENGINE=InnoDB ROW_FORMAT=DYNAMIC;
OPTIMIZE TABLE @t;
ALTER TABLE @t COMMENT 'a comment', AUTO_INCREMENT=10;
UPDATE @t SET v = 'y' WHERE id = 501;

# ENGINE MyISAM and back => left out
ALTER TABLE @t ENGINE=MyISAM;
INSERT INTO @t VALUES (501, 'not protected');
ALTER TABLE @t ENGINE=InnoDB;
INSERT INTO @t VALUES (502, 'protected again');

# SYSTEM VERSIONING => left out
ALTER TABLE @t ADD SYSTEM VERSIONING;
UPDATE @t SET v = 'versioned' WHERE id = 1;
ALTER TABLE @t DROP SYSTEM VERSIONING;
UPDATE @t SET v = 'protected again' WHERE id = 1;

# Temporary tables => right
CREATE TEMPORARY TABLE @t (id int PRIMARY KEY, other int);
INSERT INTO @t VALUES (1, 2);
ALTER TABLE @t ADD COLUMN n int;
TRUNCATE TABLE @t;
DROP TABLE @t;
INSERT INTO @t VALUES (501, 'permanent');

# Foreign keys => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @child (id int PRIMARY KEY, t int, CONSTRAINT @fk FOREIGN KEY (t) REFERENCES @t (id) ON DELETE CASCADE);
INSERT INTO @t VALUES (901, 'a'), (902, 'b');
INSERT INTO @child VALUES (1, 901), (2, 902);
--
DELETE FROM @t WHERE id = 901;
ALTER TABLE @child DROP FOREIGN KEY @fk;
DELETE FROM @t WHERE id = 902;

# Constraints, views, programs, sequences => right
ALTER TABLE @t ADD CONSTRAINT @chk CHECK (id < 1000000);
CREATE VIEW @view AS SELECT id FROM @t;
CREATE PROCEDURE @p() INSERT INTO @t VALUES (600, 'by a procedure');
CALL @p();
CREATE SEQUENCE @s;
SELECT NEXTVAL(@s);
RENAME TABLE @view TO @look, @s TO @seq;
DROP SEQUENCE @seq;
RENAME TABLE @look TO @view;
CREATE TRIGGER @trg BEFORE UPDATE ON @t FOR EACH ROW SET NEW.v = CONCAT(NEW.v, '!');
UPDATE @t SET v = 'triggered' WHERE id = 600;
DROP TRIGGER @trg;
DROP VIEW @view;

# Statements in a procedure => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
CREATE PROCEDURE @migrate() BEGIN ALTER TABLE @t ADD COLUMN n int DEFAULT 9; INSERT INTO @t VALUES (600, 'p', 1); ALTER TABLE @t MODIFY n varchar(9); END;
--
CALL @migrate();
UPDATE @t SET n = 'x' WHERE id = 1;

# SET STATEMENT, EXECUTE IMMEDIATE, comments => right
SET STATEMENT lock_wait_timeout = 50 FOR ALTER TABLE @t ADD COLUMN a int DEFAULT 1;
EXECUTE IMMEDIATE 'ALTER TABLE @t ADD COLUMN b int DEFAULT 2';
/* a comment */ ALTER /*! TABLE */ @t ADD /*!50000 COLUMN c int DEFAULT 3 */;
UPDATE @t SET a = 5, b = 6, c = 7 WHERE id = 1;

# A backslash that is no escape => re-based
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
ALTER TABLE @t ADD COLUMN a int COMMENT 'x\', DROP COLUMN v, ADD COLUMN c int COMMENT 'y';
SET sql_mode = DEFAULT;
INSERT INTO @t (id) VALUES (501);

# Statements that fail, some of them half-way => right
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @u (id int PRIMARY KEY, n int);
INSERT INTO @t VALUES (1, 'a'), (2, 'b');
INSERT INTO @u VALUES (1, 1), (2, 1);
--
FAILED ALTER TABLE @u ADD UNIQUE (n);
FAILED INSERT INTO @t VALUES (501, 'void'), (1, 'there is one');
FAILED CREATE TABLE @w (PRIMARY KEY (v)) AS SELECT 1 AS v UNION ALL SELECT 1;
FAILED RENAME TABLE @u TO @x, @missing TO @y;
FAILED DROP TABLE @u, @missing;
INSERT INTO @t VALUES (502, 'after');

# What does not exist => right
DROP TABLE IF EXISTS @missing;
ALTER TABLE IF EXISTS @missing ADD COLUMN n int;
RENAME TABLE IF EXISTS @missing TO @other;
DROP INDEX IF EXISTS @i ON @t;
ALTER TABLE @t DROP COLUMN IF EXISTS missing;
INSERT INTO @t VALUES (501, 'after');

# ADD COLUMN computed, then a plain one => re-based
ALTER TABLE @t ADD COLUMN n int AS (id * 2) PERSISTENT;
INSERT INTO @t (id) VALUES (501);
ALTER TABLE @t MODIFY n int;
UPDATE @t SET n = 0 WHERE id = 1;

# ADD COLUMN plain, then a computed one => re-based
ALTER TABLE @t ADD COLUMN n int;
INSERT INTO @t (id, n) VALUES (501, 3);
ALTER TABLE @t MODIFY n int AS (id * 2) PERSISTENT;
UPDATE @t SET v = 'x' WHERE id = 1;

# ADD COLUMN with a CHECK that casts => right
ALTER TABLE @t ADD COLUMN n int DEFAULT 5 CHECK (CAST(n AS char(9)) <> 'x');
UPDATE @t SET n = 6 WHERE id = 1;

# ADD COLUMN, another DROP COLUMN => right
ALTER TABLE @t ADD COLUMN n int DEFAULT 1, ADD COLUMN m int FIRST, ALGORITHM=COPY;
INSERT INTO @t (id, n) VALUES (501, 2);
ALTER TABLE @t DROP COLUMN v, ALGORITHM=COPY;
INSERT INTO @t (id, n) VALUES (502, 2);

# ADD COLUMN in other spellings => right
ALTER TABLE @t ADD COLUMN a INTEGER UNSIGNED DEFAULT 1, ADD b BOOLEAN DEFAULT 1, ADD c dec(6, 2) DEFAULT '1.50', ADD d double, ADD e json, ADD f timestamp NULL, ADD g datetime(3) DEFAULT '2026-01-01 00:00:00.000', ADD h year DEFAULT 2026, ADD i ENUM('x', 'y''z') NOT NULL DEFAULT 'y''z';
INSERT INTO @t (id) VALUES (501);
UPDATE @t SET a = 4000000000 WHERE id = 1;

# ADD COLUMN DEFAULT what is no plain literal => re-based
SET time_zone = '+05:30';
ALTER TABLE @t ADD COLUMN a int DEFAULT TRUE, ADD b varchar(5) DEFAULT 0x41, ADD c date DEFAULT DATE '2026-01-01', ADD d timestamp NULL DEFAULT '2026-01-01 00:00:00', ADD e varchar(9) DEFAULT 'a' 'b';
SET time_zone = '+00:00';
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN timestamp DEFAULT in another zone => re-based
SET time_zone = '+05:30';
ALTER TABLE @t ADD COLUMN d timestamp NULL DEFAULT '2026-01-01 00:00:00';
SET time_zone = '+00:00';
INSERT INTO @t (id) VALUES (501);

# ADD COLUMN DEFAULT NEXTVAL => re-based
CREATE SEQUENCE @s;
ALTER TABLE @t ADD COLUMN n int DEFAULT NEXTVAL(@s);
INSERT INTO @t (id) VALUES (501);

# Foreign keys that come and go => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE TABLE @child (id int PRIMARY KEY, t int);
INSERT INTO @t VALUES (901, 'a'), (902, 'b'), (903, 'c'), (904, 'd');
INSERT INTO @child VALUES (1, 901), (2, 902), (3, 903);
--
ALTER TABLE @child ADD CONSTRAINT @fk FOREIGN KEY (t) REFERENCES @t (id) ON DELETE SET NULL;
DELETE FROM @t WHERE id = 901;
ALTER TABLE @child DROP FOREIGN KEY @fk;
DELETE FROM @t WHERE id = 902;
ALTER TABLE @child ADD COLUMN more int REFERENCES @t (id) ON DELETE CASCADE;
UPDATE @child SET more = 904 WHERE id = 3;
DELETE FROM @t WHERE id = 904;
ALTER TABLE @child DROP COLUMN t;

# A foreign key's table and column get other names => re-based
CREATE TABLE @t (k int PRIMARY KEY);
CREATE TABLE @child (id int PRIMARY KEY, t int, FOREIGN KEY (t) REFERENCES @t (k) ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO @t VALUES (1), (2), (3);
INSERT INTO @child VALUES (1, 1), (2, 2), (3, 3);
--
ALTER TABLE @t RENAME COLUMN k TO l;
UPDATE @t SET l = 11 WHERE l = 1;
RENAME TABLE @t TO @u;
UPDATE @u SET l = 12 WHERE l = 2;
ALTER TABLE @u CHANGE l m int;
DELETE FROM @u WHERE m = 3;
ALTER TABLE @child DROP FOREIGN KEY @child_ibfk_1;
DELETE FROM @u WHERE m = 12;

# ALTER in two phases, and online => right
SET SESSION binlog_alter_two_phase = ON;
ALTER TABLE @t ADD COLUMN n int DEFAULT 4, ALGORITHM=COPY;
UPDATE @t SET n = 5 WHERE id = 1;
FAILED ALTER TABLE @t ADD UNIQUE (n), ADD COLUMN void int;
SET SESSION binlog_alter_two_phase = OFF;
ALTER ONLINE TABLE @t ADD COLUMN m int DEFAULT 6, ALGORITHM=COPY, LOCK=NONE;
UPDATE @t SET n = 7, m = 8 WHERE id = 2;

# UNIQUE over long values, for which the server keeps a column => right
ALTER TABLE @t ADD UNIQUE @u (v);
UPDATE @t SET v = REPEAT('long', 900) WHERE id = 1;
INSERT INTO @t VALUES (501, 'x');
ALTER TABLE @t DROP INDEX @u;
UPDATE @t SET v = 'short' WHERE id = 1;

# A table comes from another database and goes there => re-based
CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));
CREATE DATABASE @db;
CREATE TABLE @db.x (id int PRIMARY KEY, v varchar(4000));
INSERT INTO @t VALUES (1, 'a');
INSERT INTO @db.x VALUES (1, 'from elsewhere');
--
RENAME TABLE @db.x TO @u;
INSERT INTO @u VALUES (2, 'here');
ALTER TABLE @u RENAME TO @db.y;
INSERT INTO @db.y VALUES (3, 'elsewhere');
ALTER TABLE @db.y ADD COLUMN n int;
DROP DATABASE @db;

# Names with quotes, dots, upper case and unicode => right
CREATE TABLE `@T. ``x"` (`I d` int PRIMARY KEY, `V.'v` text);
INSERT INTO `@T. ``x"` VALUES (1, 'a');
--
ALTER TABLE `@T. ``x"` ADD COLUMN `Sélect` int DEFAULT 3;
UPDATE `@T. ``x"` SET `Sélect` = 4;

# Types that only the catalog tells, added => right
ALTER TABLE @t ADD COLUMN a inet6, ADD COLUMN b uuid, ADD COLUMN c json, ADD COLUMN d point, ADD COLUMN f set('x','y'), ADD COLUMN y year, ADD COLUMN g bit(9);
UPDATE @t SET a = '::1', b = '123e4567-e89b-12d3-a456-426655440000', c = '{"a": 1}', f = 'x,y', y = 2026 WHERE id = 1;
