package dev.cdp.app.fidelity;

import dev.cdp.testkit.objects.RichPostgres;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;

/** What is done with the objects of {@link RichPostgres}: before the base, and while changes are captured. */
enum PostgresObjects {
    BASE("""
            DO $$ DECLARE without_key regclass; BEGIN
                FOR without_key IN SELECT c.oid FROM pg_class c
                    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relreplident = 'd'
                        AND c.relnamespace IN ('public'::regnamespace, '"Odd Names"'::regnamespace)
                        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
                LOOP EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', without_key); END LOOP;
             END $$;
            INSERT INTO public.customers (name, email, home, moods, open_hours, balance, born, payload) VALUES
                ('Ann', 'ann@x', ROW('Main', '1', 'a=>1, b=>NULL')::public.address, '{sad,so-so}', '[08:00,17:00)', 12.50,
                    '1980-02-29', '\\x00ff'),
                ('Bob', 'bob@x', NULL, NULL, NULL, 0, DEFAULT, NULL),
                ('Żółć', NULL, ROW('', '', '')::public.address, '{}', 'empty', 7, '2026-01-01', '');
            INSERT INTO "Odd Names"."Order's ""Lines"" here" ("Id", "select", during)
                SELECT id, id, '[2026-01-01,2026-02-01)' FROM public.customers;
            INSERT INTO public.animal VALUES (1, 'some');
            INSERT INTO public.dog (id, name, barks) VALUES (2, 'rex', true), (2, 'rex', true);
            INSERT INTO public.cat (id, name, purrs) VALUES (3, 'tom', NULL);
            INSERT INTO public.events (at, kind, who, n) VALUES ('2023-05-05', 'x', 1000, 5), ('2024-05-05', 'y', 1002, 3),
                ('2026-01-01', 'a', NULL, 2), ('2026-01-02', 'zz', 1000, 7);
            INSERT INTO public.hashed SELECT i, 'v' || i FROM generate_series(1, 20) i;
            INSERT INTO public.refers_to_hashed VALUES (1), (2), (2), (NULL);
            INSERT INTO public.sales_points VALUES (1, 'x'), (2, NULL);
            INSERT INTO public.scratch VALUES (1);
            INSERT INTO public.keyless VALUES (1, 'a'), (1, 'a'), (NULL, NULL);
            INSERT INTO public.identified VALUES (1, 'x'), (2, NULL);
            ALTER TABLE public.identified ADD CONSTRAINT not_the_first CHECK (a > 1) NOT VALID;
            """, """
            INSERT INTO public.one_null VALUES (NULL), (1);
            INSERT INTO public.set_some VALUES (1, 1), (NULL, 2);
            """, """
            INSERT INTO public.rounded VALUES (1250, 0.0012), (-99949, 0.0001);
            ALTER TABLE public.computed ADD PRIMARY KEY (a);
            ALTER TABLE public.computed REPLICA IDENTITY DEFAULT;
            INSERT INTO public.computed (a) VALUES (1), (2);
            ALTER TABLE public.periods REPLICA IDENTITY FULL;
            INSERT INTO public.periods VALUES (1, '[2026-01-01,2027-01-01)');
            INSERT INTO public.in_periods VALUES (1, '[2026-02-01,2026-03-01)');
            INSERT INTO public.loose VALUES (-1, 1, 2);
            INSERT INTO public.identity_parts (v) VALUES (1), (1);
            INSERT INTO public.parent_not_null VALUES (1, 2);
            INSERT INTO public.child_not_null VALUES (3, 4, 5);
            """),
    CHANGES("""
            UPDATE public.customers SET name = 'Anne', payload = NULL WHERE name = 'Ann';
            INSERT INTO public.customers (name, email) VALUES ('Dora', 'dora@x'), ('Emil', 'emil@x');
            DELETE FROM public.customers WHERE name = 'Emil';
            UPDATE "Odd Names"."Order's ""Lines"" here" SET during = NULL WHERE "Id" = 1002;
            UPDATE public.dog SET name = 'max' WHERE ctid = (SELECT min(ctid) FROM public.dog);
            UPDATE public.animal SET id = id + 10;
            UPDATE public.events SET at = '2025-06-06', kind = 'a' WHERE kind = 'x';
            DELETE FROM public.events WHERE kind = 'y';
            UPDATE public.hashed SET id = id + 100 WHERE id BETWEEN 3 AND 9;
            UPDATE public.keyless SET a = 9 WHERE a IS NULL;
            INSERT INTO public.keyless VALUES (1, 'a');
            UPDATE public.identified SET a = 5 WHERE a = 2;
            SELECT nextval('public.tickets'), nextval('public.untouched');
            SELECT lo_create(0);
            ALTER TABLE public.customers ADD COLUMN since int DEFAULT 3;
            COMMENT ON COLUMN public.customers.since IS 'a month';
            ALTER TYPE public.mood ADD VALUE 'odd';
            CREATE EXTENSION citext;
            CREATE TABLE public.later (id uuid PRIMARY KEY, word citext UNIQUE, at timestamptz DEFAULT now());
            CREATE INDEX later_at ON public.later USING brin (at);
            CREATE FUNCTION public.count_later() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.later';
            CREATE OR REPLACE VIEW public.numbers AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5)
                SELECT i FROM n;
            CREATE TRIGGER on_later BEFORE INSERT ON public.later FOR EACH ROW EXECUTE FUNCTION public.on_change();
            ALTER TABLE public.later DISABLE TRIGGER on_later;
            CREATE POLICY short_words ON public.later USING (length(word) < 9);
            GRANT SELECT (word) ON public.later TO cdp_test_reader;
            CREATE TABLE public.events_of_a_year PARTITION OF public.events_new FOR VALUES IN ('year');
            INSERT INTO public.events (at, kind, who, n) VALUES ('2026-12-31', 'year', NULL, 1);
            CREATE STATISTICS public.later_both ON word, at FROM public.later;
            CREATE PUBLICATION shop FOR TABLE public.later;
            DO $$ BEGIN
                EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'it''s a "shop"');
                EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''10min''', current_database());
             END $$;
            """, """
            UPDATE public.hashed SET id = 200 WHERE id = 2;
            UPDATE public.set_some SET a = NULL WHERE b = 1;
            """, """
            UPDATE public.periods SET valid = '[2025-01-01,2028-01-01)';
            UPDATE public.loose SET a = -2;
            INSERT INTO public.computed (a) VALUES (9);
            INSERT INTO public.identity_parts (v) VALUES (1);
            """);

    private static final String AT_LAST = """
            INSERT INTO public.later (id, word) VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'Word');
            REFRESH MATERIALIZED VIEW public.z_totals;
            REFRESH MATERIALIZED VIEW public.a_grand;
            REFRESH MATERIALIZED VIEW public.m_by_key;
            """;

    private final String always;
    private final String since15;
    private final String since18;

    PostgresObjects(String always, String since15, String since18) {
        this.always = always;
        this.since15 = since15;
        this.since18 = since18;
    }

    void run(TestDatabase database, int version) throws SQLException {
        runEach(database, always);
        if (version >= 15) {
            runEach(database, since15);
        }
        if (version >= 18) {
            runEach(database, since18);
        }
        if (this == CHANGES) {
            runEach(database, AT_LAST);
        }
    }

    /** A transaction each; the lines of a statement are indented but for its first. */
    private static void runEach(TestDatabase database, String statements) throws SQLException {
        for (String sql : statements.split("(?<=;)\n(?=\\S)")) {
            RichPostgres.run(database, sql);
        }
    }
}
