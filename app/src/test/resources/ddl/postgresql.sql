-- Statements that change definitions, each between rows that are written. Format: DdlCase.

# ADD COLUMN => right
ALTER TABLE t ADD COLUMN n int;
UPDATE t SET n = 7 WHERE id = 1;

# ADD COLUMN DEFAULT constant => right
ALTER TABLE t ADD COLUMN n numeric(8,3) DEFAULT 1.500, ADD COLUMN b bool DEFAULT true, ADD COLUMN y bytea DEFAULT '\x00ff', ADD COLUMN w text DEFAULT 'it''s "old", \ {so}';
UPDATE t SET n = 2 WHERE id = 1;
ALTER TABLE t ALTER n SET DEFAULT 9, ALTER w DROP DEFAULT;
INSERT INTO t (id) VALUES (501);

# ADD COLUMN DEFAULT arrays, ranges, times => right
ALTER TABLE t ADD COLUMN a int[] DEFAULT '{1,NULL,3}', ADD COLUMN r int4range DEFAULT '[1,5)', ADD COLUMN m timestamptz DEFAULT '2026-01-02 03:04:05+02', ADD COLUMN i interval DEFAULT '1 mon -2 days', ADD COLUMN j jsonb DEFAULT '{"a": [1, "x"]}', ADD COLUMN f float8 DEFAULT 'NaN', ADD COLUMN s text[] DEFAULT '{"a b","c\"d",NULL,"NULL"}';
DELETE FROM t WHERE id = 2;

# ADD COLUMN DEFAULT now() => right
ALTER TABLE t ADD COLUMN m timestamptz DEFAULT now();
INSERT INTO t (id) VALUES (501);

# ADD COLUMN DEFAULT random() => re-based
ALTER TABLE t ADD COLUMN n float8 DEFAULT random() + 0.1;
UPDATE t SET n = 2.5 WHERE id = 1;

# ADD COLUMN NOT NULL DEFAULT => right
ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 42;
INSERT INTO t (id, n) VALUES (501, 43);

# ADD COLUMN GENERATED STORED => re-based
ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED;
INSERT INTO t (id) VALUES (501);

