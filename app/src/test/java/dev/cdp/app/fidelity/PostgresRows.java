package dev.cdp.app.fidelity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows and names that are easily lost or confused on the way. */
final class PostgresRows {
    private static final int MOST_COLUMNS = 1600;

    private static final List<String> ODD_NAMES = List.of(
            "a.b",
            "Quo\"\"te",
            "it's",
            "UPPER",
            "upper",
            "żółć 🐘",
            " lead and trail ",
            "new\nline\ttab",
            "per%cent_under\\slash",
            "a/b",
            "...",
            "-- comment",
            "/* comment */",
            "$1 $$ ? {d}",
            "[x]{y}(z)*+^|",
            "#hash:colon;semicolon,comma",
            "select",
            "cdp",
            "marker",
            "x".repeat(63));

    /** What our own files and queries call their columns, and what DuckDB and Iceberg add to files. */
    private static final List<String> NAMES_OF_OURS = List.of(
            "_cdp_seq",
            "_cdp_op",
            "_cdp_commit_timestamp",
            "_cdp_commit_position",
            "_cdp_tx",
            "_cdp_tx_seq",
            "_cdp_ingest_timestamp",
            "_cdp_schema_version",
            "_cdp_epoch",
            "_cdp_unavailable",
            "_cdp_before",
            "_cdp_seq__source",
            "_CDP_OP__SOURCE",
            "_cdp_other",
            "_change_type",
            "_change_type__source",
            "_file",
            "_pos",
            "_file__source",
            "_POS__SOURCE",
            "plain__source",
            "_deleted",
            "_spec_id",
            "_partition",
            "_row_id",
            "_last_updated_sequence_number",
            "seq",
            "op",
            "epoch",
            "tx",
            "s",
            "n",
            "c0",
            "c1",
            "b0",
            "u0",
            "v",
            "target",
            "below",
            "has_before",
            "before",
            "after",
            "changes",
            "base",
            "last",
            "h",
            "filename",
            "file_row_number",
            "file_index",
            "rowid",
            "day",
            "hive_partitioning",
            "element",
            "list",
            "history",
            "source",
            "schema",
            "unchanged",
            "__debezium_unavailable_value",
            "ts_ms",
            "transaction");

    private PostgresRows() {}

    static List<RowCase> all() {
        List<RowCase> cases = new ArrayList<>(List.of(
                large("large values left unchanged, identity by key", "large_key", ""),
                large(
                        "large values left unchanged, full identity",
                        "large_full",
                        "ALTER TABLE large_full REPLICA IDENTITY FULL"),
                swaps(),
                duplicates(),
                nulls(),
                wide()));
        cases.add(oddNames());
        cases.add(everyKeyword());
        cases.add(namesOfOurs());
        cases.add(prepared());
        return cases;
    }

    private static RowCase large(String subject, String table, String identity) {
        String values = " SELECT i, 'note', (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 400) j),"
                + " decode(repeat(md5(i::text), 300), 'hex') FROM generate_series(";
        return new RowCase(
                subject,
                List.of(table),
                Stream.of(
                                "CREATE TABLE " + table + " (id int PRIMARY KEY, note text, big text, bytes bytea)",
                                "ALTER TABLE " + table
                                        + " ALTER big SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL",
                                identity,
                                "INSERT INTO " + table + values + "1, 40) i")
                        .filter(sql -> !sql.isEmpty())
                        .toList(),
                List.of(
                        "INSERT INTO " + table + values + "41, 80) i",
                        "UPDATE " + table + " SET note = 'changed' WHERE id % 2 = 0",
                        "UPDATE " + table + " SET id = id + 1000 WHERE id % 5 = 0",
                        "UPDATE " + table + " SET id = id + 1000, note = 'twice' WHERE id > 1000 AND id % 10 = 0",
                        "UPDATE " + table + " SET big = 'small now' WHERE id % 7 = 0",
                        "UPDATE " + table + " SET note = 'after' WHERE id % 7 = 0",
                        "UPDATE " + table + " SET big = NULL WHERE id % 11 = 0",
                        "UPDATE " + table + " SET note = 'after NULL' WHERE id % 11 = 0",
                        "UPDATE " + table + " SET id = -1 WHERE id = 1; UPDATE " + table + " SET id = 1 WHERE id = 2;"
                                + " UPDATE " + table + " SET id = 2 WHERE id = -1",
                        "DELETE FROM " + table + " WHERE id = 3; UPDATE " + table + " SET id = 3 WHERE id = 4;"
                                + " UPDATE " + table + " SET note = 'took the place' WHERE id = 3",
                        "UPDATE " + table + " SET id = 5000 WHERE id = 6",
                        "UPDATE " + table + " SET id = 6, note = 'and back' WHERE id = 5000"));
    }

