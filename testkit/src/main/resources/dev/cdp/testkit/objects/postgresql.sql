-- One of each kind of object, and the ways in which they need each other.
CREATE EXTENSION hstore;
CREATE SCHEMA "Odd Names";
CREATE SCHEMA ext;
CREATE EXTENSION btree_gist WITH SCHEMA ext;
COMMENT ON SCHEMA public IS 'where the shop lives';
COMMENT ON SCHEMA "Odd Names" IS 'it''s odd';

CREATE COLLATION public.plain (provider = libc, locale = 'C');
CREATE TYPE public.mood AS ENUM ('sad', 'it''s ok', 'happy');
ALTER TYPE public.mood ADD VALUE 'so-so' BEFORE 'happy';
CREATE TYPE public.address AS (street text COLLATE "C", zip varchar(10), tags hstore);
CREATE DOMAIN public.cents AS numeric(12, 2) DEFAULT 0.00 NOT NULL CONSTRAINT not_negative CHECK (VALUE >= 0);
CREATE DOMAIN public.code AS text COLLATE "C";
ALTER DOMAIN public.code ADD CONSTRAINT short CHECK (length(VALUE) < 9) NOT VALID;
CREATE FUNCTION public.time_difference(time, time) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT
    RETURN extract(epoch FROM $1 - $2)::float8;
CREATE TYPE public.hours AS RANGE (subtype = time, subtype_diff = public.time_difference);
COMMENT ON TYPE public.mood IS 'how one feels';
COMMENT ON DOMAIN public.cents IS 'money';
COMMENT ON CONSTRAINT not_negative ON DOMAIN public.cents IS 'no debts';

CREATE SEQUENCE public.tickets AS integer START 100 INCREMENT BY 5 MAXVALUE 10000 CYCLE CACHE 10;
SELECT setval('public.tickets', 250);
CREATE SEQUENCE public.untouched;

CREATE FUNCTION public.ticket() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN format('T-%s {?} %s', nextval('public.tickets'), $q$quoted$q$);
END $$;

CREATE TABLE public.customers (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 2) PRIMARY KEY,
    name varchar(200) COLLATE public.plain NOT NULL DEFAULT 'nobody',
    email text,
    mood public.mood DEFAULT 'happy',
    home public.address,
    moods public.mood[] DEFAULT '{sad,happy}',
    open_hours public.hours,
    balance public.cents,
    born date DEFAULT '2000-02-29' CHECK (born > '1900-01-01'),
    lower_name text GENERATED ALWAYS AS (lower(name)) STORED,
    ticket text DEFAULT public.ticket(),
    payload bytea,
    CONSTRAINT email_or_home CHECK (email IS NOT NULL OR home IS NOT NULL) NO INHERIT,
    UNIQUE (email) INCLUDE (name) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE public.customers ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE public.customers ALTER COLUMN payload SET COMPRESSION pglz;
ALTER TABLE public.customers ALTER COLUMN name SET STATISTICS 500;
ALTER TABLE public.customers ALTER COLUMN name SET (n_distinct = -0.5);
ALTER TABLE public.customers ADD CONSTRAINT later CHECK (length(name) > 1) NOT VALID;
COMMENT ON TABLE public.customers IS 'who buys';
COMMENT ON COLUMN public.customers.name IS 'as printed; even "quoted"';
COMMENT ON CONSTRAINT email_or_home ON public.customers IS 'one of them';

-- A default that needs the table, and a function that needs its row type.
CREATE FUNCTION public.newest(public.customers) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT max(id) FROM public.customers';
ALTER TABLE public.customers ADD COLUMN newest bigint DEFAULT public.newest(NULL::public.customers);