# DROP EXPRESSION => re-based
CREATE TABLE t (id int PRIMARY KEY, v text, twice int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION;
UPDATE t SET twice = 0 WHERE id = 1;

# ADD COLUMN GENERATED AS IDENTITY => re-based
ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS IDENTITY;
INSERT INTO t (id) VALUES (501);

# ADD COLUMN serial => re-based
ALTER TABLE t ADD COLUMN n serial;
INSERT INTO t (id) VALUES (501);

# ADD COLUMN of a domain with a default => re-based
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE DOMAIN @.positive AS int DEFAULT 5 CHECK (VALUE > 0);
--
ALTER TABLE t ADD COLUMN n positive;
INSERT INTO t (id, n) VALUES (501, 6);

# ADD COLUMN after a row in the same transaction => right
BEGIN;
INSERT INTO t VALUES (501, 'before');
ALTER TABLE t ADD COLUMN n int DEFAULT 3;
INSERT INTO t VALUES (502, 'after', 4);
UPDATE t SET n = 5 WHERE id = 501;
COMMIT;

# ADD COLUMN IF NOT EXISTS => right
ALTER TABLE t ADD COLUMN IF NOT EXISTS v int DEFAULT 3;
ALTER TABLE t ADD COLUMN IF NOT EXISTS n int DEFAULT 3;

# DROP COLUMN => right
ALTER TABLE t DROP COLUMN v;
INSERT INTO t VALUES (501);
ALTER TABLE t ADD COLUMN v text DEFAULT 'again';
UPDATE t SET v = 'changed' WHERE id = 1;

# DROP COLUMN IF EXISTS, ADD another, in one => right
ALTER TABLE t DROP COLUMN v, ADD COLUMN v int DEFAULT 8, ADD COLUMN z text;

# RENAME COLUMN => right
ALTER TABLE t RENAME COLUMN v TO w;
UPDATE t SET w = 'changed' WHERE id = 1;
ALTER TABLE t RENAME COLUMN id TO key;
INSERT INTO t VALUES (501, 'new');
ALTER TABLE t RENAME COLUMN key TO id;

# RENAME COLUMN, two exchanged => right
CREATE TABLE t (id int PRIMARY KEY, v text, w text);
INSERT INTO t VALUES (1, 'v', 'w'), (2, 'vv', 'ww');
--
BEGIN;
ALTER TABLE t RENAME COLUMN v TO x;
ALTER TABLE t RENAME COLUMN w TO v;
UPDATE t SET v = 'between' WHERE id = 1;
ALTER TABLE t RENAME COLUMN x TO w;
COMMIT;
INSERT INTO t VALUES (501, 'ww', 'vv');

# RENAME TABLE => right
ALTER TABLE t RENAME TO u;
INSERT INTO u VALUES (501, 'new');
ALTER TABLE u RENAME TO t;

# RENAME a TO b, c TO a in one transaction => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE ghost (id int PRIMARY KEY, v text, n bigint DEFAULT 1);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO ghost SELECT id, v, 2 FROM t;
--
BEGIN;
ALTER TABLE t RENAME TO old;
ALTER TABLE ghost RENAME TO t;
COMMIT;
INSERT INTO t VALUES (501, 'new', 9);
INSERT INTO old VALUES (502, 'old');
DROP TABLE old;

# Two tables exchanged => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE u (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO u VALUES (1, 'c'), (3, 'd');
--
BEGIN;
ALTER TABLE t RENAME TO x;
ALTER TABLE u RENAME TO t;
UPDATE t SET v = 'was u' WHERE id = 1;
ALTER TABLE x RENAME TO u;
COMMIT;
DELETE FROM u WHERE id = 2;

# A table made anew beside the old, filled and exchanged => re-based
BEGIN;
CREATE TABLE ghost (LIKE t INCLUDING ALL);
ALTER TABLE ghost ALTER COLUMN id TYPE bigint;
INSERT INTO ghost SELECT * FROM t;
ALTER TABLE t RENAME TO old;
ALTER TABLE ghost RENAME TO t;
DROP TABLE old;
COMMIT;
INSERT INTO t VALUES (5000000000, 'large');

# ALTER SCHEMA RENAME => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE SCHEMA @_one;
CREATE TABLE @_one.u (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a');
INSERT INTO @_one.u VALUES (1, 'b');
--
ALTER SCHEMA @_one RENAME TO @_two;
INSERT INTO @_two.u VALUES (2, 'c');

# SET SCHEMA => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE SCHEMA @_other;
INSERT INTO t VALUES (1, 'a');
--
ALTER TABLE t SET SCHEMA @_other;
INSERT INTO @_other.t VALUES (2, 'c');
ALTER TABLE @_other.t SET SCHEMA @;

# TYPE varchar to a longer one, to text => right
CREATE TABLE t (id int PRIMARY KEY, v varchar(20));
INSERT INTO t VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE t ALTER v TYPE varchar(200);
UPDATE t SET v = repeat('long ', 30) WHERE id = 1;
ALTER TABLE t ALTER v TYPE text;

# TYPE varchar to a shorter one USING => re-based
CREATE TABLE t (id int PRIMARY KEY, v varchar(200));
INSERT INTO t VALUES (1, 'abcdefgh'), (2, 'b');
--
ALTER TABLE t ALTER v TYPE varchar(3) USING left(v, 3);
UPDATE t SET v = 'x' WHERE id = 2;

# TYPE text USING another text => re-based
ALTER TABLE t ALTER v TYPE text USING upper(v) || '!';
UPDATE t SET v = 'x' WHERE id = 2;

# TYPE int to bigint => re-based
CREATE TABLE t (id int PRIMARY KEY, v text, n int);
INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2);
--
ALTER TABLE t ALTER n TYPE bigint;
UPDATE t SET n = 5000000000 WHERE id = 1;

# TYPE of the key, int to bigint => re-based
ALTER TABLE t ALTER id TYPE bigint;
INSERT INTO t VALUES (5000000000, 'large');
DELETE FROM t WHERE id = 2;

# TYPE text to int USING => re-based
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, '0010'), (2, '20');
--
ALTER TABLE t ALTER v TYPE int USING substr(v, 1, 2)::int;
UPDATE t SET v = 30 WHERE id = 1;

