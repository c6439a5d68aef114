package dev.cdp.capture.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.CheckFinding.Verdict;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that a check looks at is broken on a real server, mended by what is printed, and fine again. */
class MariaDbCheckIT {
    private static final int ROUNDS = 3;
    private static final String SYNCED = "--sync-binlog=1";

    @TempDir
    static Path folder;

    private static TestMariaDb server;

    private String name;
    private String user;
    private String password;

    private interface Step {
        void take() throws SQLException;
    }

    /** @param byHand what a person does whom no SQL is told */
    private record Breakage(Step breaking, Step byHand) {
        static Breakage of(Step breaking) {
            return new Breakage(breaking, () -> {});
        }

        Breakage thenByHand(Step step) {
            return new Breakage(breaking, step);
        }
    }

    @BeforeAll
    static void start() {
        server = TestMariaDb.start(folder, List.of(SYNCED));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void prepare() throws SQLException {
        TestDatabase database = server.createDatabase("check");
        name = database.name();
        user = database.user();
        password = database.password();
        database.execute("CREATE TABLE t (id int PRIMARY KEY, v varchar(10))");
        source().install();
    }

    /** All but those that no server here can be like. */
    static Stream<Check> whatIsPrintedMends() {
        return Stream.<Check[]>of(MariaDbCheck.values(), BinlogCheck.values())
                .flatMap(Arrays::stream)
                .filter(check -> check != MariaDbCheck.VERSION && check != BinlogCheck.TABLES);
    }

    @ParameterizedTest
    @MethodSource
    void whatIsPrintedMends(Check check) throws SQLException {
        Breakage breakage = check instanceof MariaDbCheck own ? breakage(own) : breakage((BinlogCheck) check);
        assertThat(wrong()).as("before").isEmpty();

        breakage.breaking().take();

        assertThat(wrong()).as("broken").anySatisfy(finding -> {
            assertThat(finding.of()).isEqualTo(check);
            assertThat(finding.verdict()).isEqualTo(check.rule().otherwise());
            assertThat(finding.mend()).isNotEmpty().doesNotContain("<");
        });
        mendAll();
        breakage.byHand().take();
        assertThat(wrong()).as("mended").isEmpty();
    }

    @Test
    void anEarlierTableOfMarkersIsUpgradedAtTheStart() throws SQLException {
        long counter = source().writeMarker(null, "round", Instant.EPOCH);
        String history = source().identity();
        database().execute("ALTER TABLE cdp.`marker_" + id() + "` COMMENT 'Markers of cdp'");

        source().anchor().close();

        assertThat(source().installStatements()).isEmpty();
        assertThat(source().identity()).isEqualTo(history);
        assertThat(source().writeMarker(null, "round", Instant.EPOCH)).isEqualTo(counter + 1);
    }

    /** Without a default: a check that is broken nowhere does not compile. */
    private Breakage breakage(MariaDbCheck check) {
        return switch (check) {
            case VERSION -> throw new IllegalArgumentException(check.name());
            case LOG_BIN -> startedWith("--skip-log-bin");
            case BINLOG_FORMAT -> statements("SET GLOBAL binlog_format = 'MIXED'");
            case BINLOG_ROW_IMAGE -> statements("SET GLOBAL binlog_row_image = 'MINIMAL'");
            case BINLOG_ROW_METADATA -> statements("SET GLOBAL binlog_row_metadata = 'NO_LOG'");
            case LOG_BIN_COMPRESS -> statements("SET GLOBAL log_bin_compress = ON");
            case BINLOG_ALTER_TWO_PHASE -> statements("SET GLOBAL binlog_alter_two_phase = ON");
            case GTID_STRICT_MODE -> statements("SET GLOBAL gtid_strict_mode = OFF");
            case SYNC_BINLOG -> statements("SET GLOBAL sync_binlog = 0");
            case BINLOG_EXPIRY -> statements("SET GLOBAL expire_logs_days = 0.5");
            case BINLOG_TOTAL_SIZE -> statements("SET GLOBAL max_binlog_total_size = 1073741824");
            case LOG_REPLICA_UPDATES ->
                statements("CHANGE MASTER 'other' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'x'")
                        .thenByHand(() -> {
                            startAgain("--log-slave-updates", "--skip-slave-start");
                            assertThat(wrong()).isEmpty();
                            database().execute("RESET SLAVE 'other' ALL");
                            startAgain();
                        });
            case REPLICATION -> forReader("REVOKE REPLICATION SLAVE ON *.* FROM %s");
            case BINLOG_MONITOR -> forReader("REVOKE BINLOG MONITOR ON *.* FROM %s");
        };
    }

    private Breakage breakage(BinlogCheck check) {
        return switch (check) {
            case TABLES -> throw new IllegalArgumentException(check.name());
            case NAMES -> startedWith("--lower-case-table-names=1");
            case BINLOG_FILTERS -> startedWith("--binlog-ignore-db=other");
            case PRIVILEGES -> forReader("REVOKE TRIGGER ON `" + name + "`.* FROM %s");
            case MARKER_PRIVILEGES -> forReader("REVOKE UPDATE ON cdp.* FROM %s");
            case INSTALLED -> Breakage.of(() -> source().uninstall());
            case MARKER_VERSION ->
                statements("ALTER TABLE cdp.`marker_" + id() + "` MODIFY history char(40), COMMENT 'Markers of cdp'");
            case TABLE_ENGINE ->
                statements(
                        "CREATE TABLE `in``memory` (id int PRIMARY KEY) ENGINE=MEMORY",
                        "CREATE TABLE m (a int) ENGINE=MyISAM");
            case TABLE_VERSIONING -> statements("CREATE TABLE v (id int PRIMARY KEY) WITH SYSTEM VERSIONING");
            case TABLE_COMPRESSED ->
                statements("CREATE TABLE c (id int PRIMARY KEY, v text COMPRESSED NOT NULL)")
                        .thenByHand(() -> database().execute("ALTER TABLE c MODIFY v text NOT NULL"));
            case TABLE_TIMES ->
                statements(
                        "SET GLOBAL mysql56_temporal_format = OFF", "CREATE TABLE old (at datetime, of_day time(3))");
            case TABLE_SET_LABELS ->
                statements("CREATE TABLE s (id int PRIMARY KEY, v set('it''s','','b'))")
                        .thenByHand(() -> database().execute("ALTER TABLE s MODIFY v set('it''s','none','b')"));
            case TABLE_ENUM_LABELS ->
                statements("CREATE TABLE e (id int PRIMARY KEY, v enum('a',''))")
                        .thenByHand(() -> database().execute("ALTER TABLE e MODIFY v enum('a','none')"));
            case TABLE_CASCADE ->
                statements(
                                "CREATE TABLE child (id int PRIMARY KEY, a int, CONSTRAINT to_t FOREIGN KEY (a) REFERENCES t (id)"
                                        + " ON DELETE CASCADE)")
                        .thenByHand(() -> database()
                                .execute(
                                        "ALTER TABLE child DROP FOREIGN KEY to_t",
                                        "ALTER TABLE child ADD FOREIGN KEY (a) REFERENCES t (id) ON DELETE RESTRICT"));
        };
    }

    private Breakage statements(String... statements) {
        return Breakage.of(() -> database().execute(statements));
    }

    /** The configuration of a server is changed by whoever starts it. */
    private Breakage startedWith(String option) {
        return Breakage.of(() -> startAgain(option)).thenByHand(MariaDbCheckIT::startAgain);
    }

    private static void startAgain(String... options) {
        server.close();
        List<String> all = new ArrayList<>(List.of(SYNCED));
        all.addAll(List.of(options));
        server = TestMariaDb.start(folder, all);
    }

    private Breakage forReader(String statement) {
        return Breakage.of(() -> {
            String reader = "reader_" + name;
            String account = reader + "@'%'";
            database()
                    .execute(
                            "CREATE USER " + account + " IDENTIFIED BY 'secret'",
                            "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO " + account,
                            "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `" + name + "`.* TO " + account,
                            "GRANT ALL ON cdp.* TO " + account);
            user = reader;
            password = "secret";
            assertThat(wrong()).isEmpty();
            database().execute(statement.formatted(account));
        });
    }

    private TestDatabase database() {
        return server.database(name);
    }

    private String id() {
        return name.replace('_', '-');
    }

    private BinlogSource source() {
        TestDatabase database = database();
        return BinlogSource.mariaDb(
                new SourceId(id()),
                new DatabaseAddress(database.host(), database.port(), name, user, password),
                TableScope.ALL);
    }

    private List<CheckFinding> wrong() {
        return source().check().stream()
                .filter(finding -> finding.verdict() != Verdict.OK)
                .toList();
    }

    /** Line by line; where a mend brings the next thing to light, that one is mended too. */
    private void mendAll() throws SQLException {
        for (int round = 0; round < ROUNDS; round++) {
            for (CheckFinding finding : wrong()) {
                for (String step : finding.mend().lines().toList()) {
                    if (step.endsWith(";")) {
                        database().execute(step);
                    } else if (step.equals("cdp source add " + id())) {
                        source().install();
                    }
                }
            }
        }
    }
}