    private static RowCase swaps() {
        return new RowCase(
                "unique values and keys swapped",
                List.of("swap"),
                List.of(
                        "CREATE TABLE swap (id int PRIMARY KEY, code text UNIQUE DEFERRABLE, v int)",
                        "INSERT INTO swap SELECT i, 'code ' || i, i FROM generate_series(1, 50) i"),
                List.of(
                        "UPDATE swap SET code = 'code ' || (51 - id)",
                        "BEGIN; UPDATE swap SET id = -1 WHERE id = 1; UPDATE swap SET id = 1 WHERE id = 2;"
                                + " UPDATE swap SET id = 2 WHERE id = -1; COMMIT",
                        "UPDATE swap SET id = id + 100 WHERE id <= 25",
                        "UPDATE swap SET id = id - 25 WHERE id BETWEEN 26 AND 50",
                        "UPDATE swap SET id = id - 75 WHERE id > 100",
                        "BEGIN; DELETE FROM swap WHERE id = 10; INSERT INTO swap VALUES (10, 'new', 0);"
                                + " UPDATE swap SET id = 1000 WHERE id = 10; INSERT INTO swap VALUES (10, 'newer', 1); COMMIT"));
    }

    private static RowCase duplicates() {
        return new RowCase(
                "duplicates in a table without a key",
                List.of("bag"),
                List.of(
                        "CREATE TABLE bag (a int, b text, f float8)",
                        "ALTER TABLE bag REPLICA IDENTITY FULL",
                        "INSERT INTO bag SELECT i % 3, nullif('b' || i % 2, 'b1'), 0 FROM generate_series(1, 60) i",
                        "INSERT INTO bag SELECT NULL, NULL, NULL FROM generate_series(1, 5)"),
                List.of(
                        "INSERT INTO bag SELECT 1, 'b0', '-0' FROM generate_series(1, 7)",
                        "INSERT INTO bag SELECT 1, 'b0', 'NaN' FROM generate_series(1, 7)",
                        "UPDATE bag SET a = 9 WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1 AND b = 'b0')",
                        "UPDATE bag SET b = NULL WHERE ctid = (SELECT max(ctid) FROM bag WHERE a = 1 AND b = 'b0')",
                        "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag WHERE a IS NULL LIMIT 2)",
                        "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag WHERE a = 2 LIMIT 9)",
                        "UPDATE bag SET a = a",
                        "INSERT INTO bag SELECT * FROM bag",
                        "DELETE FROM bag WHERE a = 0"));
    }

    private static RowCase nulls() {
        return new RowCase(
                "NULL in columns with a default",
                List.of("defaults"),
                List.of(
                        "CREATE TABLE defaults (id int PRIMARY KEY, i int DEFAULT 7, t text DEFAULT 'unset',"
                                + " m timestamptz DEFAULT now(), b bytea DEFAULT '\\x01', n numeric DEFAULT 'NaN')",
                        "INSERT INTO defaults (id) SELECT generate_series(1, 5)",
                        "INSERT INTO defaults VALUES (6, NULL, NULL, NULL, NULL, NULL)"),
                List.of(
                        "INSERT INTO defaults VALUES (7, NULL, NULL, NULL, NULL, NULL)",
                        "INSERT INTO defaults (id) VALUES (8)",
                        "UPDATE defaults SET i = NULL, t = NULL, m = NULL, b = NULL, n = NULL WHERE id IN (1, 8)",
                        "ALTER TABLE defaults ADD COLUMN late text DEFAULT 'late', ADD COLUMN plain int",
                        "INSERT INTO defaults (id, late, plain) VALUES (9, NULL, NULL)",
                        "UPDATE defaults SET late = NULL WHERE id = 2",
                        "UPDATE defaults SET i = 1 WHERE id = 3",
                        "ALTER TABLE defaults ALTER late SET DEFAULT 'later'",
                        "INSERT INTO defaults (id) VALUES (10)",
                        "INSERT INTO defaults (id, late) VALUES (11, NULL)"));
    }

    private static RowCase wide() {
        String columns = IntStream.range(1, MOST_COLUMNS)
                .mapToObj(i -> "c" + i + (i % 3 == 0 ? " int" : i % 3 == 1 ? " bool" : " text"))
                .collect(Collectors.joining(", "));
        return new RowCase(
                "1,600 columns",
                List.of("wide"),
                List.of(
                        "CREATE TABLE wide (c0 int PRIMARY KEY, " + columns + ")",
                        "INSERT INTO wide (c0, c1, c1599) VALUES (1, true, 7), (2, false, NULL)"),
                List.of(
                        "INSERT INTO wide (c0, c2, c1598) VALUES (3, 'x', 'last')",
                        "UPDATE wide SET c1599 = 8, c800 = 'middle' WHERE c0 < 3",
                        "UPDATE wide SET c0 = 4 WHERE c0 = 2",
                        "DELETE FROM wide WHERE c0 = 1"));
    }