# TYPE int to text => re-based
CREATE TABLE t (id int PRIMARY KEY, v int);
INSERT INTO t VALUES (1, 10), (2, NULL);
--
ALTER TABLE t ALTER v TYPE text;
UPDATE t SET v = 'x' WHERE id = 1;

# TYPE numeric, more digits => re-based
CREATE TABLE t (id int PRIMARY KEY, v numeric(10,2));
INSERT INTO t VALUES (1, 10.5), (2, NULL);
--
ALTER TABLE t ALTER v TYPE numeric(14,2);
UPDATE t SET v = 100000000000.25 WHERE id = 1;

# TYPE numeric, another scale => re-based
CREATE TABLE t (id int PRIMARY KEY, v numeric(10,2));
INSERT INTO t VALUES (1, 10.55), (2, NULL);
--
ALTER TABLE t ALTER v TYPE numeric(10,1);
UPDATE t SET v = 3 WHERE id = 2;

# TYPE timestamp to timestamptz in another zone => re-based
CREATE TABLE t (id int PRIMARY KEY, v timestamp);
INSERT INTO t VALUES (1, '2026-03-04 05:06:07.8'), (2, 'infinity');
--
BEGIN;
SET LOCAL TimeZone = 'Asia/Kolkata';
ALTER TABLE t ALTER v TYPE timestamptz;
SET LOCAL TimeZone = 'UTC';
COMMIT;
UPDATE t SET v = '2026-01-01' WHERE id = 2;

# TYPE timestamp to timestamptz and back, nothing rewritten => re-based
CREATE TABLE t (id int PRIMARY KEY, v timestamp);
INSERT INTO t VALUES (1, '2026-03-04 05:06:07.8'), (2, 'infinity');
--
ALTER TABLE t ALTER v TYPE timestamptz;
UPDATE t SET v = '2026-01-01' WHERE id = 2;
ALTER TABLE t ALTER v TYPE timestamp;

# TYPE char(n) to text => re-based
CREATE TABLE t (id int PRIMARY KEY, v char(6));
INSERT INTO t VALUES (1, 'a'), (2, '');
--
ALTER TABLE t ALTER v TYPE text;
INSERT INTO t VALUES (501, 'longer than that');

# TYPE text to an enumeration => re-based
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'ok'), (2, 'bad');
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
--
ALTER TABLE t ALTER v TYPE mood USING (CASE WHEN v LIKE 'ok%' THEN 'ok' ELSE 'bad' END)::mood;
UPDATE t SET v = 'ok';

# TYPE cidr to inet, nothing rewritten => re-based
CREATE TABLE t (id int PRIMARY KEY, v cidr);
INSERT INTO t VALUES (1, '10.0.0.0/8'), (2, '::1');
--
ALTER TABLE t ALTER v TYPE inet;
INSERT INTO t VALUES (501, '10.1.2.3/8');

# TYPE another collation => right
ALTER TABLE t ALTER v TYPE text COLLATE "C";
UPDATE t SET v = 'Ä' WHERE id = 1;

# ALTER TYPE ADD VALUE => right
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE TABLE t (id int PRIMARY KEY, v mood);
INSERT INTO t VALUES (1, 'ok'), (2, 'bad');
--
ALTER TYPE mood ADD VALUE 'fine' BEFORE 'bad';
UPDATE t SET v = 'fine' WHERE id = 2;