CREATE TABLE "Odd Names"."Order's ""Lines"" here" (
    "Id" serial,
    "select" integer NOT NULL REFERENCES public.customers (id) ON DELETE CASCADE DEFERRABLE,
    "column with space" numeric(5, 2) DEFAULT 1 + 1,
    during tstzrange,
    PRIMARY KEY ("Id", "select"),
    EXCLUDE USING gist ("select" WITH =, during WITH &&) WHERE ("select" > 0)
);
ALTER TABLE "Odd Names"."Order's ""Lines"" here" CLUSTER ON "Order's ""Lines"" here_pkey";
ALTER TABLE "Odd Names"."Order's ""Lines"" here" ADD CONSTRAINT "slow fk" FOREIGN KEY ("Id") REFERENCES public.customers (id) NOT VALID;

-- Inheritance: at once, with an own check and an own NOT NULL, and with columns in another order.
CREATE TABLE public.animal (id int NOT NULL, name text DEFAULT 'animal', CONSTRAINT named CHECK (name <> ''));
CREATE TABLE public.dog (barks boolean DEFAULT true) INHERITS (public.animal);
ALTER TABLE public.dog ALTER COLUMN name SET DEFAULT 'dog';
ALTER TABLE public.dog ALTER COLUMN name SET NOT NULL;
ALTER TABLE public.dog ADD CONSTRAINT loud CHECK (barks);
CREATE TABLE public.cat (purrs boolean, name text, id int NOT NULL, CONSTRAINT named CHECK (name <> ''));
ALTER TABLE public.cat INHERIT public.animal;

-- Partitions: nested, with keys, indexes, foreign keys and a trigger from above.
CREATE TABLE public.events (at date NOT NULL, kind text NOT NULL DEFAULT 'x', who bigint REFERENCES public.customers (id), n int)
    PARTITION BY RANGE (at);
CREATE TABLE public.events_old PARTITION OF public.events FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE public.events_2024 (n int, at date NOT NULL, dropped int, kind text NOT NULL, who bigint);
ALTER TABLE public.events_2024 DROP COLUMN dropped;
ALTER TABLE public.events ATTACH PARTITION public.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE public.events_new PARTITION OF public.events FOR VALUES FROM ('2025-01-01') TO (MAXVALUE) PARTITION BY LIST (kind);
CREATE TABLE public.events_new_a PARTITION OF public.events_new FOR VALUES IN ('a', 'it''s');
CREATE TABLE public.events_new_rest PARTITION OF public.events_new DEFAULT WITH (fillfactor = 60);
ALTER TABLE public.events ADD PRIMARY KEY (at, kind);
ALTER TABLE public.events ADD CONSTRAINT positive CHECK (n > 0);
ALTER TABLE public.events_old ADD CONSTRAINT old_only CHECK (n < 10);
CREATE INDEX events_by_who ON public.events (who) WHERE n > 1;
CREATE UNIQUE INDEX events_new_a_n ON public.events_new_a (n);
CREATE TABLE public.hashed (id int PRIMARY KEY, v text) PARTITION BY HASH (id);
CREATE TABLE public.hashed_0 PARTITION OF public.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.hashed_1 PARTITION OF public.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE public.refers_to_hashed (id int REFERENCES public.hashed (id) ON UPDATE CASCADE);

CREATE TYPE public.point_of_sale AS (id int, label text);
CREATE TABLE public.sales_points OF public.point_of_sale (id WITH OPTIONS NOT NULL, PRIMARY KEY (id));
CREATE UNLOGGED TABLE public.scratch (id int, CHECK (id > 0));
CREATE TABLE public.empty ();
CREATE TABLE public.keyless (a int, b text);
ALTER TABLE public.keyless REPLICA IDENTITY FULL;
CREATE TABLE public.identified (a int NOT NULL, b text);
CREATE UNIQUE INDEX identified_by ON public.identified (a);
ALTER TABLE public.identified REPLICA IDENTITY USING INDEX identified_by;

CREATE INDEX customers_lower ON public.customers USING btree (lower(email) text_pattern_ops DESC NULLS LAST) INCLUDE (id) WITH (fillfactor = 50) WHERE mood = 'sad';
ALTER INDEX public.customers_lower ALTER COLUMN 1 SET STATISTICS 50;
COMMENT ON INDEX public.customers_lower IS 'for the search';
CREATE STATISTICS public.born_and_mood (dependencies, ndistinct) ON born, mood FROM public.customers;
ALTER STATISTICS public.born_and_mood SET STATISTICS 7;

