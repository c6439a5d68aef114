package dev.cdp.restore.target;

import static dev.cdp.restore.target.TargetFixture.NEVER;
import static dev.cdp.restore.target.TargetFixture.definition;
import static dev.cdp.restore.target.TargetFixture.load;
import static dev.cdp.restore.target.TargetFixture.read;
import static dev.cdp.restore.target.TargetFixture.schema;
import static dev.cdp.restore.target.TargetFixture.server;
import static dev.cdp.restore.target.TargetFixture.statement;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.RowImage;
import dev.cdp.core.Secret;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.restore.target.TargetDatabase.Standing;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresTargetIT {
    private static final AtomicInteger names = new AtomicInteger();
    private static final String AWKWARD_PLAN = "r-0193 \\'x";
    private static final Map<String, String> SETTINGS =
            Map.of("encoding", "UTF8", "lc_collate", "C", "lc_ctype", "C", "locale_provider", "libc");
    private static final TableSchema VALUES = schema(
            "odd \"schema\"",
            "every \\ value",
            "id",
            "bigint",
            "INT64",
            "flag",
            "boolean",
            "BOOLEAN",
            "single",
            "real",
            "FLOAT32",
            "precise",
            "double precision",
            "FLOAT64",
            "raw",
            "bytea",
            "BYTES",
            "words",
            "text",
            "TEXT",
            "amount",
            "numeric",
            "TEXT",
            "moment",
            "timestamptz",
            "TEXT",
            "day",
            "date",
            "TEXT",
            "span",
            "interval",
            "TEXT",
            "list",
            "text[]",
            "TEXT",
            "document",
            "jsonb",
            "TEXT",
            "verbatim",
            "json",
            "TEXT",
            "kind",
            "\"odd \"\"schema\"\"\".mood",
            "TEXT",
            "padded",
            "character(5)",
            "TEXT",
            "numbers",
            "int4range",
            "TEXT");
    private static final DatabaseDefinition DEFINITION = definition(
            Engine.POSTGRESQL,
            SETTINGS,
            before("CREATE SCHEMA \"odd \"\"schema\"\"\""),
            before("CREATE TYPE \"odd \"\"schema\"\"\".mood AS ENUM ('good', 'a,b''c', '')"),
            before("""
                    CREATE TABLE "odd ""schema\"""."every \\ value" (id bigint GENERATED ALWAYS AS IDENTITY, flag boolean,
                        single real, precise double precision, raw bytea, words text, amount numeric, moment timestamptz,
                        day date, span interval, list text[], document jsonb, verbatim json,
                        kind "odd ""schema\""".mood, padded character(5), numbers int4range,
                        doubled bigint GENERATED ALWAYS AS (id * 2) STORED)"""),
            before("CREATE TABLE public.parent (id int, at date) PARTITION BY RANGE (at)"),
            before(
                    "CREATE TABLE public.leaf PARTITION OF public.parent FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')"),
            before("CREATE TABLE public.empty ()"),
            before("CREATE SEQUENCE public.tickets"),
            before("CREATE TABLE public.orders (id serial, note text)"),
            statement(Phase.KEYS, "PRIMARY KEY", "ALTER TABLE public.orders ADD PRIMARY KEY (id)"),
            statement(Phase.AFTER_DATA, "VIEW", "CREATE VIEW public.seen AS SELECT note FROM public.orders"),
            statement(Phase.AFTER_DATA, "COMMENT", """
                    DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'the source''s own');
                    EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$"""));
    private static final TableSchema LEAF = schema("public", "leaf", "id", "integer", "INT64", "at", "date", "TEXT");
    private static final TableSchema ORDERS =
            schema("public", "orders", "id", "integer", "INT64", "note", "text", "TEXT");

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void restoresEveryKindOfValueExactly(int version) throws SQLException {
        TestPostgres server = version == 15 ? TestPostgres.version15() : TestPostgres.version18();
        TestDatabase database = absent(server);
        try (TargetDatabase target = target(database)) {
            target.begin("r-1", DEFINITION);
            target.run(Phase.BEFORE_DATA);

            String given = load(target, VALUES, edges());
            String leaf = load(target, LEAF, RowImage.of(1L, "2024-02-29"));
            String empty = load(target, schema("public", "empty"), RowImage.of(), RowImage.of());
            target.run(Phase.KEYS);
            target.run(Phase.AFTER_DATA);

            assertThat(given).startsWith(edges().length + " ");
            assertThat(read(target, VALUES)).isEqualTo(given);
            assertThat(read(target, LEAF)).isEqualTo(leaf);
            assertThat(read(target, schema("public", "empty"))).isEqualTo(empty).startsWith("2 ");
            target.analyze();
            target.finish();
        }
        assertThat(database.queryValue("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                        + " WHERE datname = current_database()"))
                .isEqualTo("the source's own");
        assertThat(database.query("SELECT setconfig::text FROM pg_db_role_setting s JOIN pg_database d"
                        + " ON d.oid = s.setdatabase WHERE d.datname = current_database()"))
                .containsExactly(List.of("{default_transaction_read_only=on}"));
        assertThat(database.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"))
                .containsExactly(List.of("information_schema"), List.of("odd \"schema\""), List.of("public"));
        String texts = "SELECT id, doubled, words, amount, moment AT TIME ZONE 'UTC', raw, precise"
                + " FROM \"odd \"\"schema\"\"\".\"every \\ value\" WHERE id = 3";
        assertThat(database.query(texts))
                .containsExactly(Arrays.asList(
                        "3", "6", "tab\tline\nreturn\rback\\slash\\N\\.", "NaN", "-infinity", "\\x00ff5c", "NaN"));
    }

    /** Texts stand here as the server prints them under the pinned settings. */
    private static RowImage[] edges() {
        return new RowImage[] {
            RowImage.of(
                    1L,
                    true,
                    -0.0f,
                    -0.0,
                    new byte[0],
                    "",
                    "1.500",
                    "2024-01-01 00:00:00+00",
                    "0044-03-15 BC",
                    "1 mon -1 days",
                    "{}",
                    "{\"a\": 1.50}",
                    "{ \"b\":1,\"b\" : 2 }",
                    "good",
                    "a    ",
                    "empty"),
            RowImage.of(
                    Long.MIN_VALUE / 2,
                    false,
                    Float.MIN_VALUE,
                    Double.MIN_VALUE,
                    new byte[] {'\\', 'x'},
                    "\\N",
                    "-0.00000000000000000001",
                    "infinity",
                    "infinity",
                    "-00:00:01.5",
                    "{NULL,\"NULL\",\"\"}",
                    "null",
                    "null",
                    "a,b'c",
                    "     ",
                    "[1,)"),
            RowImage.of(
                    3L,
                    null,
                    Float.NaN,
                    Double.NaN,
                    new byte[] {0, -1, '\\'},
                    "tab\tline\nreturn\rback\\slash\\N\\.",
                    "NaN",
                    "-infinity",
                    "5874897-12-31",
                    "178000000 years",
                    "{{a,b},{c,d}}",
                    "[]",
                    "[]",
                    "",
                    "ab   ",
                    "(,)"),
            RowImage.of(
                    4L,
                    true,
                    Float.MAX_VALUE,
                    Double.NEGATIVE_INFINITY,
                    allBytes(),
                    "\b\f\u000B\u0001é€😀\u2028",
                    "Infinity",
                    "0001-01-01 00:00:00+00 BC",
                    "4713-01-01 BC",
                    "-178000000 years",
                    "[0:1]={x,y}",
                    "\"t\\tn\"",
                    "\"\\u0041\"",
                    null,
                    "é    ",
                    null),
            RowImage.of(5L, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
            RowImage.of(
                    5L,
                    false,
                    0.1f,
                    0.1,
                    new byte[1 << 18],
                    "x\t".repeat(1 << 17),
                    "9".repeat(2000),
                    "2024-06-30 23:59:59.999999+00",
                    "0001-01-01",
                    "00:00:00",
                    "{\"a b\",\"c\\\\d\",\"e\\\"f\"}",
                    "{}",
                    "{}",
                    "good",
                    "     ",
                    "[1,2)"),
        };
    }

    private static byte[] allBytes() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return all;
    }

    @Test
    void beginsAnInterruptedRestoreAgainAndNoOthers() throws SQLException {
        TestDatabase database = absent(TestPostgres.version15());
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing(AWKWARD_PLAN)).isEqualTo(Standing.ABSENT);
            target.begin(AWKWARD_PLAN, DEFINITION);
            List.of(Phase.values()).forEach(target::run); // its comment takes no mark away
        }

        try (TargetDatabase again = target(database)) {
            assertThat(again.standing("r-2")).isEqualTo(Standing.NOT_EMPTY);
            assertFails(
                    () -> again.begin("r-2", DEFINITION),
                    ErrorCode.TARGET_NOT_EMPTY,
                    "holds the interrupted restore of plan " + AWKWARD_PLAN);
            assertThat(again.standing(AWKWARD_PLAN)).isEqualTo(Standing.OWN_INCOMPLETE);
            again.begin(AWKWARD_PLAN, DEFINITION);
            again.run(Phase.BEFORE_DATA);
            again.finish();
            assertFails(
                    () -> again.begin(AWKWARD_PLAN, DEFINITION),
                    ErrorCode.TARGET_NOT_EMPTY,
                    "exists and is not empty: it has ");
        }
    }

    @Test
    void knowsARestoreThatWasKilledBeforeItsMark() throws SQLException {
        TestPostgres server = TestPostgres.version15();
        TestDatabase database = server.database("unmarked");
        server.database("postgres").execute("CREATE DATABASE unmarked__incomplete");
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing("r-1")).isEqualTo(Standing.OWN_INCOMPLETE);
            target.begin("r-1", DEFINITION);
            target.run(Phase.BEFORE_DATA);
            server.database("postgres").execute("COMMENT ON DATABASE unmarked__incomplete IS NULL");

            assertFails(
                    () -> target.requireFree("r-1"),
                    ErrorCode.TARGET_NOT_EMPTY,
                    "'unmarked__incomplete' exists and has ");
        }
    }

    @Test
    void takesOverAnEmptyDatabaseAndLeavesOthersAlone() throws SQLException {
        TestDatabase database = TestPostgres.version18().createDatabase("target_given");
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing("r-1")).isEqualTo(Standing.EMPTY);
            assertFails(
                    () -> target.begin("r-1", definition(Engine.POSTGRESQL, Map.of("encoding", "LATIN1"))),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "has encoding 'UTF8'; the source has 'LATIN1'");
            target.begin("r-1", DEFINITION);
            target.finish();
        }
        database.execute("CREATE FUNCTION public.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'");

        try (TargetDatabase target = target(database)) {
            assertFails(
                    () -> target.begin("r-1", DEFINITION),
                    ErrorCode.TARGET_NOT_EMPTY,
                    "exists and is not empty: it has 1 object, public.theirs");
        }
    }

    @Test
    void printsNamesOfObjectsAsTheArchiveHoldsThem() throws SQLException {
        DatabaseDefinition definition = definition(
                Engine.POSTGRESQL,
                SETTINGS,
                before("CREATE TABLE public.refers (to_table regclass, at time with time zone)"));
        TableSchema refers = schema("public", "refers", "to_table", "regclass", "TEXT", "at", "timetz", "TEXT");
        try (TargetDatabase target = target(absent(TestPostgres.version18()))) {
            target.begin("r-1", definition);
            target.run(Phase.BEFORE_DATA);

            String given =
                    load(target, refers, RowImage.of("public.refers", "24:00:00+05:30"), RowImage.of("pg_class", null));

            assertThat(read(target, refers)).isEqualTo(given);
        }
    }

    @Test
    void leavesATableEmptyWhenItsRowsEndWithAFailure() throws SQLException {
        try (TargetDatabase target = made(absent(TestPostgres.version18()))) {
            AtomicLong count = new AtomicLong();

            assertThatThrownBy(() -> target.load(
                            ORDERS,
                            () -> {
                                if (count.incrementAndGet() > 20_000) {
                                    throw new IllegalStateException("the fold stopped");
                                }
                                return RowImage.of(count.get(), "note");
                            },
                            NEVER))
                    .hasMessage("the fold stopped");

            assertThat(read(target, ORDERS)).startsWith("0 ");
        }
    }

    @Test
    void refusesRowsByNameWithoutShowingThem() throws SQLException {
        try (TargetDatabase target = made(absent(TestPostgres.version15()))) {
            assertThatThrownBy(() -> target.load(ORDERS, () -> RowImage.of(1L, Unchanged.UNCHANGED), NEVER))
                    .isInstanceOf(IllegalStateException.class);
            TableSchema wrong = schema("public", "orders", "id", "integer", "TEXT", "note", "text", "TEXT");

            assertFails(
                    () -> load(target, wrong, RowImage.of("1", "a"), RowImage.of("secret", "b")),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "refused a row of table \"public\".\"orders\", row 2, column id with error 22P02",
                    "secret");

            load(target, ORDERS, RowImage.of(77L, "secret"), RowImage.of(77L, "other"));
            assertFails(
                    () -> target.run(Phase.KEYS),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "refused to make PRIMARY KEY something",
                    "77");
        }
    }

    @Test
    void neverHandsOutANumberAgain() throws SQLException {
        TestDatabase database = absent(TestPostgres.version18());
        try (TargetDatabase target = made(database)) {
            load(target, ORDERS, RowImage.of(5000L, "written past the sequence"));
            load(target, VALUES, edges());

            target.set(List.of(
                    sequence("tickets", 150, true), sequence("orders_id_seq", 40, true), sequence("gone", 7, true)));
            target.finish();
        }

        assertThat(database.queryValue("SELECT nextval('tickets')")).isEqualTo("151");
        assertThat(database.queryValue("INSERT INTO orders (note) VALUES ('next') RETURNING id"))
                .isEqualTo("5001");
        assertThat(database.queryValue("SELECT nextval(pg_get_serial_sequence("
                        + "'\"odd \"\"schema\"\"\".\"every \\ value\"', 'id'))"))
                .isEqualTo("6");
    }

    @Test
    void namesWhatTheServerLacks() {
        TestDatabase database = absent(TestPostgres.version15());
        try (TargetDatabase target = target(database)) {
            assertFails(
                    () -> target.begin(
                            "r-1",
                            definition(
                                    Engine.POSTGRESQL, Map.of("lc_collate", "xx_YY.utf8", "lc_ctype", "xx_YY.utf8"))),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "xx_YY.utf8");
            assertFails(
                    () -> target.begin(
                            "r-1", definition(Engine.POSTGRESQL, Map.of("locale_provider", "builtin", "locale", "C"))),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "locale provider 'builtin', which version 15 lacks");
            DatabaseDefinition extension = definition(
                    Engine.POSTGRESQL,
                    SETTINGS,
                    new DefinitionStatement(
                            Phase.BEFORE_DATA, "EXTENSION", "nowhere", null, "CREATE EXTENSION nowhere"));
            target.begin("r-1", extension);
            assertFails(
                    () -> target.run(Phase.BEFORE_DATA),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "refused to make EXTENSION nowhere");
        }
    }

    @Test
    void saysWhoMayNotAndWhoDoesNotAnswer() throws SQLException {
        TestDatabase database = absent(TestPostgres.version15());
        TestPostgres.version15().database("postgres").execute("""
                DO $$ BEGIN CREATE ROLE cdp_test_poor LOGIN PASSWORD 'poor';
                EXCEPTION WHEN duplicate_object THEN NULL; END $$""");
        TargetServer poor = server(Engine.POSTGRESQL, database, "cdp_test_poor", "poor");
        TargetServer stranger = server(Engine.POSTGRESQL, database, "cdp_test_stranger", "hidden");
        TargetServer nowhere =
                new TargetServer(Engine.POSTGRESQL, "127.0.0.1", 1, "postgres", Secret.of("hidden"), Map.of());

        try (TargetDatabase target = poor.database("any")) {
            assertFails(
                    () -> target.standing("r-1"),
                    ErrorCode.TARGET_ACCESS_DENIED,
                    "'cdp_test_poor' may not create databases");
            assertFails(
                    () -> target.begin("r-1", DEFINITION), ErrorCode.TARGET_ACCESS_DENIED, "may not create databases");
        }
        try (TargetDatabase target = stranger.database("any")) {
            assertFails(() -> target.standing("r-1"), ErrorCode.TARGET_ACCESS_DENIED, "refuses the user", "hidden");
        }
        try (TargetDatabase target = nowhere.database("any")) {
            assertFails(() -> target.standing("r-1"), ErrorCode.TARGET_UNREACHABLE, "127.0.0.1:1", "hidden");
        }
    }

    @Test
    void shortensLongNamesWithoutMixingThemUp() {
        String one = IncompleteName.of(Engine.POSTGRESQL, "é".repeat(31));
        String other = IncompleteName.of(Engine.POSTGRESQL, "é".repeat(30) + "e");

        assertThat(one).isNotEqualTo(other).endsWith("__incomplete").startsWith("éééé");
        assertThat(one.getBytes(java.nio.charset.StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(63);
    }

    private static SequenceValue sequence(String name, long value, boolean called) {
        return new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", name, value, called);
    }

    private static DefinitionStatement before(String sql) {
        return statement(Phase.BEFORE_DATA, "TABLE", sql);
    }

    private static TestDatabase absent(TestPostgres server) {
        return server.database("target \"odd\" " + names.incrementAndGet());
    }

    private static TargetDatabase target(TestDatabase database) {
        return TargetFixture.target(Engine.POSTGRESQL, database);
    }

    private static TargetDatabase made(TestDatabase database) {
        TargetDatabase target = target(database);
        target.begin("r-1", DEFINITION);
        target.run(Phase.BEFORE_DATA);
        return target;
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code, String message, String... hidden) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(CdpException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.next()).isNotBlank();
                })
                .hasMessageContaining(message)
                .hasMessageNotContainingAny(Stream.concat(Stream.of("test-password"), Arrays.stream(hidden))
                        .toArray(String[]::new));
    }
}