# ALTER TYPE RENAME VALUE => re-based
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE TABLE t (id int PRIMARY KEY, v mood);
INSERT INTO t VALUES (1, 'ok'), (2, 'bad');
--
ALTER TYPE mood RENAME VALUE 'ok' TO 'add value';
UPDATE t SET v = 'add value' WHERE id = 2;

# ALTER TYPE RENAME VALUE and ADD VALUE in one string => re-based
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE TABLE t (id int PRIMARY KEY, v mood);
INSERT INTO t VALUES (1, 'ok'), (2, 'bad');
--
DO $$ BEGIN ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; ALTER TYPE mood ADD VALUE 'more'; END $$;

# ALTER TYPE RENAME VALUE inside of arrays, domains, composites and ranges => re-based
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE DOMAIN @.feeling AS mood NOT NULL;
CREATE TYPE @.pair AS (m mood, n int);
CREATE TYPE @.moods AS RANGE (subtype = mood);
CREATE TABLE t (id int PRIMARY KEY, v mood[]);
CREATE TABLE d (id int PRIMARY KEY, v feeling);
CREATE TABLE c (id int PRIMARY KEY, v pair);
CREATE TABLE r (id int PRIMARY KEY, v moods);
CREATE TABLE x (id int PRIMARY KEY, v pair[]);
INSERT INTO t VALUES (1, '{ok,bad}');
INSERT INTO d VALUES (1, 'ok');
INSERT INTO c VALUES (1, '(ok,1)');
INSERT INTO r VALUES (1, '[ok,bad]');
INSERT INTO x VALUES (1, '{"(ok,1)"}');
--
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
INSERT INTO c VALUES (2, '(fine,1)');

# ALTER TYPE of an enumeration RENAME TO => re-based
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE TABLE t (id int PRIMARY KEY, v mood);
INSERT INTO t VALUES (1, 'ok'), (2, 'bad');
--
ALTER TYPE mood RENAME TO feeling;
INSERT INTO t VALUES (501, 'ok');

# ALTER TYPE ADD ATTRIBUTE => re-based
CREATE TYPE @.pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, v pair);
INSERT INTO t VALUES (1, '(1,x)'), (2, NULL);
--
ALTER TYPE pair ADD ATTRIBUTE c int;
INSERT INTO t VALUES (501, '(1,x,3)');

# ALTER TYPE DROP ATTRIBUTE => re-based
CREATE TYPE @.pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, v pair);
CREATE TABLE u (id int PRIMARY KEY, v pair[]);
INSERT INTO t VALUES (1, '(1,x)'), (2, NULL);
INSERT INTO u VALUES (1, '{"(1,x)"}');
--
ALTER TYPE pair DROP ATTRIBUTE b;
INSERT INTO t VALUES (501, '(1)');

# ALTER TYPE ADD ATTRIBUTE CASCADE to a typed table => right
CREATE TYPE @.pair AS (id int, v text);
CREATE TABLE t OF pair (PRIMARY KEY (id));
INSERT INTO t VALUES (1, 'x'), (2, NULL);
--
ALTER TYPE pair ADD ATTRIBUTE c int CASCADE;
INSERT INTO t VALUES (501, 'x', 3);

# ADD COLUMN to a table whose row is another's column => re-based
CREATE TABLE part (id int PRIMARY KEY, n text);
CREATE TABLE t (id int PRIMARY KEY, v part);
INSERT INTO t VALUES (1, '(1,x)'), (2, NULL);
--
ALTER TABLE part ADD COLUMN more int;
INSERT INTO t VALUES (501, '(1,x,3)');

# ALTER DOMAIN => re-based
CREATE DOMAIN @.amount AS numeric(8,2);
CREATE TABLE t (id int PRIMARY KEY, v amount);
INSERT INTO t VALUES (1, 1.5), (2, NULL);
--
ALTER DOMAIN amount SET DEFAULT 4;
INSERT INTO t (id) VALUES (501);
ALTER DOMAIN amount ADD CHECK (VALUE > 0);