-- Views: in another order than their names, through a function, grouped by a key, recursive, updatable.
CREATE VIEW public.z_base AS SELECT c.id, c.name, (c.home).zip AS "Zip Code", public.ticket() AS t FROM public.customers c;
CREATE VIEW public.a_top WITH (security_barrier) AS SELECT * FROM public.z_base WHERE id > 5 WITH LOCAL CHECK OPTION;
CREATE VIEW public.by_key AS SELECT c.id, c.name, c.email, count(*) AS n FROM public.customers c JOIN public.events e ON e.who = c.id GROUP BY c.id;
CREATE VIEW public.circle AS SELECT 1 AS one, 'x'::varchar(5) COLLATE "C" AS two;
CREATE FUNCTION public.of_circle() RETURNS SETOF public.circle LANGUAGE sql AS 'SELECT 1, NULL::varchar(5)';
CREATE OR REPLACE VIEW public.circle AS SELECT one, (two::varchar(5)) COLLATE "C" AS two FROM public.of_circle();
CREATE VIEW public.numbers AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n;
ALTER VIEW public.a_top ALTER COLUMN name SET DEFAULT 'viewed';
COMMENT ON VIEW public.a_top IS 'top';
COMMENT ON COLUMN public.a_top.name IS 'a column of a view';
CREATE MATERIALIZED VIEW public.z_totals WITH (fillfactor = 90) AS SELECT kind, sum(n) AS total FROM public.events GROUP BY kind;
CREATE UNIQUE INDEX totals_kind ON public.z_totals (kind);
CREATE MATERIALIZED VIEW public.a_grand AS SELECT sum(total) AS grand FROM public.z_totals;
CREATE MATERIALIZED VIEW public.not_yet AS SELECT 1 AS one WITH NO DATA;
CREATE MATERIALIZED VIEW public.m_by_key AS SELECT c.id, c.name FROM public.customers c GROUP BY c.id;
COMMENT ON MATERIALIZED VIEW public.z_totals IS 'sums';

CREATE FUNCTION public.atomic_total(k text DEFAULT 'x') RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE COST 7
BEGIN ATOMIC
    SELECT total FROM public.z_totals WHERE kind = k;
    SELECT sum(n)::numeric FROM public.events WHERE kind = k;
