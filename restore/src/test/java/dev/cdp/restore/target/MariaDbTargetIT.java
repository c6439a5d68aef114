package dev.cdp.restore.target;

import static dev.cdp.restore.target.TargetFixture.NEVER;
import static dev.cdp.restore.target.TargetFixture.definition;
import static dev.cdp.restore.target.TargetFixture.load;
import static dev.cdp.restore.target.TargetFixture.read;
import static dev.cdp.restore.target.TargetFixture.rows;
import static dev.cdp.restore.target.TargetFixture.schema;
import static dev.cdp.restore.target.TargetFixture.server;
import static dev.cdp.restore.target.TargetFixture.statement;
import static dev.cdp.restore.target.TargetFixture.texts;
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
import dev.cdp.testkit.services.TestMariaDb;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MariaDbTargetIT {
    private static final AtomicInteger names = new AtomicInteger();
    private static final Map<String, String> SETTINGS =
            Map.of("character_set", "latin1", "collation", "latin1_german1_ci", "comment", "the source's \\ own");
    private static final TableSchema VALUES = schema(
            "source",
            "every ` value",
            "id",
            "int(11)",
            "INT64",
            "tiny",
            "tinyint(1)",
            "INT64",
            "huge",
            "bigint(20) unsigned",
            "TEXT",
            "padded",
            "int(10) unsigned zerofill",
            "INT64",
            "single",
            "float",
            "FLOAT32",
            "precise",
            "double",
            "FLOAT64",
            "amount",
            "decimal(20,4) unsigned zerofill",
            "TEXT",
            "day",
            "date",
            "TEXT",
            "at",
            "datetime(6)",
            "TEXT",
            "moment",
            "timestamp(3)",
            "TEXT",
            "span",
            "time(6)",
            "TEXT",
            "year",
            "year(4)",
            "TEXT",
            "western",
            "varchar(40)",
            "TEXT",
            "words",
            "text",
            "TEXT",
            "fixed",
            "char(5)",
            "TEXT",
            "raw",
            "blob",
            "BYTES",
            "filled",
            "binary(4)",
            "BYTES",
            "bits",
            "bit(9)",
            "BYTES",
            "kind",
            "enum('good','a,b''c')",
            "TEXT",
            "kinds",
            "set('x','y')",
            "TEXT",
            "document",
            "longtext",
            "TEXT",
            "unique_id",
            "uuid",
            "TEXT",
            "address",
            "inet6",
            "TEXT",
            "place",
            "geometry",
            "BYTES",
            "wide",
            "varchar(20)",
            "TEXT");
    private static final TableSchema LINES = schema("source", "lines", "line", "varchar(300)", "TEXT");
    private static final TableSchema ORDERS =
            schema("source", "orders", "id", "bigint(20)", "INT64", "note", "varchar(300)", "TEXT");
    private static final DatabaseDefinition DEFINITION = definition(
            Engine.MARIADB,
            SETTINGS,
            statement(Phase.BEFORE_DATA, "SEQUENCE", "CREATE SEQUENCE tickets CACHE 10"),
            statement(Phase.BEFORE_DATA, "TABLE", """
                    CREATE TABLE `every `` value` (id int NOT NULL AUTO_INCREMENT, tiny tinyint(1), huge bigint unsigned,
                        padded int(10) unsigned zerofill, single float, precise double,
                        amount decimal(20,4) unsigned zerofill, day date, at datetime(6), moment timestamp(3) NULL,
                        span time(6), year year(4), western varchar(40) CHARACTER SET latin1,
                        words text CHARACTER SET utf8mb4, fixed char(5) CHARACTER SET utf8mb4, raw blob, filled binary(4),
                        bits bit(9), kind enum('good', 'a,b''c'), kinds set('x', 'y'),
                        document longtext CHARACTER SET utf8mb4, unique_id uuid, address inet6, place geometry,
                        wide varchar(20) CHARACTER SET ucs2, doubled bigint GENERATED ALWAYS AS (tiny * 2) STORED,
                        KEY (id), CONSTRAINT never CHECK (tiny < 2), CHECK (json_valid(document)))"""),
            statement(Phase.BEFORE_DATA, "TABLE", "CREATE TABLE `lines` (line varchar(300) CHARACTER SET utf8mb4)"),
            statement(
                    Phase.BEFORE_DATA,
                    "TABLE",
                    "CREATE TABLE orders (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, note varchar(300))"),
            // As programs are read: under their own settings, and then under the usual ones, without our time zone.
            statement(
                    Phase.BEFORE_DATA,
                    "SESSION",
                    "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES', time_zone = '+05:30'"),
            statement(Phase.BEFORE_DATA, "FUNCTION", "CREATE FUNCTION \"one\"() RETURNS int DETERMINISTIC RETURN 1"),
            statement(
                    Phase.AFTER_DATA,
                    "TRIGGER",
                    "CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'by trigger'"),
            statement(Phase.AFTER_DATA, "SESSION", "SET sql_mode = '', time_zone = 'SYSTEM'"),
            statement(
                    Phase.AFTER_DATA, "EVENT", "CREATE EVENT cleans ON SCHEDULE EVERY 1 SECOND DO DELETE FROM `lines`"),
            statement(Phase.AFTER_DATA, "SESSION", "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = DEFAULT"));

    @AfterEach
    void takeFilesAgain() throws SQLException {
        TestMariaDb.shared().database("mysql").execute("SET GLOBAL local_infile = 1");
    }

    @ParameterizedTest(name = "local_infile={0}")
    @ValueSource(ints = {0, 1})
    void restoresEveryKindOfValueExactly(int localInfile) throws SQLException {
        TestMariaDb.shared().database("mysql").execute("SET GLOBAL local_infile = " + localInfile);
        TestDatabase database = absent();
        try (TargetDatabase target = target(database)) {
            target.begin("r-1", DEFINITION);
            target.run(Phase.BEFORE_DATA);

            String given = load(target, VALUES, edges());
            String lines = load(target, LINES, lines());
            target.run(Phase.KEYS);

            assertThat(given).startsWith(edges().length + " ");
            assertThat(rows(target, VALUES)).containsExactlyInAnyOrder(texts(edges()));
            assertThat(read(target, VALUES)).isEqualTo(given);
            assertThat(read(target, LINES)).isEqualTo(lines);
            target.run(Phase.AFTER_DATA);
            assertThat(incomplete(database).query("SHOW EVENTS")).isEmpty();
            target.analyze();
            target.finish();
        }
        String stored =
                "SELECT doubled, unix_timestamp(moment), hex(western), hex(bits), huge + 0, hex(fixed), kind + 0,"
                        + " st_astext(place), hex(wide), single = 0, precise, cast(day AS char) FROM `every `` value` WHERE id IN (0, 1)"
                        + " ORDER BY id";
        assertThat(database.query(stored))
                .containsExactly(
                        Arrays.asList(
                                "-256",
                                "0.000",
                                "80E420",
                                "1FF",
                                "18446744073709551615",
                                "F09F9880",
                                "0",
                                "POINT(1 2)",
                                "20AC",
                                "0",
                                "-1.7976931348623157e308",
                                "0000-00-00"),
                        Arrays.asList(
                                "254", "1704067200.123", "", "0", "0", "", "2", null, "", "1", "-0", "2024-02-31"));
        assertThat(database.query("SELECT default_character_set_name, default_collation_name, schema_comment"
                        + " FROM information_schema.schemata WHERE schema_name = database()"))
                .containsExactly(List.of("latin1", "latin1_german1_ci", "the source's \\ own"));
        assertThat(database.query("SHOW TABLES"))
                .extracting(row -> row.get(0))
                .containsExactlyInAnyOrder("every ` value", "lines", "orders", "tickets");
        assertThat(database.query("SHOW EVENTS")).hasSize(1);
    }

    /** Texts stand here as the server prints them in UTC. */
    private static RowImage[] edges() {
        byte[] place = HexFormat.of().parseHex("000000000101000000000000000000F03F0000000000000040");
        return new RowImage[] {
            RowImage.of(
                    0L,
                    -128L,
                    "18446744073709551615",
                    4294967295L,
                    Float.MIN_VALUE,
                    -Double.MAX_VALUE,
                    "9999999999999999.9999",
                    "0000-00-00",
                    "0000-00-00 00:00:00.000000",
                    "0000-00-00 00:00:00.000",
                    "-838:59:59.999999",
                    "0000",
                    "€ä ",
                    "\0\t\n\r\\N\b\u001A'\"%_",
                    "😀",
                    new byte[] {0, '\t', '\n', '\\', -1},
                    new byte[] {'a', 0, 0, 0},
                    new byte[] {1, -1},
                    "",
                    "",
                    "{\"a\": 1.50, \"a\":null}",
                    "123e4567-e89b-12d3-a456-426655440000",
                    "::ffff:1.2.3.4",
                    place,
                    "€"),
            RowImage.of(
                    1L,
                    127L,
                    "0",
                    0L,
                    -0.0f,
                    -0.0,
                    "0.0000",
                    "2024-02-31",
                    "2024-00-10 12:00:00.000001",
                    "2024-01-01 00:00:00.123",
                    "838:59:59.000000",
                    "2155",
                    "",
                    "",
                    "",
                    new byte[0],
                    new byte[4],
                    new byte[] {0, 0},
                    "a,b'c",
                    "x,y",
                    "null",
                    "00000000-0000-0000-0000-000000000000",
                    "::",
                    null,
                    ""),
            RowImage.of(
                    2L,
                    1L,
                    "9223372036854775808",
                    7L,
                    0.1f,
                    0.1,
                    "0.1000",
                    "9999-12-31",
                    "9999-12-31 23:59:59.999999",
                    "2038-01-19 03:14:07.999",
                    "00:00:00.000001",
                    "1901",
                    "\u0001",
                    "x\t".repeat(30_000),
                    "a",
                    new byte[60_000],
                    new byte[] {'\\', 'N', 0, 0},
                    new byte[] {0, 1},
                    "good",
                    "y",
                    "[]",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff",
                    "2001:db8::1",
                    place,
                    "x"),
            RowImage.of(
                    3L, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, null, null, null, null, null, null),
            RowImage.of(
                    -5L,
                    0L,
                    "1",
                    1L,
                    Float.MAX_VALUE,
                    Double.MIN_VALUE,
                    "1.0000",
                    "0001-01-01",
                    "1000-01-01 00:00:00.000000",
                    "2024-03-31 02:30:00.000",
                    "-00:00:00.000001",
                    "1970",
                    "n",
                    "NULL",
                    "\\N",
                    new byte[] {'\\', 'N'},
                    new byte[] {1, 2, 3, 4},
                    new byte[] {1, 0},
                    null,
                    "x",
                    "\"\\u0041\"",
                    null,
                    null,
                    place,
                    null),
        };
    }

    private static RowImage[] lines() {
        return new RowImage[] {
            RowImage.of(""), RowImage.of((Object) null), RowImage.of(""), RowImage.of("\\"), RowImage.of("")
        };
    }

    @Test
    void beginsAnInterruptedRestoreAgainAndNoOthers() throws SQLException {
        TestDatabase database = absent();
        String plan = "r-0193 \\'x";
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing(plan)).isEqualTo(Standing.ABSENT);
            target.begin(plan, DEFINITION);
            List.of(Phase.values()).forEach(target::run);
        }

        try (TargetDatabase again = target(database)) {
            assertThat(again.standing("r-2")).isEqualTo(Standing.NOT_EMPTY);
            assertFails(
                    () -> again.begin("r-2", DEFINITION),
                    ErrorCode.TARGET_NOT_EMPTY,
                    "holds the interrupted restore of plan " + plan);
            assertThat(again.standing(plan)).isEqualTo(Standing.OWN_INCOMPLETE);
            again.begin(plan, DEFINITION);
            again.run(Phase.BEFORE_DATA);
            again.finish();
            assertFails(() -> again.begin(plan, DEFINITION), ErrorCode.TARGET_NOT_EMPTY, "exists and is not empty");
        }
    }

    @Test
    void takesOverAnEmptyDatabaseWithTheSourcesSettings() throws SQLException {
        TestDatabase database = TestMariaDb.shared().createDatabase("target_given");
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing("r-1")).isEqualTo(Standing.EMPTY);
            target.begin("r-1", DEFINITION);
            target.run(Phase.BEFORE_DATA);
            target.finish();
        }

        assertThat(database.queryValue("SELECT @@collation_database")).isEqualTo("latin1_german1_ci");
        database.execute("CREATE EVENT theirs ON SCHEDULE EVERY 1 YEAR DO SELECT 1");
        try (TargetDatabase target = target(database)) {
            assertThat(target.standing("r-1")).isEqualTo(Standing.NOT_EMPTY);
        }
    }

    @Test
    void loadsALargeTableInSeveralTransactions() throws SQLException {
        TestDatabase database = absent();
        try (TargetDatabase target = made(database)) {
            AtomicLong count = new AtomicLong();
            String note = "n".repeat(290);
            long before = transactions(incomplete(database));

            target.load(
                    ORDERS,
                    () -> count.incrementAndGet() > 240_000 ? null : RowImage.of(count.get(), note), // 71 MB
                    () -> new TableContent(240_000, "unknown"));

            assertThat(transactions(incomplete(database)) - before).isGreaterThan(1);
            assertThat(incomplete(database).queryValue("SELECT concat(count(*), ' ', max(id)) FROM orders"))
                    .isEqualTo("240000 240000");
        }
    }

    private static long transactions(TestDatabase database) throws SQLException {
        String position = String.valueOf(database.queryValue("SELECT @@gtid_binlog_pos"));
        return Long.parseLong(position.substring(position.lastIndexOf('-') + 1));
    }

    @Test
    void refusesRowsByNameWithoutShowingThem() throws SQLException {
        try (TargetDatabase target = made(absent())) {
            assertThatThrownBy(() -> target.load(ORDERS, () -> RowImage.of(1L, Unchanged.UNCHANGED), NEVER))
                    .isInstanceOf(IllegalStateException.class);
        }
        TestMariaDb.shared().database("mysql").execute("SET GLOBAL local_infile = 0");
        try (TargetDatabase target = made(absent())) {
            assertFails(
                    () -> load(target, ORDERS, RowImage.of(4711L, "a"), RowImage.of(4711L, "b")),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "refused a row of table `orders` with error ",
                    "4711");
        }
    }

    @Test
    void neverHandsOutANumberAgain() throws SQLException {
        TestDatabase database = absent();
        try (TargetDatabase target = made(database)) {
            load(target, ORDERS, RowImage.of(5000L, "written past the counter"));
            target.set(List.of(
                    new SequenceValue(SequenceValue.Kind.SEQUENCE, "source", "tickets", 150, false),
                    new SequenceValue(SequenceValue.Kind.AUTO_INCREMENT, "source", "orders", 40, false),
                    new SequenceValue(SequenceValue.Kind.AUTO_INCREMENT, "source", "lines_gone", 40, false),
                    new SequenceValue(SequenceValue.Kind.AUTO_INCREMENT, "source", "every ` value", 700, false)));
            target.finish();
        }

        assertThat(database.queryValue("SELECT nextval(tickets)")).isEqualTo("150");
        assertThat(database.queryValue("INSERT INTO orders (note) VALUES ('next') RETURNING id"))
                .isEqualTo("5001");
        assertThat(database.queryValue("INSERT INTO `every `` value` (tiny) VALUES (0) RETURNING id"))
                .isEqualTo("700");
    }

    @Test
    void saysWhoMayNotAndWhoDoesNotAnswer() throws SQLException {
        TestDatabase database = absent();
        TestMariaDb.shared()
                .database("mysql")
                .execute("CREATE OR REPLACE USER poor IDENTIFIED BY 'poor'", "GRANT SELECT ON mysql.* TO poor");
        TargetServer nowhere = new TargetServer(Engine.MARIADB, "127.0.0.1", 1, "root", Secret.of("hidden"), Map.of());

        try (TargetDatabase target =
                server(Engine.MARIADB, database, "poor", "poor").database("any")) {
            assertFails(
                    () -> target.begin("r-1", DEFINITION), ErrorCode.TARGET_ACCESS_DENIED, "may not create databases");
        }
        try (TargetDatabase target =
                server(Engine.MARIADB, database, "stranger", "hidden").database("any")) {
            assertFails(() -> target.standing("r-1"), ErrorCode.TARGET_ACCESS_DENIED, "refuses the user", "hidden");
        }
        try (TargetDatabase target = nowhere.database("any")) {
            assertFails(() -> target.standing("r-1"), ErrorCode.TARGET_UNREACHABLE, "127.0.0.1:1", "hidden");
        }
        try (TargetDatabase target = target(absent())) {
            DefinitionStatement unknown = new DefinitionStatement(
                    Phase.BEFORE_DATA, "TABLE", "`odd`", null, "CREATE TABLE odd (a int) COLLATE odd");
            target.begin("r-1", definition(Engine.MARIADB, SETTINGS, unknown));
            assertFails(
                    () -> target.run(Phase.BEFORE_DATA),
                    ErrorCode.TARGET_REFUSED_STATEMENT,
                    "refused to make TABLE `odd`");
        }
    }

    private static TestDatabase absent() {
        return TestMariaDb.shared().database("target-odd_" + names.incrementAndGet());
    }

    private static TestDatabase incomplete(TestDatabase database) {
        return TestMariaDb.shared().database(IncompleteName.of(Engine.MARIADB, database.name()));
    }

    private static TargetDatabase target(TestDatabase database) {
        return TargetFixture.target(Engine.MARIADB, database);
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