# DROP TYPE CASCADE of a column's type => right
CREATE TYPE @.mood AS ENUM ('ok', 'bad');
CREATE TABLE t (id int PRIMARY KEY, v mood, w text);
INSERT INTO t VALUES (1, 'ok', 'a'), (2, 'bad', 'b');
--
DROP TYPE mood CASCADE;
UPDATE t SET w = 'c' WHERE id = 1;

# A name in a column of regclass is changed => re-based
CREATE TABLE target (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, v regclass);
INSERT INTO t VALUES (1, '@.target'), (2, NULL);
--
ALTER TABLE target RENAME TO named_anew;
INSERT INTO t VALUES (501, '@.named_anew');

# A name in a column of regclass is dropped => re-based
CREATE VIEW target AS SELECT 1 AS one;
CREATE TABLE t (id int PRIMARY KEY, v regclass[]);
INSERT INTO t VALUES (1, '{@.target}'), (2, NULL);
--
DROP VIEW target;
INSERT INTO t VALUES (501, '{}');

# SET and DROP DEFAULT => right
ALTER TABLE t ALTER v SET DEFAULT 'new';
INSERT INTO t (id) VALUES (501);
ALTER TABLE t ALTER v DROP DEFAULT;
INSERT INTO t (id) VALUES (502);

# SET and DROP NOT NULL => right
BEGIN;
LOCK TABLE t;
DELETE FROM t WHERE v IS NULL;
ALTER TABLE t ALTER v SET NOT NULL;
COMMIT;
UPDATE t SET v = 'set' WHERE id = 1;
ALTER TABLE t ALTER v DROP NOT NULL;

# ADD PRIMARY KEY to a table with full identity => re-based
CREATE TABLE t (id int NOT NULL, v text);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'b');
--
BEGIN;
LOCK TABLE t;
DELETE FROM t a USING t b WHERE a.ctid > b.ctid AND a.id = b.id;
ALTER TABLE t ADD PRIMARY KEY (id);
COMMIT;
UPDATE t SET v = 'keyed' WHERE id = 1;

# DROP PRIMARY KEY of a table with full identity => re-based
CREATE TABLE t (id int PRIMARY KEY, v text);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (1, 'a'), (2, 'b');
--
ALTER TABLE t DROP CONSTRAINT t_pkey;
INSERT INTO t VALUES (1, 'a'), (1, 'a');
DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE id = 1);

# Another PRIMARY KEY => re-based
CREATE TABLE t (id int PRIMARY KEY, v text, n int NOT NULL);
INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20);
--
ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (n);
UPDATE t SET id = 3 WHERE n = 20;
INSERT INTO t VALUES (3, 'c', 30);

# DROP PRIMARY KEY with default identity => left out
ALTER TABLE t DROP CONSTRAINT t_pkey;
UPDATE t SET v = 'nobody tells' WHERE id = 1;
ALTER TABLE t ADD COLUMN n serial PRIMARY KEY;
UPDATE t SET v = 'told again' WHERE n = 1;

# REPLICA IDENTITY FULL and back => right
ALTER TABLE t REPLICA IDENTITY FULL;
UPDATE t SET v = 'full' WHERE id = 1;
ALTER TABLE t REPLICA IDENTITY DEFAULT;
UPDATE t SET v = 'default' WHERE id = 1;

# REPLICA IDENTITY USING INDEX => re-based
CREATE TABLE t (id int PRIMARY KEY, v text, n int NOT NULL);
CREATE UNIQUE INDEX t_n ON t (n);
INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20);
--
ALTER TABLE t REPLICA IDENTITY USING INDEX t_n;
UPDATE t SET v = 'by n' WHERE id = 1;
UPDATE t SET n = 11 WHERE id = 1;