END;
CREATE PROCEDURE "Odd Names"."Do It"(INOUT a int, VARIADIC b text[] DEFAULT '{}') LANGUAGE plpgsql SET search_path = public, pg_temp SECURITY DEFINER AS $p$ BEGIN a := a + 1; END $p$;
CREATE FUNCTION public.counts(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql ROWS 5 LEAKPROOF AS $$SELECT 1, 'x'$$;
CREATE FUNCTION public.table_of(n int) RETURNS TABLE (x int, y text) LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT n, 'y'; END $$;
COMMENT ON FUNCTION public.ticket() IS 'next ticket';
COMMENT ON PROCEDURE "Odd Names"."Do It"(int, text[]) IS 'does it';

CREATE FUNCTION public.add_up(int, int) RETURNS int LANGUAGE sql IMMUTABLE RETURN coalesce($1, 0) + coalesce($2, 0);
CREATE AGGREGATE public.total(int) (SFUNC = public.add_up, STYPE = int, INITCOND = '0', COMBINEFUNC = public.add_up, PARALLEL = SAFE);
CREATE AGGREGATE public.always(*) (SFUNC = int4inc, STYPE = int, INITCOND = '0');
COMMENT ON AGGREGATE public.always(*) IS 'counts';
CREATE OPERATOR public.@+@ (FUNCTION = public.add_up, LEFTARG = int, RIGHTARG = int, COMMUTATOR = OPERATOR(public.@+@));
CREATE VIEW public.operated AS SELECT 1 OPERATOR(public.@+@) 2 AS three, public.total(i) AS t FROM public.numbers;
CREATE FUNCTION public.mood_of(int) RETURNS public.mood LANGUAGE sql IMMUTABLE RETURN 'sad'::public.mood;
CREATE CAST (int AS public.mood) WITH FUNCTION public.mood_of(int) AS ASSIGNMENT;
COMMENT ON CAST (int AS public.mood) IS 'all are sad';

CREATE TEXT SEARCH DICTIONARY public.plain_words (TEMPLATE = pg_catalog.simple, stopwords = 'english');
CREATE TEXT SEARCH CONFIGURATION public.search (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.search ALTER MAPPING FOR asciiword WITH public.plain_words, english_stem;

CREATE FUNCTION public.on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER changed BEFORE UPDATE OF name, email ON public.customers FOR EACH ROW WHEN (old.name IS DISTINCT FROM new.name) EXECUTE FUNCTION public.on_change('a', 'it''s');
CREATE TRIGGER off BEFORE INSERT ON public.customers FOR EACH ROW EXECUTE FUNCTION public.on_change();
ALTER TABLE public.customers DISABLE TRIGGER off;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.customers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.on_change();
ALTER TABLE public.customers ENABLE ALWAYS TRIGGER late;
CREATE TRIGGER on_events AFTER INSERT ON public.events FOR EACH ROW EXECUTE FUNCTION public.on_change();
ALTER TABLE public.events_old DISABLE TRIGGER on_events;
CREATE TRIGGER instead INSTEAD OF INSERT ON public.z_base FOR EACH ROW EXECUTE FUNCTION public.on_change();
COMMENT ON TRIGGER changed ON public.customers IS 'a trigger';
CREATE RULE no_delete AS ON DELETE TO public.keyless DO INSTEAD NOTHING;
CREATE RULE quiet AS ON INSERT TO public.identified DO ALSO SELECT 1;
ALTER TABLE public.identified DISABLE RULE quiet;

ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customers FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON public.customers AS RESTRICTIVE FOR UPDATE TO cdp_test_reader, cdp_test_owner USING (name = current_user) WITH CHECK (id > 0);
CREATE POLICY everyone ON public.customers USING (true);

-- Ownership and privileges.
ALTER TABLE public.keyless OWNER TO cdp_test_owner;
ALTER SCHEMA "Odd Names" OWNER TO cdp_test_owner;
ALTER FUNCTION public.ticket() OWNER TO cdp_test_owner;
ALTER AGGREGATE public.always(*) OWNER TO cdp_test_owner;
ALTER TYPE public.mood OWNER TO cdp_test_owner;
GRANT USAGE ON SCHEMA "Odd Names" TO cdp_test_reader;
GRANT CREATE ON SCHEMA public TO cdp_test_reader;
GRANT SELECT, INSERT ON public.customers TO cdp_test_reader WITH GRANT OPTION;
GRANT SELECT (a), UPDATE (b) ON public.keyless TO PUBLIC;
REVOKE DELETE, TRUNCATE ON public.keyless FROM cdp_test_owner;
GRANT USAGE ON SEQUENCE public.tickets TO cdp_test_reader;
REVOKE EXECUTE ON FUNCTION public.ticket() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.ticket() TO cdp_test_reader;
REVOKE USAGE ON TYPE public.mood FROM PUBLIC;
GRANT SELECT ON public.z_totals TO cdp_test_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE cdp_test_owner IN SCHEMA public GRANT SELECT ON TABLES TO cdp_test_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE cdp_test_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- An event trigger that is not ours.
CREATE FUNCTION public.on_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch_drops ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP INDEX') EXECUTE FUNCTION public.on_drop();
ALTER EVENT TRIGGER watch_drops DISABLE;

REFRESH MATERIALIZED VIEW public.z_totals;
REFRESH MATERIALIZED VIEW public.a_grand;
