package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Column.Generation;
import dev.cdp.core.Column.Nullability;
import dev.cdp.core.Engine;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetDatabase;
import dev.cdp.restore.target.TargetException;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MariaDbRestoreIT {
    private static final SourceId STOCK = new SourceId("stock");
    private static final RestoreGroup GROUP = RestoreGroup.of(STOCK);
    private static final TableName KINDS = new TableName("public", "Kinds");
    private static final TableName MOVES = new TableName("public", "moves");
    private static final String[][] COLUMNS = {
        {"id", "bigint(20)", "INT64"},
        {"big", "bigint(20) unsigned zerofill", "TEXT"},
        {"amount", "decimal(65,30)", "TEXT"},
        {"day", "date", "TEXT"},
        {"at", "datetime(6)", "TEXT"},
        {"stamp", "timestamp(6)", "TEXT"},
        {"span", "time(3)", "TEXT"},
        {"since", "year(4)", "TEXT"},
        {"fixed", "char(5) character set latin1", "TEXT"},
        {"Text", "text character set utf8mb4", "TEXT"},
        {"raw", "varbinary(20)", "BYTES"},
        {"bits", "bit(10)", "BYTES"},
        {"single", "float", "FLOAT32"},
        {"dbl", "double", "FLOAT64"},
        {"choice", "enum('a','b,c')", "TEXT"},
        {"several", "set('x','y')", "TEXT"},
        {"unique`id", "uuid", "TEXT"},
        {"place", "point", "BYTES"},
    };

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource source;
    private RestoreService service;

    @BeforeEach
    void open() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        source = new SyntheticSource(STOCK);
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyKindOfValueComesBackAsItWas() throws Exception {
        history();
        archive();
        RestorePlan plan = plan(new RestorePoint.Latest(), null);
        RestoreReport report = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
        TestDatabase restored =
                TestMariaDb.shared().database(plan.sources().get(0).database());
        assertThat(
                        restored.query(
                                "SELECT id, CAST(big AS CHAR), amount, CAST(day AS CHAR), CAST(at AS CHAR),"
                                        + " CAST(span AS CHAR), since + 0, fixed, HEX(Text), HEX(raw), LPAD(BIN(bits), 10, '0'), choice + 0,"
                                        + " several, CAST(`unique``id` AS CHAR), ST_AsText(place), twice FROM Kinds WHERE id < 3 ORDER BY id"))
                .containsExactly(
                        java.util.Arrays.asList(
                                "0",
                                "18446744073709551615",
                                "-12345678901234567890123456789012345.000000000000000000000000000001",
                                "0000-00-00",
                                "0000-00-00 00:00:00.000000",
                                "-838:59:59.000",
                                "0",
                                "Ärger",
                                "00095C4E0A0D27F09F9098",
                                "00FF27",
                                "1000000001",
                                "2",
                                "x,y",
                                "123e4567-e89b-12d3-a456-426655440000",
                                "POINT(1 2)",
                                "0"),
                        java.util.Arrays.asList(
                                "2", null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                                "4"));
        assertThat(restored.queryValue("SELECT single = CAST('0.1' AS FLOAT) AND dbl = 0.1 FROM Kinds WHERE id = 0"))
                .isEqualTo("1");
        assertThat(restored.queryValue("SELECT COUNT(*) FROM moves WHERE note = 'set by trigger'"))
                .isEqualTo("0");
        assertThat(restored.queryValue("SELECT auto_increment FROM information_schema.tables WHERE table_schema = '"
                        + restored.name() + "' AND table_name = 'moves'"))
                .isEqualTo("500");
        assertThat(restored.query("SHOW TABLES"))
                .extracting(row -> row.get(0))
                .doesNotContain("cdp_restore_incomplete");
    }

    @Test
    void aSecondCountsWhenAllOfItHasPassed() {
        history();
        Instant last = source.now();
        long before = source.lastSeq();
        source.heartbeat();
        archive();

        assertThat(resolve(source.now())).isEqualTo(before);
        assertThat(resolve(source.now().plusMillis(999))).isEqualTo(before);
        assertThat(resolve(source.now().plusSeconds(1))).isEqualTo(source.lastSeq());
        assertThat(resolve(last.plusSeconds(1))).isEqualTo(before);
    }

    private long resolve(Instant time) {
        return service.resolve(GROUP, new RestorePoint.AtTime(time))
                .cut()
                .of(STOCK)
                .seq();
    }

    @Test
    void whatAnInterruptedRunLeftIsVisibleAndItsOwnPlanGoesOnWithIt() throws Exception {
        history();
        archive();
        RestorePlan plan = plan(new RestorePoint.Latest(), null);
        String name = plan.sources().get(0).database();
        try (TargetDatabase interrupted = servers().get(STOCK).database(name)) {
            interrupted.begin(mark(plan), definition());
            assertThat(interrupted.standing(mark(plan))).isEqualTo(TargetDatabase.Standing.OWN_INCOMPLETE);
            assertThat(interrupted.standing("another")).isEqualTo(TargetDatabase.Standing.NOT_EMPTY);
        }
        TestDatabase left = TestMariaDb.shared().database(name + "__incomplete");
        assertThat(left.queryValue("SELECT content FROM cdp_restore_incomplete WHERE entry = 'plan'"))
                .isEqualTo(mark(plan));

        assertThat(service.restore(plan, servers(), RestoreProgress.SILENT).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThatThrownBy(() -> plan(new RestorePoint.Latest(), name))
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("Database '" + name + "' on 127.0.0.1:")
                .hasMessageContaining("exists and is not empty");
    }

    @Test
    void aBrokenForeignKeyFailsTheRestoreAndLeavesItIncomplete() throws Exception {
        history();
        SyntheticTable moves = source.tables().get(1);
        source.insert(moves, 9L, 4711L, "refers to nothing").commit();
        archive();

        RestorePlan plan = plan(new RestorePoint.Latest(), null);
        RestoreReport report = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(report.exitCode()).isEqualTo(ExitCode.PARTIAL);
        assertThat(report.sources().get(0).failure().message()).contains("make FOREIGN KEY `moves_kind`");
        assertThat(TestMariaDb.shared()
                        .database(plan.sources().get(0).database() + "__incomplete")
                        .query("SHOW TABLES"))
                .extracting(row -> row.get(0))
                .contains("cdp_restore_incomplete");
    }

    @Test
    void aUserWhoMayNotCreateDatabasesIsRefused() throws Exception {
        history();
        archive();
        TestMariaDb.shared()
                .database("mysql")
                .execute("CREATE OR REPLACE USER weak IDENTIFIED BY 'weak'", "GRANT SELECT ON mysql.* TO weak");
        TargetServer strong = servers().get(STOCK);
        TargetServer weak =
                new TargetServer(Engine.MARIADB, strong.host(), strong.port(), "weak", Secret.of("weak"), Map.of());

        assertThatThrownBy(() -> service.plan(
                        GROUP, new RestorePoint.Latest(), Map.of(STOCK, new Destination(weak, "stock", null))))
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("User 'weak' may not create databases");
    }

    private void history() {
        Column[] columns = new Column[COLUMNS.length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = column(i + 1, COLUMNS[i][0], COLUMNS[i][1], Carrier.valueOf(COLUMNS[i][2]));
        }
        SyntheticTable kinds = source.createTable("Kinds", columns);
        SyntheticTable moves = source.createTable(
                "moves",
                column(1, "id", "bigint(20)", Carrier.INT64),
                column(2, "kind", "bigint(20)", Carrier.INT64),
                column(3, "note", "varchar(100)", Carrier.TEXT));
        source.insert(kinds, empty(2L)).insert(kinds, empty(7L)).commit();
        source.takeBase(store, folder.resolve("staging"));
        source.define(Json.write(definition()));
        source.insert(
                        kinds,
                        0L,
                        "18446744073709551615",
                        "-12345678901234567890123456789012345.000000000000000000000000000001",
                        "0000-00-00",
                        "0000-00-00 00:00:00.000000",
                        "2026-03-29 02:30:00.000001",
                        "-838:59:59.000",
                        "0000",
                        "Ärger",
                        "\0\t\\N\n\r'🐘",
                        new byte[] {0, -1, 39},
                        new byte[] {2, 1},
                        0.1f,
                        0.1,
                        "b,c",
                        "x,y",
                        "123e4567-e89b-12d3-a456-426655440000",
                        point())
                .insert(moves, 1L, 0L, "by hand")
                .commit();
        source.delete(kinds, 1).commit();
    }

    /** SRID 0, little-endian, type 1, 1 and 2. */
    private static byte[] point() {
        return java.util.HexFormat.of().parseHex("000000000101000000000000000000F03F0000000000000040");
    }

    private static @Nullable Object[] empty(long id) {
        Object[] values = new Object[COLUMNS.length];
        values[0] = id;
        return values;
    }

    private static Column column(int fieldId, String name, String type, Carrier carrier) {
        return new Column(fieldId, name, type, carrier, Nullability.NULLABLE, Generation.WRITTEN, null);
    }

    private static DatabaseDefinition definition() {
        StringBuilder kinds = new StringBuilder("CREATE TABLE `Kinds` (");
        for (String[] column : COLUMNS) {
            kinds.append('`')
                    .append(column[0].replace("`", "``"))
                    .append("` ")
                    .append(column[1])
                    .append(" NULL, ");
        }
        kinds.append("twice bigint GENERATED ALWAYS AS (id * 2) STORED, UNIQUE KEY (id))");
        return new DatabaseDefinition(
                Engine.MARIADB,
                "11.4",
                Map.of("character_set", "utf8mb4", "collation", "utf8mb4_bin", "comment", "it's stock"),
                List.of(
                        new DefinitionStatement(Phase.BEFORE_DATA, "TABLE", "`Kinds`", KINDS, kinds.toString()),
                        new DefinitionStatement(
                                Phase.BEFORE_DATA,
                                "TABLE",
                                "`moves`",
                                MOVES,
                                "CREATE TABLE moves (id bigint AUTO_INCREMENT PRIMARY KEY, kind bigint, note varchar(100))"),
                        new DefinitionStatement(
                                Phase.AFTER_DATA,
                                "FOREIGN KEY",
                                "`moves_kind`",
                                MOVES,
                                "ALTER TABLE moves ADD CONSTRAINT moves_kind FOREIGN KEY (kind) REFERENCES `Kinds` (id)"),
                        new DefinitionStatement(
                                Phase.AFTER_DATA,
                                "TRIGGER",
                                "`moves_before`",
                                MOVES,
                                "CREATE TRIGGER moves_before BEFORE INSERT ON moves FOR EACH ROW SET NEW.note = 'set by trigger'")),
                List.of(new SequenceValue(SequenceValue.Kind.AUTO_INCREMENT, "public", "moves", 500, true)),
                List.of());
    }

    private void archive() {
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.MARIADB, 20);
    }

    private RestorePlan plan(RestorePoint point, @Nullable String database) {
        return service.plan(
                GROUP, point, Map.of(STOCK, new Destination(servers().get(STOCK), "stock", database)));
    }

    private static String mark(RestorePlan plan) {
        return plan.mark(plan.sources().get(0));
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestMariaDb.shared().database("mysql");
        return Map.of(
                STOCK,
                new TargetServer(
                        Engine.MARIADB, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }
}
