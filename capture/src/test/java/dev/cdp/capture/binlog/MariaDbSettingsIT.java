package dev.cdp.capture.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.CheckFinding.Verdict;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.HeldHistory;
import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What has to be set on a server, what is said when it is not, and that the privileges asked for are enough. */
class MariaDbSettingsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static TestMariaDb server;

    private TestDatabase database;
    private BinlogSource source;

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestMariaDb.start(folder, List.of("--sync-binlog=1"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void prepare() throws SQLException {
        database = server.createDatabase("settings");
        source = source(database.user(), database.password());
        database.execute("CREATE TABLE t (id int PRIMARY KEY, v varchar(1000))");
        source.install();
    }

    private BinlogSource source(String user, String password) {
        return BinlogSource.mariaDb(
                new SourceId(database.name().replace('_', '-')),
                new DatabaseAddress(database.host(), database.port(), database.name(), user, password),
                TableScope.ALL);
    }

    @Test
    void eachWrongSettingIsNamedAndItsMendMends() throws Exception {
        database.execute(
                "SET GLOBAL binlog_format = 'MIXED'",
                "SET GLOBAL binlog_row_image = 'MINIMAL'",
                "SET GLOBAL binlog_row_metadata = 'NO_LOG'",
                "SET GLOBAL log_bin_compress = ON",
                "SET GLOBAL expire_logs_days = 0.5",
                "SET GLOBAL gtid_strict_mode = OFF");

        List<CheckFinding> findings = wrong(source);

        assertThat(findings)
                .extracting(finding -> finding.check() + " " + finding.verdict())
                .containsExactlyInAnyOrder(
                        "binlog-format FAILED",
                        "binlog-row-image FAILED",
                        "binlog-row-metadata FAILED",
                        "log-bin-compress FAILED",
                        "binlog-expiry WARNING",
                        "gtid-strict-mode WARNING");
        assertThatThrownBy(() -> source.anchor())
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("is not prepared: binlog_format is MIXED instead of ROW")
                .extracting(error -> ((CdpException) error).next())
                .isEqualTo("SET GLOBAL binlog_format = 'ROW';\nand the same in the server's configuration");
        mend(findings);
        assertThat(wrong(source)).isEmpty();
    }

    @Test
    void thePrivilegesAskedForAreEnough() throws Exception {
        String user = "reader_" + database.name();
        database.execute(
                "CREATE USER " + user + "@'%' IDENTIFIED BY 'secret'",
                "GRANT USAGE ON *.* TO " + user + "@'%'",
                "GRANT SELECT ON `" + database.name().replace("_", "\\_") + "`.* TO " + user + "@'%'",
                "GRANT ALL ON cdp.* TO " + user + "@'%'");
        BinlogSource asUser = source(user, "secret");
        List<CheckFinding> findings = wrong(asUser);
        assertThat(findings).extracting(CheckFinding::check).contains("replication", "binlog-monitor");

        mend(findings);
        database.execute("GRANT ALL ON cdp.* TO " + user + "@'%'");

        assertThat(wrong(asUser)).isEmpty();
        List<LogEvent> events = Collections.synchronizedList(new ArrayList<>());
        try (BaseReading view = asUser.anchor();
                SourceLog log = asUser.read(view.position(), view.tables(), events::addAll)) {
            database.execute("INSERT INTO t VALUES (1, 'seen')");
            asUser.writeMarker("m", "round", Instant.EPOCH);
            await().atMost(PATIENCE)
                    .until(() -> log.failure().isPresent()
                            || List.copyOf(events).stream().anyMatch(LogEvent.MarkerSeen.class::isInstance));
            assertThat(log.failure()).isEmpty();
        }
        assertThat(events).anyMatch(LogEvent.Row.class::isInstance);
        assertThat(asUser.definition().statements()).isNotEmpty();
    }

    @Test
    void aWrongPasswordAndAnUnknownDatabaseAreNamed() {
        assertThatThrownBy(() -> source(database.user(), "wrong").check())
                .isInstanceOfSatisfying(
                        CdpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_ACCESS_DENIED));
        BinlogSource nowhere = BinlogSource.mariaDb(
                new SourceId("nowhere"),
                new DatabaseAddress(
                        database.host(), database.port(), "no_such_database", database.user(), database.password()),
                TableScope.ALL);
        assertThatThrownBy(nowhere::check).isInstanceOfSatisfying(CdpException.class, e -> assertThat(e.code())
                .isEqualTo(ErrorCode.SOURCE_SETTINGS_WRONG));
    }

    @Test
    void readingGoesOnOnlyWhereNothingIsMissingAndTheHistoryIsTheSame() throws Exception {
        SourcePosition boundary;
        try (BaseReading view = source.beginBase(Set.of())) {
            boundary = view.position();
        }
        HeldHistory held = new HeldHistory(source.identity(), boundary, 0);
        source.requireResumable(held);
        String file = ((SourcePosition.MariaDb) boundary).file();
        database.execute("FLUSH BINARY LOGS");
        source.requireResumable(held);

        purgeUpToNewest();
        source.requireResumable(held); // the file that is gone ended where the next one began

        database.execute("INSERT INTO t VALUES (1, 'unseen')", "FLUSH BINARY LOGS");
        purgeUpToNewest();
        assertThatThrownBy(() -> source.requireResumable(held))
                .isInstanceOf(HistoryLostException.class)
                .hasMessageContaining("binary log " + file + " was removed");

        database.execute("RESET MASTER", "INSERT INTO t VALUES (2, 'another history')");
        assertThatThrownBy(() -> source.requireResumable(held))
                .isInstanceOf(HistoryLostException.class)
                .hasMessageContaining("not the one its history was taken from");
    }

    private void purgeUpToNewest() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            String newest = database.query("SHOW MASTER STATUS").get(0).get(0);
            database.execute("PURGE BINARY LOGS TO '" + newest + "'");
            return database.query("SHOW BINARY LOGS").get(0).get(0).equals(newest);
        });
    }

    static Stream<Arguments> unreadable() {
        return Stream.of(
                Arguments.of(
                        "only parts of changed rows of table",
                        List.of("SET binlog_row_image = 'MINIMAL'", "UPDATE t SET v = 'x'")),
                Arguments.of(
                        "a change as a statement instead of as rows: UPDATE t SET v = 'x'",
                        List.of("SET binlog_format = 'STATEMENT'", "UPDATE t SET v = 'x'")),
                Arguments.of(
                        "does not name the columns of table",
                        List.of("SET GLOBAL binlog_row_metadata = 'NO_LOG'", "UPDATE t SET v = 'x'")),
                Arguments.of(
                        "compressed events",
                        List.of("SET GLOBAL log_bin_compress = ON", "UPDATE t SET v = REPEAT('x', 900)")));
    }

    @ParameterizedTest
    @MethodSource
    void unreadable(String message, List<String> statements) throws Exception {
        database.execute("INSERT INTO t VALUES (1, 'a')");
        SourcePosition start;
        List<TableDescription> tables;
        try (BaseReading view = source.beginBase(Set.of())) {
            start = view.position();
            tables = view.tables();
        }
        try (SourceLog log = source.read(start, tables, batch -> {})) {
            database.execute(statements.toArray(String[]::new));
            await(message).atMost(PATIENCE).until(() -> log.failure().isPresent());
            assertThat(log.failure().orElseThrow())
                    .isInstanceOf(CdpException.class)
                    .hasMessageContaining(message);
        } finally {
            database.execute("SET GLOBAL binlog_row_metadata = 'FULL'", "SET GLOBAL log_bin_compress = OFF");
        }
    }

    @Test
    void handsOnThatATextIsNoneInItsCharacterSetAndGoesOn() throws Exception {
        database.execute(
                "ALTER TABLE t MODIFY v varchar(1000) CHARACTER SET big5", "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        List<LogEvent> events = new CopyOnWriteArrayList<>();
        SourcePosition start;
        List<TableDescription> tables;
        try (BaseReading view = source.beginBase(Set.of())) {
            start = view.position();
            tables = view.tables();
        }

        try (SourceLog log = source.read(start, tables, events::addAll)) {
            database.execute("UPDATE t SET v = _big5 X'F9FE' WHERE id = 1", "UPDATE t SET v = 'c' WHERE id = 2");
            await().atMost(PATIENCE).until(() -> rows(events).size() == 2);
            assertThat(log.failure()).isEmpty();
        }

        assertThat(rows(events)).extracting(LoggedRow::isCarried).containsExactly(false, true);
        assertThat(rows(events).get(0).values())
                .filteredOn(NotCarried.class::isInstance)
                .singleElement()
                .asString()
                .contains("its bytes are no text in the column's character set");
    }

    private static List<LoggedRow> rows(List<LogEvent> events) {
        return events.stream()
                .filter(LogEvent.Row.class::isInstance)
                .map(event -> Objects.requireNonNull(((LogEvent.Row) event).after()))
                .toList();
    }

    private void mend(List<CheckFinding> findings) throws SQLException {
        for (CheckFinding finding : findings) {
            for (String step : finding.mend().lines().toList()) {
                if (step.endsWith(";")) {
                    database.execute(step);
                }
            }
        }
    }

    private static List<CheckFinding> wrong(BinlogSource source) {
        return source.check().stream()
                .filter(finding -> finding.verdict() != Verdict.OK)
                .toList();
    }
}
