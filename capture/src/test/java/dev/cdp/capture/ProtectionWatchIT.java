package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.binlog.BinlogSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes no row in the log is seen while a source is captured. */
class ProtectionWatchIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void tablesOfPostgresqlThatComeAndCannotBeProtectedAreNamedWhileOthersAreCaptured() throws Exception {
        try (CapturedPostgres captured = new CapturedPostgres(TestPostgres.version18(), folder)) {
            captured.database().execute("CREATE TABLE item (id int PRIMARY KEY, v int)");
            captured.source().install();
            captured.start();
            captured.awaitMarker("base");
            assertThat(captured.findings()).isEmpty();

            captured.database()
                    .execute(
                            "CREATE UNLOGGED TABLE quick (id int PRIMARY KEY)",
                            "ALTER TABLE item REPLICA IDENTITY NOTHING",
                            "INSERT INTO item VALUES (1, 1)");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(captured.findings())
                    .extracting(finding -> finding.check() + ": " + finding.what())
                    .containsExactlyInAnyOrder(
                            "unlogged: public.quick is not logged: a restore brings it back empty",
                            "replica-identity: public.item has no usable key, so its updates and deletes are not in"
                                    + " the log"));

            captured.database().execute("DROP TABLE quick", "ALTER TABLE item REPLICA IDENTITY DEFAULT");
            await().atMost(PATIENCE).until(() -> captured.findings().isEmpty());
            captured.awaitMarker("mended");
            captured.awaitSameRows("that is protected again", "item");
        }
    }

    @Test
    void aFormatOfTheLogThatWasChangedIsSeenBeforeAStatementIsLoggedInIt() throws Exception {
        TestDatabase database = TestMariaDb.shared().createDatabase("watched");
        SourceDatabase source = BinlogSource.mariaDb(
                new SourceId(database.name().replace('_', '-')),
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                TableScope.ALL);
        source.install();
        CaptureSettings settings =
                new CaptureSettings(new SourceId("watched"), Duration.ofMillis(50), folder, 1 << 20, null);
        try (ProtectionWatch watch = ProtectionWatch.start(settings, source)) {
            database.execute("SET GLOBAL binlog_format = 'MIXED'", "CREATE TABLE m (a int) ENGINE=MEMORY");

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(checks(watch)).contains("binlog-format", "table-engine"));

            database.execute("SET GLOBAL binlog_format = 'ROW'", "DROP TABLE m");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(checks(watch)).doesNotContain("binlog-format", "table-engine"));
        } finally {
            database.execute("SET GLOBAL binlog_format = 'ROW'");
            source.uninstall();
        }
    }

    private static List<String> checks(ProtectionWatch watch) {
        return watch.findings().stream().map(CheckFinding::check).toList();
    }
}
