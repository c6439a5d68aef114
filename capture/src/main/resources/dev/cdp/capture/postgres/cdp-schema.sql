-- What cdp needs inside of a protected database, made anew or brought up to date: every statement may run on what an
-- earlier version made. A line of dashes ends each one. Whoever changes this raises cdp.version.
CREATE SCHEMA IF NOT EXISTS cdp
--------
COMMENT ON SCHEMA cdp IS 'Continuous data protection. Made by "cdp source add", removed by "cdp source remove".'
--------
CREATE TABLE IF NOT EXISTS cdp.marker (
    id int PRIMARY KEY CHECK (id = 1),
    counter bigint NOT NULL,
    name text,
    round text NOT NULL,
    written_at timestamptz NOT NULL
)
--------
INSERT INTO cdp.marker VALUES (1, 0, NULL, '', now()) ON CONFLICT DO NOTHING
--------
CREATE TABLE IF NOT EXISTS cdp.ddl (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tag text NOT NULL,
    object text NOT NULL,
    sql text NOT NULL,
    tables jsonb NOT NULL DEFAULT '[]',
    dropped jsonb NOT NULL DEFAULT '[]',
    rewritten jsonb NOT NULL DEFAULT '[]',
    unrecorded text,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
--------
ALTER TABLE cdp.ddl ADD COLUMN IF NOT EXISTS unrecorded text
--------
-- Which tables are protected, as regular expressions over schema.table; no included pattern means every table.
CREATE TABLE IF NOT EXISTS cdp.scope (pattern text PRIMARY KEY, included boolean NOT NULL)
--------
-- What the log's showing all depends on, each as it was when we made it: our publication, what stands in it, our event
-- triggers. Whoever changes one leaves another id or version.
CREATE TABLE IF NOT EXISTS cdp.watched (
    catalog text NOT NULL,
    id oid NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (catalog, id)
)
--------
-- Of all this. A database prepared by a version of cdp that had no such function counts as 1.
CREATE OR REPLACE FUNCTION cdp.version() RETURNS int
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$SELECT 3$$
--------
CREATE OR REPLACE FUNCTION cdp.in_scope(schema_name text, table_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT schema_name NOT IN ('cdp', 'information_schema') AND schema_name NOT LIKE 'pg\_%'
        AND (NOT EXISTS (SELECT FROM cdp.scope WHERE included)
            OR EXISTS (SELECT FROM cdp.scope WHERE included AND schema_name || '.' || table_name ~ pattern))
        AND NOT EXISTS (SELECT FROM cdp.scope WHERE NOT included AND schema_name || '.' || table_name ~ pattern)
$$
--------
-- The index that tells rows apart in the log: the replica identity's, else the primary key's. A deferrable one does not.
CREATE OR REPLACE FUNCTION cdp.key_index(relation oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indrelid = relation AND i.indimmediate AND i.indisvalid
        AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
$$
--------
CREATE OR REPLACE FUNCTION cdp.identity(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN relreplident = 'f' THEN 'FULL'
        WHEN relreplident <> 'n' AND cdp.key_index(oid) IS NOT NULL THEN 'KEY'
        ELSE 'NOTHING' END
    FROM pg_class WHERE oid = relation
$$
--------
-- Before version 16, "char" prints bytes above 127 as they are, which is no text in any encoding.
CREATE OR REPLACE FUNCTION cdp.prints_bytes(relation oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('server_version_num')::int < 160000 AND EXISTS (
        WITH RECURSIVE held AS (
            SELECT atttypid AS oid FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
            UNION SELECT part.oid FROM held JOIN pg_type t ON t.oid = held.oid CROSS JOIN LATERAL (
                SELECT t.typbasetype UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
                UNION ALL SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
                UNION ALL SELECT atttypid FROM pg_attribute
                    WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) part (oid))
        SELECT FROM held WHERE oid = '"char"'::regtype)
$$
--------
CREATE OR REPLACE FUNCTION cdp.can_protect(relation oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT c.relkind = 'r' AND c.relpersistence = 'p' AND cdp.in_scope(n.nspname, c.relname)
            AND cdp.identity(c.oid) <> 'NOTHING'
            -- With these in the identity and not in the publication, the application could no longer update
            AND NOT (c.relreplident = 'f' AND EXISTS (
                SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated = 'v'))
            -- Debezium loses the rows of tables whose names begin or end with a quotation mark
            AND NOT c.relname ~ '^"|"$' AND NOT n.nspname ~ '^"|"$'
            AND NOT cdp.prints_bytes(c.oid)
            -- Of rows without a value to write down nothing could be told but their number
            AND EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
            -- Debezium stops at columns that differ only by case
            AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = a.attrelid
                AND b.attnum > a.attnum AND lower(b.attname) = lower(a.attname)
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation), false)
$$
--------
CREATE OR REPLACE FUNCTION cdp.describe(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' SET TimeZone = 'UTC' SET extra_float_digits = 1
SET bytea_output = 'hex' SET lc_monetary = 'C' AS $$
    SELECT jsonb_build_object(
        'id', c.oid::bigint::text, 'schema', n.nspname, 'name', c.relname, 'identity', cdp.identity(c.oid),
        'columns', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'id', a.attnum::text, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'base_type', (WITH RECURSIVE base AS (
                        SELECT oid, typbasetype FROM pg_type WHERE oid = a.atttypid
                        UNION ALL SELECT t.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.typbasetype)
                    SELECT oid::bigint FROM base WHERE typbasetype = 0),
                'not_null', a.attnotnull, 'computed', a.attgenerated <> '',
                -- An array of one element; as text it would be taken apart by commas, which stand inside of a box
                'fill', CASE WHEN a.atthasmissing THEN array_to_string(a.attmissingval, '') END) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
        'key', coalesce((SELECT jsonb_agg(a.attname ORDER BY k.place)
            FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = k.number
            WHERE i.indexrelid = cdp.key_index(c.oid) AND k.place <= i.indnkeyatts), '[]'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
$$
--------
-- The same as cdp.watched, as it is now.
CREATE OR REPLACE FUNCTION cdp.found(OUT catalog text, OUT id oid, OUT version text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT 'publication', p.oid, p.xmin::text FROM pg_publication p WHERE p.pubname = 'cdp'
        UNION ALL SELECT 'table', r.oid, r.prrelid::text FROM pg_publication_rel r
            JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = 'cdp'
        UNION ALL SELECT 'event trigger', t.oid, concat_ws('/', t.evtname, t.evtenabled, t.xmin)
            FROM pg_event_trigger t WHERE t.evtname IN ('cdp_ddl', 'cdp_drop', 'cdp_rewrite');
    IF current_setting('server_version_num')::int >= 150000 THEN
        RETURN QUERY EXECUTE $q$SELECT 'schema', n.oid, n.pnnspid::text FROM pg_publication_namespace n
            JOIN pg_publication p ON p.oid = n.pnpubid AND p.pubname = 'cdp'$q$;
    END IF;
END
$$
--------
-- What somebody else changed, as a clause; null when all is as we made it.
CREATE OR REPLACE FUNCTION cdp.disturbed() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH changed AS (
        (TABLE cdp.watched EXCEPT SELECT * FROM cdp.found())
        UNION ALL (SELECT * FROM cdp.found() EXCEPT TABLE cdp.watched)),
    named AS (
        SELECT CASE catalog
            WHEN 'table' THEN format('%s of its tables are not published as they were, such as %s',
                count(DISTINCT version), min(CASE WHEN catalog = 'table' THEN version::oid::regclass::text END))
            WHEN 'event trigger' THEN 'its event triggers were changed'
            ELSE 'its publication was changed' END AS what
        FROM changed GROUP BY catalog
        UNION SELECT 'its event triggers were changed' WHERE 3 <> (SELECT count(*) FROM cdp.found()
            WHERE catalog = 'event trigger' AND version ~ '/A/')
        UNION SELECT 'event_triggers is off' WHERE current_setting('event_triggers', true) = 'off')
    SELECT string_agg(what, ', ' ORDER BY what) FROM named
$$
--------
-- Puts a table into the publication; whether it was not in it. The setting tells our own event triggers that it is us.
CREATE OR REPLACE FUNCTION cdp.publish(relation oid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND r.prrelid = relation) THEN
        RETURN false;
    END IF;
    PERFORM set_config('cdp.ours', 'on', true);
    EXECUTE format('ALTER PUBLICATION cdp ADD TABLE ONLY %s', relation::regclass);
    PERFORM set_config('cdp.ours', '', true);
    INSERT INTO cdp.watched SELECT 'table', r.oid, relation::text FROM pg_publication_rel r
        JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = 'cdp' WHERE r.prrelid = relation;
    RETURN true;
END
$$
--------
-- An update of a published table without a usable identity fails: take the table out before that happens.
CREATE OR REPLACE FUNCTION cdp.unpublish(relation oid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND r.prrelid = relation) THEN
        RETURN false;
    END IF;
    PERFORM set_config('cdp.ours', 'on', true);
    EXECUTE format('ALTER PUBLICATION cdp DROP TABLE ONLY %s', relation::regclass);
    PERFORM set_config('cdp.ours', '', true);
    DELETE FROM cdp.watched WHERE catalog = 'table' AND version = relation::text;
    RETURN true;
END
$$
--------
-- Makes the publication, without tables of the application.
CREATE OR REPLACE FUNCTION cdp.make_publication() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE 'CREATE PUBLICATION cdp FOR TABLE cdp.marker, cdp.ddl' || CASE
        WHEN current_setting('server_version_num')::int >= 180000 THEN ' WITH (publish_generated_columns = stored)'
        ELSE '' END;
END
$$
--------
-- Makes those of our event triggers that are missing.
CREATE OR REPLACE FUNCTION cdp.make_event_triggers() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing record;
BEGIN
    FOR missing IN SELECT * FROM (VALUES ('cdp_ddl', 'ddl_command_end', 'cdp.on_ddl'), ('cdp_drop', 'sql_drop', 'cdp.on_drop'),
            ('cdp_rewrite', 'table_rewrite', 'cdp.on_rewrite')) ours (name, event, runs)
        WHERE NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = name)
    LOOP
        EXECUTE format('CREATE EVENT TRIGGER %I ON %s EXECUTE FUNCTION %s()', missing.name, missing.event, missing.runs);
        EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', missing.name);
    END LOOP;
END
$$
--------
-- Puts everything back as we made it; what was disturbed, or null. A publication that was made again is another one to
-- transactions that are open meanwhile, and their rows are left out: only a new history may begin with one.
CREATE OR REPLACE FUNCTION cdp.mend(anew boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    disturbed text := cdp.disturbed();
    ours name := (SELECT p.pubname FROM pg_publication p JOIN cdp.watched w ON w.catalog = 'publication' AND w.id = p.oid);
    item record;
BEGIN
    IF disturbed IS NULL OR (ours IS NULL AND NOT anew) THEN
        RETURN disturbed;
    END IF;
    PERFORM set_config('cdp.ours', 'on', true);
    IF ours IS DISTINCT FROM 'cdp' THEN
        DROP PUBLICATION IF EXISTS cdp;
    END IF;
    IF anew THEN
        PERFORM cdp.make_event_triggers();
    END IF;
    IF ours IS NULL THEN
        PERFORM cdp.make_publication();
    ELSIF ours <> 'cdp' THEN
        EXECUTE format('ALTER PUBLICATION %I RENAME TO cdp', ours);
    END IF;
    EXECUTE 'ALTER PUBLICATION cdp SET (publish = ''insert, update, delete, truncate'', publish_via_partition_root = false'
        || CASE WHEN current_setting('server_version_num')::int >= 180000 THEN ', publish_generated_columns = stored)'
        ELSE ')' END;
    FOR item IN SELECT * FROM cdp.found() EXCEPT TABLE cdp.watched LOOP
        IF item.catalog = 'schema' THEN
            EXECUTE format('ALTER PUBLICATION cdp DROP TABLES IN SCHEMA %s', item.version::oid::regnamespace);
        ELSIF item.catalog = 'table' AND ours IS NOT NULL THEN
            EXECUTE format('ALTER PUBLICATION cdp DROP TABLE ONLY %s', item.version::oid::regclass);
        ELSIF item.catalog = 'event trigger' THEN
            EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', split_part(item.version, '/', 1));
        END IF;
    END LOOP;
    DELETE FROM cdp.watched;
    PERFORM cdp.publish('cdp.marker'::regclass), cdp.publish('cdp.ddl'::regclass);
    PERFORM cdp.publish(oid) FROM pg_class WHERE cdp.can_protect(oid);
    INSERT INTO cdp.watched SELECT * FROM cdp.found() EXCEPT TABLE cdp.watched;
    PERFORM set_config('cdp.ours', '', true);
    RETURN disturbed;
END
$$
--------
-- The statement at hand could not be recorded, for the reason given. It must not fail for that, but which tables it
-- changed is not known, so a row says that all of them need a new base. When not even that can be written, the marker
-- says it.
CREATE OR REPLACE FUNCTION cdp.unrecorded(tag text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE WARNING 'cdp could not record %: %; it will take a new base', tag, reason;
    BEGIN
        PERFORM cdp.unpublish(r.prrelid) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
        WHERE p.pubname = 'cdp' AND r.prrelid NOT IN ('cdp.marker'::regclass, 'cdp.ddl'::regclass)
            AND NOT cdp.can_protect(r.prrelid);
        PERFORM cdp.publish(oid) FROM pg_class WHERE cdp.can_protect(oid);
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'cdp could not bring its publication up to date: %', SQLERRM;
    END;
    INSERT INTO cdp.ddl (tag, object, sql, unrecorded)
    VALUES ('UNRECORDED', tag, coalesce(current_query(), ''), reason);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'cdp could not note that either: %', SQLERRM;
    BEGIN
        UPDATE cdp.marker SET counter = counter + 1, name = tag, round = 'unrecorded', written_at = now();
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'cdp does not know of this %: %. Run "cdp check"', tag, SQLERRM;
    END;
END
$$
--------
-- The protected tables with a column that prints anew when one of these types does: inside of arrays, domains, ranges,
-- composites and rows of other tables as well.
CREATE OR REPLACE FUNCTION cdp.tables_printing(types oid[]) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE printed AS (
        SELECT unnest(types) AS oid
        UNION SELECT user_of.oid FROM printed p CROSS JOIN LATERAL (
            SELECT t.oid FROM pg_type t WHERE t.typelem = p.oid OR t.typbasetype = p.oid
            UNION ALL SELECT unnest(ARRAY[r.rngtypid, r.rngmultitypid]) FROM pg_range r WHERE r.rngsubtype = p.oid
            UNION ALL SELECT c.reltype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE a.atttypid = p.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.reltype <> 0) user_of)
    SELECT DISTINCT c.oid FROM printed p JOIN pg_attribute a ON a.atttypid = p.oid JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
$$
--------
-- Types that hold an object and print its name, which other statements change.
CREATE OR REPLACE FUNCTION cdp.types_of_names() RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(oid) FROM pg_type WHERE typname ~ '^_?reg' AND typnamespace = 'pg_catalog'::regnamespace
$$
--------
CREATE OR REPLACE FUNCTION cdp.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command record;
    relation record;
    objects text[] := '{}';
    changed oid[];
    described jsonb := '[]';
    lost jsonb := '[]';
    rewritten jsonb := '[]';
    disturbed text;
BEGIN
    IF tg_tag = 'REFRESH MATERIALIZED VIEW' THEN
        RETURN;
    END IF;
    IF tg_tag LIKE '% PUBLICATION' THEN
        IF current_setting('cdp.ours', true) = 'on' THEN
            RETURN;
        END IF;
        disturbed := cdp.mend(false); -- within the statement, so that no change is left out
        IF disturbed IS NOT NULL THEN
            RAISE WARNING 'cdp did not expect this: %. It puts its publication back, or takes a new base', disturbed
                USING HINT = 'The configuration of cdp says which tables it leaves out.';
            INSERT INTO cdp.ddl (tag, object, sql) VALUES (tg_tag, 'cdp', coalesce(current_query(), ''));
        END IF;
        IF tg_tag = 'ALTER PUBLICATION' THEN
            RETURN;
        END IF;
    END IF;
    FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        CONTINUE WHEN command.schema_name IN ('pg_temp', 'cdp');
        objects := objects || coalesce(command.object_identity, '');
        -- Types whose values may print otherwise now. A new label leaves the others as they are, if that is all.
        changed := CASE
            WHEN command.classid = 'pg_type'::regclass THEN ARRAY[command.objid]
            WHEN command.classid = 'pg_class'::regclass AND tg_tag LIKE 'ALTER%'
                THEN ARRAY(SELECT reltype FROM pg_class WHERE oid = command.objid AND reltype <> 0)
            ELSE '{}' END;
        IF current_query() ~* '^\s*alter\s+type\s+[^''\s]+\s+add\s+value\s+(if\s+not\s+exists\s+)?''[^''\\]*''(\s+(before|after)\s+''[^''\\]*'')?\s*;?\s*$' THEN
            changed := '{}';
        ELSIF tg_tag LIKE 'ALTER%' AND current_query() !~* '^\s*alter((?!rename|schema).)*$' THEN
            changed := changed || cdp.types_of_names();
        END IF;
        FOR relation IN
            WITH RECURSIVE printing AS MATERIALIZED (SELECT cdp.tables_printing(changed) AS oid),
            touched AS (
                SELECT command.objid AS oid WHERE command.classid = 'pg_class'::regclass
                UNION SELECT oid FROM printing
                UNION SELECT c.oid FROM pg_class c WHERE c.reloftype = ANY (changed)
                UNION SELECT c.oid FROM pg_class c WHERE command.classid = 'pg_namespace'::regclass
                    AND tg_tag = 'ALTER SCHEMA' AND c.relnamespace = command.objid
                UNION SELECT i.inhrelid FROM pg_inherits i JOIN touched p ON p.oid = i.inhparent)
            SELECT DISTINCT c.oid, c.oid IN (SELECT oid FROM printing) AS by_type
            FROM touched JOIN pg_class c ON c.oid = touched.oid AND c.relkind = 'r'
        LOOP
            IF NOT cdp.can_protect(relation.oid) THEN
                IF cdp.unpublish(relation.oid) THEN
                    lost := lost || to_jsonb(relation.oid::bigint::text);
                END IF;
                CONTINUE;
            END IF;
            -- Rows that came before the table was published are not in the log. A new table has none, unless its
            -- statement brought them.
            IF (cdp.publish(relation.oid) AND command.command_tag <> 'CREATE TABLE') OR relation.by_type THEN
                rewritten := rewritten || to_jsonb(relation.oid::bigint::text);
            END IF;
            described := described || cdp.describe(relation.oid);
        END LOOP;
    END LOOP;
    IF objects <> '{}' THEN
        INSERT INTO cdp.ddl (tag, object, sql, tables, dropped, rewritten)
        VALUES (tg_tag, array_to_string(objects, ', '), coalesce(current_query(), ''), described, lost, rewritten);
    END IF;
EXCEPTION WHEN OTHERS THEN
    PERFORM cdp.unrecorded(tg_tag, SQLERRM);
END
$$
--------
-- What a statement drops may take columns and keys of other tables with it, which no other event tells.
CREATE OR REPLACE FUNCTION cdp.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    objects text;
    tables jsonb;
    narrowed oid[];
    described jsonb := '[]';
    rewritten jsonb := '[]';
    relation oid;
BEGIN
    IF current_setting('cdp.ours', true) = 'on' THEN
        RETURN;
    END IF;
    DELETE FROM cdp.watched WHERE catalog = 'table' AND version IN (
        SELECT objid::text FROM pg_event_trigger_dropped_objects() WHERE object_type = 'table');
    SELECT string_agg(object_identity, ', ') FILTER (WHERE original),
        coalesce(jsonb_agg(objid::bigint::text) FILTER (WHERE object_type = 'table'), '[]'),
        coalesce(array_agg(DISTINCT objid) FILTER (WHERE object_type = 'table column'), '{}')
    INTO objects, tables, narrowed
    FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary AND schema_name IS DISTINCT FROM 'cdp';
    IF tg_tag LIKE 'DROP%' AND objects IS NOT NULL THEN
        FOR relation IN SELECT c.oid FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
            JOIN pg_class c ON c.oid = r.prrelid
            WHERE p.pubname = 'cdp' AND (c.oid = ANY (narrowed) OR c.relreplident <> 'f' AND cdp.key_index(c.oid) IS NULL)
        LOOP
            IF cdp.can_protect(relation) THEN
                described := described || cdp.describe(relation);
            ELSIF cdp.unpublish(relation) THEN
                tables := tables || to_jsonb(relation::bigint::text);
            END IF;
        END LOOP;
        SELECT coalesce(jsonb_agg(oid::bigint::text), '[]') INTO rewritten
        FROM cdp.tables_printing(cdp.types_of_names()) oid WHERE cdp.can_protect(oid);
    END IF;
    IF tables <> '[]' OR (tg_tag LIKE 'DROP%' AND objects IS NOT NULL) THEN
        INSERT INTO cdp.ddl (tag, object, sql, tables, dropped, rewritten)
        VALUES (tg_tag, coalesce(objects, ''), coalesce(current_query(), ''), described, tables, rewritten);
    END IF;
EXCEPTION WHEN OTHERS THEN
    PERFORM cdp.unrecorded(tg_tag, SQLERRM);
END
$$
--------
CREATE OR REPLACE FUNCTION cdp.on_rewrite() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cdp.can_protect(pg_event_trigger_table_rewrite_oid()) THEN
        INSERT INTO cdp.ddl (tag, object, sql, rewritten)
        VALUES (tg_tag, pg_event_trigger_table_rewrite_oid()::regclass::text, coalesce(current_query(), ''),
            jsonb_build_array(pg_event_trigger_table_rewrite_oid()::bigint::text));
    END IF;
EXCEPTION WHEN OTHERS THEN
    PERFORM cdp.unrecorded(tg_tag, SQLERRM);
END
$$
--------
-- Whether publication and event triggers are such as an earlier version, which watched neither, made them.
CREATE OR REPLACE FUNCTION cdp.is_as_made() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_publication p WHERE p.pubname = 'cdp' AND to_jsonb(p) @> '{"puballtables": false,
            "pubinsert": true, "pubupdate": true, "pubdelete": true, "pubtruncate": true, "pubviaroot": false}'
            AND coalesce(to_jsonb(p) ->> 'pubgencols', 's') = 's')
        AND NOT EXISTS (SELECT FROM cdp.found() WHERE catalog = 'schema')
        AND NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND (to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL))
        AND 2 = (SELECT count(*) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND r.prrelid IN ('cdp.marker'::regclass, 'cdp.ddl'::regclass))
        AND 3 = (SELECT count(*) FROM cdp.found() WHERE catalog = 'event trigger' AND version ~ '/A/')
$$
--------
-- Behind statements that brought this up to date, or that changed which tables are protected: publishes what can be
-- protected and is not yet, takes out what cannot be, and records it like any other change of definition. What is not
-- as an earlier version made it goes unnoted in cdp.watched, so that a new base is taken.
CREATE OR REPLACE FUNCTION cdp.upgrade() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relation oid;
    described jsonb := '[]';
    added jsonb := '[]';
    lost jsonb := '[]';
BEGIN
    IF NOT EXISTS (SELECT FROM cdp.watched) AND cdp.is_as_made() THEN
        INSERT INTO cdp.watched SELECT * FROM cdp.found();
    END IF;
    FOR relation IN SELECT r.prrelid FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            JOIN pg_class c ON c.oid = r.prrelid
            WHERE p.pubname = 'cdp' AND c.relnamespace <> 'cdp'::regnamespace AND NOT cdp.can_protect(c.oid) LOOP
        PERFORM cdp.unpublish(relation);
        lost := lost || to_jsonb(relation::bigint::text);
    END LOOP;
    FOR relation IN SELECT oid FROM pg_class WHERE relkind = 'r' AND cdp.can_protect(oid) LOOP
        IF cdp.publish(relation) THEN
            described := described || cdp.describe(relation);
            added := added || to_jsonb(relation::bigint::text);
        END IF;
    END LOOP;
    IF added <> '[]' OR lost <> '[]' THEN
        INSERT INTO cdp.ddl (tag, object, sql, tables, dropped, rewritten)
        VALUES ('UPGRADE', 'cdp', '', described, lost, added);
    END IF;
END
$$