# DROP INDEX that is the replica identity => left out
CREATE TABLE t (id int PRIMARY KEY, v text, n int NOT NULL);
CREATE UNIQUE INDEX t_n ON t (n);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_n;
INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20);
--
DROP INDEX t_n;
UPDATE t SET v = 'still allowed' WHERE id = 1;
ALTER TABLE t REPLICA IDENTITY DEFAULT;
UPDATE t SET v = 'told again' WHERE id = 2;

# REPLICA IDENTITY NOTHING => left out
ALTER TABLE t REPLICA IDENTITY NOTHING;
UPDATE t SET v = 'nobody tells' WHERE id = 1;

# DROP TABLE, the same again => right
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'second life');

# DROP TABLE, another of that name in one transaction => right
BEGIN;
UPDATE t SET v = 'last' WHERE id = 1;
DROP TABLE t;
CREATE TABLE t (id text PRIMARY KEY, other jsonb);
INSERT INTO t VALUES ('1', '{"second": "life"}');
COMMIT;
UPDATE t SET other = NULL WHERE id = '1';

# CREATE TABLE => right
CREATE TABLE u (id int PRIMARY KEY, v text);
INSERT INTO u VALUES (1, 'a');

# CREATE TABLE with rows in its transaction => right
BEGIN;
CREATE TABLE u (id int PRIMARY KEY, v text);
INSERT INTO u VALUES (1, 'a');
ALTER TABLE u ADD COLUMN n int DEFAULT 5;
INSERT INTO u VALUES (2, 'b', 6);
COMMIT;

# CREATE SCHEMA with tables => right
CREATE SCHEMA @_new CREATE TABLE u (id int PRIMARY KEY, v text) CREATE TABLE w (id int PRIMARY KEY);
INSERT INTO @_new.u VALUES (1, 'a');
DROP SCHEMA @_new CASCADE;

# CREATE TABLE AS => re-based
BEGIN;
CREATE TABLE u AS SELECT * FROM t;
ALTER TABLE u ADD PRIMARY KEY (id);
INSERT INTO u VALUES (501, 'new');
COMMIT;
UPDATE u SET v = 'changed';

# SELECT INTO => re-based
BEGIN;
SELECT * INTO u FROM t;
ALTER TABLE u REPLICA IDENTITY FULL;
COMMIT;
DELETE FROM u WHERE id = 1;

# CREATE TABLE LIKE INCLUDING ALL => right
CREATE TABLE u (LIKE t INCLUDING ALL);
INSERT INTO u SELECT * FROM t;

# TRUNCATE => right
TRUNCATE t;
INSERT INTO t VALUES (1, 'again');
BEGIN;
INSERT INTO t VALUES (502, 'gone');
TRUNCATE t;
INSERT INTO t VALUES (503, 'stays');
COMMIT;

# TRUNCATE CASCADE => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (1, 1), (2, 2);
--
TRUNCATE t CASCADE;
INSERT INTO t VALUES (1, 'again');

# TRUNCATE RESTART IDENTITY => right
CREATE TABLE t (id int PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, v text);
INSERT INTO t (v) VALUES ('a'), ('b');
--
TRUNCATE t RESTART IDENTITY;
INSERT INTO t (v) VALUES ('again') ON CONFLICT DO NOTHING;

# Partitions: create, move, truncate a leaf, detach, attach, drop => right
CREATE TABLE p (id int, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE TABLE loose (id int, day date, v text, PRIMARY KEY (id, day));
INSERT INTO p SELECT i, '2026-01-10', 'row' FROM generate_series(1, 4) i;
INSERT INTO loose VALUES (1, '2026-06-01', 'loose');
--
CREATE TABLE p3 PARTITION OF p FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
UPDATE p SET day = '2026-02-05' WHERE id = 1;
UPDATE p SET day = '2026-03-05' WHERE id = 2;
ALTER TABLE p ADD COLUMN n int DEFAULT 4;
TRUNCATE p1;
INSERT INTO p VALUES (7, '2026-01-20', 'again', 5);
ALTER TABLE p DETACH PARTITION p2;
INSERT INTO p2 VALUES (8, '2027-02-20', 'detached', 5);
ALTER TABLE loose ADD COLUMN n int DEFAULT 4;
ALTER TABLE p ATTACH PARTITION loose FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');
INSERT INTO p VALUES (8, '2026-06-20', 'attached', 5);
ALTER TABLE p RENAME COLUMN v TO w;
DROP TABLE p3;
UPDATE p SET w = 'through the root';
TRUNCATE p;
DROP TABLE p;

# DETACH PARTITION CONCURRENTLY => right
CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1, 2);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (3, 4);
INSERT INTO p SELECT i, 'row' FROM generate_series(1, 4) i;
--
ALONE ALTER TABLE p DETACH PARTITION p2 CONCURRENTLY;
UPDATE p2 SET v = 'detached';