    private static RowCase oddNames() {
        List<String> tables = new ArrayList<>();
        List<String> before = new ArrayList<>();
        List<String> during = new ArrayList<>();
        before.add("CREATE SCHEMA \"Odd.Schema 'x'\"");
        String columns = ODD_NAMES.stream()
                .filter(name -> !name.equals("upper"))
                .map(PostgresRows::quoted)
                .map(name -> name + " text")
                .collect(Collectors.joining(", "));
        for (String name : ODD_NAMES) {
            String table = (tables.size() % 2 == 0 ? "\"Odd.Schema 'x'\"." : "public.") + quoted(name);
            tables.add(table);
            before.add("CREATE TABLE " + table + " (\"Key.\"\"k\"\"\" int PRIMARY KEY, " + columns + ")");
            before.add("INSERT INTO " + table + " VALUES (1, 'first', 'second'), (2, 'x', NULL)");
            during.add("INSERT INTO " + table + " VALUES (3, 'third')");
            during.add("UPDATE " + table + " SET " + quoted(ODD_NAMES.get(tables.size() % 4)) + " = 'new',"
                    + " \"Key.\"\"k\"\"\" = \"Key.\"\"k\"\"\" * 10 WHERE \"Key.\"\"k\"\"\" <> 2");
        }
        return new RowCase("names with dots, quotes, upper case, unicode", tables, before, during);
    }

    private static String quoted(String name) {
        return "\"" + name + "\"";
    }

    /** The server knows its words best. */
    private static RowCase everyKeyword() {
        return new RowCase(
                "columns named as every keyword",
                List.of("keywords"),
                List.of(
                        "DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE keywords (id int PRIMARY KEY, '"
                                + " || string_agg(format('\"%s\" text', word), ', ') || ')' FROM pg_get_keywords()); END $$",
                        "INSERT INTO keywords VALUES (1, 'x', 'y')"),
                List.of(
                        "INSERT INTO keywords (id, \"select\", \"from\", \"order\") VALUES (2, 's', 'f', 'o')",
                        "UPDATE keywords SET \"table\" = 't', \"where\" = 'w', \"user\" = 'u'",
                        "UPDATE keywords SET id = 3 WHERE id = 1"));
    }

    private static RowCase namesOfOurs() {
        String columns =
                NAMES_OF_OURS.stream().map(name -> quoted(name) + " text").collect(Collectors.joining(", "));
        String numbers =
                NAMES_OF_OURS.stream().map(name -> "'" + name + "' || i").collect(Collectors.joining(", "));
        String insert = "INSERT INTO ours SELECT " + numbers + " FROM generate_series(";
        return new RowCase(
                "columns named as our own metadata",
                List.of("ours", "ours_full"),
                List.of(
                        "CREATE TABLE ours (" + columns + ", PRIMARY KEY (\"_cdp_seq\", \"op\"))",
                        insert + "1, 10) i",
                        "CREATE TABLE ours_full (" + columns + ")",
                        "ALTER TABLE ours_full REPLICA IDENTITY FULL",
                        "INSERT INTO ours_full SELECT * FROM ours"),
                List.of(
                        insert + "11, 20) i",
                        "INSERT INTO ours_full SELECT * FROM ours",
                        "UPDATE ours SET \"_cdp_op\" = 'delete', \"_cdp_before\" = NULL WHERE \"_cdp_seq\" LIKE '%1'",
                        "UPDATE ours SET \"_cdp_seq\" = \"_cdp_seq\" || 'x', \"s\" = 's' WHERE \"_cdp_seq\" LIKE '%2'",
                        "UPDATE ours_full SET \"_cdp_unavailable\" = 'op', \"u0\" = 'true' WHERE \"op\" LIKE '%3'",
                        "DELETE FROM ours WHERE \"op\" LIKE '%4'",
                        "DELETE FROM ours_full WHERE \"op\" LIKE '%5'"));
    }

    private static RowCase prepared() {
        return new RowCase(
                "prepared transactions",
                List.of("prepared"),
                List.of(
                        "CREATE TABLE prepared (id int PRIMARY KEY, v text)",
                        "INSERT INTO prepared SELECT i, 'base' FROM generate_series(1, 4) i"),
                List.of(
                        "BEGIN; INSERT INTO prepared VALUES (10, 'prepared'); UPDATE prepared SET v = 'prepared' WHERE id = 1;"
                                + " PREPARE TRANSACTION 'kept'",
                        "BEGIN; INSERT INTO prepared VALUES (11, 'prepared'); DELETE FROM prepared WHERE id = 2;"
                                + " PREPARE TRANSACTION 'gone'",
                        "INSERT INTO prepared VALUES (12, 'between')",
                        "UPDATE prepared SET v = 'between' WHERE id = 3",
                        "ROLLBACK PREPARED 'gone'",
                        "COMMIT PREPARED 'kept'",
                        "UPDATE prepared SET v = v || ' and changed' WHERE id IN (1, 10)"));
    }
}
