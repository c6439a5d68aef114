-- What an earlier version of cdp made in a database; it watched neither its publication nor its event triggers.
CREATE SCHEMA cdp
--------
COMMENT ON SCHEMA cdp IS 'Continuous data protection. Made by "cdp source add", removed by "cdp source remove".'
--------
CREATE TABLE cdp.marker (
    id int PRIMARY KEY CHECK (id = 1),
    counter bigint NOT NULL,
    name text,
    round text NOT NULL,
    written_at timestamptz NOT NULL
)
--------
INSERT INTO cdp.marker VALUES (1, 0, NULL, '', now())
--------
CREATE TABLE cdp.ddl (
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
-- Which tables are protected, as regular expressions over schema.table; no included pattern means every table.
CREATE TABLE cdp.scope (pattern text PRIMARY KEY, included boolean NOT NULL)
--------
CREATE FUNCTION cdp.in_scope(schema_name text, table_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT schema_name NOT IN ('cdp', 'information_schema') AND schema_name NOT LIKE 'pg\_%'
        AND (NOT EXISTS (SELECT FROM cdp.scope WHERE included)
            OR EXISTS (SELECT FROM cdp.scope WHERE included AND schema_name || '.' || table_name ~ pattern))
        AND NOT EXISTS (SELECT FROM cdp.scope WHERE NOT included AND schema_name || '.' || table_name ~ pattern)
$$
--------
-- The index that tells rows apart in the log: the replica identity's, else the primary key's. A deferrable one does not.
CREATE FUNCTION cdp.key_index(relation oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indrelid = relation AND i.indimmediate AND i.indisvalid
        AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
$$
--------
CREATE FUNCTION cdp.identity(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN relreplident = 'f' THEN 'FULL'
        WHEN relreplident <> 'n' AND cdp.key_index(oid) IS NOT NULL THEN 'KEY'
        ELSE 'NOTHING' END
    FROM pg_class WHERE oid = relation
$$
--------
CREATE FUNCTION cdp.can_protect(relation oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT c.relkind = 'r' AND c.relpersistence = 'p' AND cdp.in_scope(n.nspname, c.relname)
            AND cdp.identity(c.oid) <> 'NOTHING'
            -- With these in the identity and not in the publication, the application could no longer update
            AND NOT (c.relreplident = 'f' AND EXISTS (
                SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated = 'v'))
            -- Debezium stops at columns that differ only by case
            AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = a.attrelid
                AND b.attnum > a.attnum AND lower(b.attname) = lower(a.attname)
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT b.attisdropped)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation), false)
$$
--------
CREATE FUNCTION cdp.describe(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' SET TimeZone = 'UTC' SET extra_float_digits = 1
SET bytea_output = 'hex' AS $$
    SELECT jsonb_build_object(
        'id', c.oid::bigint::text, 'schema', n.nspname, 'name', c.relname, 'identity', cdp.identity(c.oid),
        'columns', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'id', a.attnum::text, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'base_type', (WITH RECURSIVE base AS (
                        SELECT oid, typbasetype FROM pg_type WHERE oid = a.atttypid
                        UNION ALL SELECT t.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.typbasetype)
                    SELECT oid::bigint FROM base WHERE typbasetype = 0),
                'not_null', a.attnotnull, 'computed', a.attgenerated <> '',
                'fill', CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
        'key', coalesce((SELECT jsonb_agg(a.attname ORDER BY k.place)
            FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = k.number
            WHERE i.indexrelid = cdp.key_index(c.oid) AND k.place <= i.indnkeyatts), '[]'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
$$
--------
-- Puts a table into the publication; whether it was not in it.
CREATE FUNCTION cdp.publish(relation oid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND r.prrelid = relation) THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER PUBLICATION cdp ADD TABLE ONLY %s', relation::regclass);
    RETURN true;
END
$$
--------
-- An update of a published table without a usable identity fails: take the table out before that happens.
CREATE FUNCTION cdp.unpublish(relation oid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
            WHERE p.pubname = 'cdp' AND r.prrelid = relation) THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER PUBLICATION cdp DROP TABLE ONLY %s', relation::regclass);
    RETURN true;
END
$$
--------
-- The statement at hand could not be recorded, for the reason given. It must not fail for that, but which tables it
-- changed is not known, so a row says that all of them need a new base. When not even that can be written, the marker
-- says it.
CREATE FUNCTION cdp.unrecorded(tag text, reason text) RETURNS void
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
CREATE FUNCTION cdp.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command record;
    relation record;
    objects text[] := '{}';
    described jsonb := '[]';
    lost jsonb := '[]';
    rewritten jsonb := '[]';
BEGIN
    IF tg_tag IN ('ALTER PUBLICATION', 'REFRESH MATERIALIZED VIEW') THEN
        RETURN;
    END IF;
    FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        CONTINUE WHEN command.schema_name IN ('pg_temp', 'cdp');
        objects := objects || coalesce(command.object_identity, '');
        FOR relation IN
            WITH RECURSIVE types AS (
                SELECT command.objid AS oid WHERE command.classid = 'pg_type'::regclass
                UNION SELECT d.objid FROM pg_depend d JOIN types t ON d.refclassid = 'pg_type'::regclass
                    AND d.refobjid = t.oid AND d.classid = 'pg_type'::regclass),
            touched AS (
                SELECT command.objid AS oid WHERE command.classid = 'pg_class'::regclass
                UNION SELECT a.attrelid FROM pg_attribute a JOIN types t ON t.oid = a.atttypid WHERE a.attnum > 0
                UNION SELECT c.oid FROM pg_class c WHERE command.classid = 'pg_namespace'::regclass
                    AND tg_tag = 'ALTER SCHEMA' AND c.relnamespace = command.objid
                UNION SELECT i.inhrelid FROM pg_inherits i JOIN touched p ON p.oid = i.inhparent)
            SELECT DISTINCT c.oid, command.classid = 'pg_type'::regclass AS by_type
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
            IF (cdp.publish(relation.oid) AND command.command_tag <> 'CREATE TABLE')
                OR (relation.by_type AND current_query() !~* 'add\s+value') THEN
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
CREATE FUNCTION cdp.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    objects text;
    tables jsonb;
BEGIN
    SELECT string_agg(object_identity, ', ') FILTER (WHERE original),
        coalesce(jsonb_agg(objid::bigint::text) FILTER (WHERE object_type = 'table'), '[]')
    INTO objects, tables
    FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary AND schema_name IS DISTINCT FROM 'cdp';
    IF tables <> '[]' OR (tg_tag LIKE 'DROP%' AND objects IS NOT NULL) THEN
        INSERT INTO cdp.ddl (tag, object, sql, dropped)
        VALUES (tg_tag, coalesce(objects, ''), coalesce(current_query(), ''), tables);
    END IF;
EXCEPTION WHEN OTHERS THEN
    PERFORM cdp.unrecorded(tg_tag, SQLERRM);
END
$$
--------
CREATE FUNCTION cdp.on_rewrite() RETURNS event_trigger
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
DO $$
BEGIN
    EXECUTE 'CREATE PUBLICATION cdp FOR TABLE cdp.marker, cdp.ddl' || CASE
        WHEN current_setting('server_version_num')::int >= 180000 THEN ' WITH (publish_generated_columns = stored)'
        ELSE '' END;
END
$$
--------
CREATE EVENT TRIGGER cdp_ddl ON ddl_command_end EXECUTE FUNCTION cdp.on_ddl()
--------
ALTER EVENT TRIGGER cdp_ddl ENABLE ALWAYS
--------
CREATE EVENT TRIGGER cdp_drop ON sql_drop EXECUTE FUNCTION cdp.on_drop()
--------
ALTER EVENT TRIGGER cdp_drop ENABLE ALWAYS
--------
CREATE EVENT TRIGGER cdp_rewrite ON table_rewrite EXECUTE FUNCTION cdp.on_rewrite()
--------
ALTER EVENT TRIGGER cdp_rewrite ENABLE ALWAYS