# TYPE of a column of partitions => re-based
CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY HASH (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p2 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO p SELECT i, i FROM generate_series(1, 4) i;
--
ALTER TABLE p ALTER v TYPE text;
UPDATE p SET v = 'text now' WHERE id < 3;

# Inheritance => right
CREATE TABLE base (id int PRIMARY KEY, v text);
CREATE TABLE t (n int, PRIMARY KEY (id)) INHERITS (base);
INSERT INTO base VALUES (1, 'a');
INSERT INTO t VALUES (2, 'b', 3);
--
ALTER TABLE base ADD COLUMN more text DEFAULT 'm';
UPDATE base SET v = 'both';
ALTER TABLE t NO INHERIT base;
ALTER TABLE base DROP COLUMN more;
ALTER TABLE t DROP COLUMN more;
ALTER TABLE t INHERIT base;
TRUNCATE base;

# ROLLBACK of statements => right
BEGIN;
ALTER TABLE t ADD COLUMN n int DEFAULT 3;
UPDATE t SET n = 4;
DROP TABLE t;
CREATE TABLE t (other int PRIMARY KEY);
INSERT INTO t VALUES (1);
ROLLBACK;
INSERT INTO t VALUES (501, 'as it was');

# Savepoints around statements => right
BEGIN;
INSERT INTO t VALUES (501, 'first');
SAVEPOINT one;
ALTER TABLE t ADD COLUMN gone int DEFAULT 3;
UPDATE t SET gone = 4;
TRUNCATE t;
ROLLBACK TO one;
ALTER TABLE t ADD COLUMN n int DEFAULT 6;
SAVEPOINT two;
INSERT INTO t VALUES (502, 'second', 7);
ALTER TABLE t RENAME v TO w;
RELEASE two;
UPDATE t SET w = 'third' WHERE id = 1;
COMMIT;

# A transaction rolled back that rewrites => right
BEGIN;
ALTER TABLE t ALTER v TYPE bytea USING v::bytea;
ROLLBACK;
UPDATE t SET v = 'text still' WHERE id = 1;

# DO block => right
DO $$ BEGIN ALTER TABLE t ADD COLUMN n int DEFAULT 2; UPDATE t SET n = 3 WHERE id = 1; ALTER TABLE t RENAME v TO w; INSERT INTO t VALUES (501, 'in a block', 4); END $$;

# Statements in a function => re-based
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE FUNCTION @.migrate() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @ AS 'BEGIN EXECUTE ''ALTER TABLE t ADD COLUMN n int DEFAULT 9''; INSERT INTO t VALUES (600, ''f'', 1); ALTER TABLE t ALTER n TYPE text; CREATE TABLE made (id int PRIMARY KEY); INSERT INTO made VALUES (4); END';
--
SELECT migrate();
UPDATE t SET n = 'x' WHERE id = 1;

# An error caught inside of a block => right
DO $$ BEGIN BEGIN ALTER TABLE t ADD COLUMN n int DEFAULT 2; INSERT INTO t VALUES (501, 'void', 1); PERFORM 1/0; EXCEPTION WHEN division_by_zero THEN INSERT INTO t VALUES (502, 'caught'); END; END $$;

# Temporary tables => right
CREATE TEMPORARY TABLE u (id int PRIMARY KEY, v text);
INSERT INTO u VALUES (1, 'nobody sees');
BEGIN;
CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1 AS id, 'hides the other' AS v;
ALTER TABLE t ADD COLUMN n int;
UPDATE pg_temp.t SET v = 'temporary';
COMMIT;
DROP TABLE u;
INSERT INTO t VALUES (501, 'permanent');

# UNLOGGED => left out
CREATE UNLOGGED TABLE u (id int PRIMARY KEY, v text);
INSERT INTO u VALUES (1, 'not protected');

# SET LOGGED => left out
CREATE UNLOGGED TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'unlogged');
--
INSERT INTO t VALUES (501, 'unlogged');
ALTER TABLE t SET LOGGED;
INSERT INTO t VALUES (502, 'logged');

# VACUUM FULL, CLUSTER => right
ALTER TABLE t ADD COLUMN n int DEFAULT 3;
ALONE VACUUM FULL t;
INSERT INTO t VALUES (501, 'after');
ALONE CLUSTER t USING t_pkey;
UPDATE t SET n = NULL WHERE id = 1;

# CREATE INDEX CONCURRENTLY, constraints, storage, statistics => right
ALONE CREATE INDEX CONCURRENTLY t_v ON t (left(v, 10));
ALTER TABLE t ADD CONSTRAINT short CHECK (length(v) < 10000) NOT VALID, ADD UNIQUE (id);
ALTER TABLE t ALTER v SET STORAGE EXTERNAL, ALTER v SET STATISTICS 10, SET (fillfactor = 50);
UPDATE t SET v = repeat('0123456789', 900) WHERE id = 1;
UPDATE t SET id = 700 WHERE id = 1;
COMMENT ON TABLE t IS 'a comment';

# Large values left alone around statements => right
UPDATE t SET v = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i) WHERE id <= 2;
ALTER TABLE t ADD COLUMN n int DEFAULT 1;
UPDATE t SET n = 2 WHERE id = 1;
ALTER TABLE t RENAME v TO w;
UPDATE t SET id = 800, n = 3 WHERE id = 1;
ALTER TABLE t DROP COLUMN n;
UPDATE t SET id = 801 WHERE id = 800;

# Tables without a key and with full identity => right
CREATE TABLE t (id int, v text);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t VALUES (1, 'same'), (1, 'same'), (2, NULL);
--
ALTER TABLE t ADD COLUMN n int DEFAULT 5;
DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE id = 1);
ALTER TABLE t RENAME v TO w;
UPDATE t SET w = 'x' WHERE id = 2;
ALTER TABLE t DROP COLUMN n;
INSERT INTO t VALUES (1, 'same');

# Foreign keys with actions => right
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO t VALUES (901, 'a'), (902, 'b');
INSERT INTO child VALUES (1, 901), (2, 902);
--
DELETE FROM t WHERE id = 901;
UPDATE t SET id = 903 WHERE id = 902;
ALTER TABLE child DROP CONSTRAINT child_t_fkey;

# Names with quotes, upper case, dots and unicode => right
CREATE TABLE "T. ""x"" y" ("I d" int PRIMARY KEY, "V.""v" text);
INSERT INTO "T. ""x"" y" VALUES (1, 'a');
--
ALTER TABLE "T. ""x"" y" ADD COLUMN "Sélect" int DEFAULT 3;
UPDATE "T. ""x"" y" SET "Sélect" = 4;
ALTER TABLE "T. ""x"" y" RENAME TO "table";
INSERT INTO "table" VALUES (2, 'b', 5);

# Names that end with a quotation mark => left out
CREATE TABLE "T. ""x""" (id int PRIMARY KEY, v text);
INSERT INTO "T. ""x""" VALUES (1, 'a');
--
UPDATE "T. ""x""" SET v = 'b';
ALTER TABLE "T. ""x""" RENAME TO t;
INSERT INTO t VALUES (2, 'b');
