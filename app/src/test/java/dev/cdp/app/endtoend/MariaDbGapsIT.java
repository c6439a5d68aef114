package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import dev.cdp.testkit.services.TestMariaDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A MariaDB server that lost its binary log, began it anew or went back to an old copy, also when its transactions were
 * numbered past the place where reading stopped; and changes of a server that are no loss.
 */
class MariaDbGapsIT {
    private static final int MANY = 150;

    @TempDir
    private static Path serverFolder;

    private static TestMariaDb server;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private GapLab lab;
    private SourceDatabase source;

    @BeforeAll
    static void startServer() {
        server = TestMariaDb.start(serverFolder);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void protect() throws Exception {
        database = server.createDatabase("gap");
        SourceId id = new SourceId("maria-" + database.name().replace('_', '-'));
        source = GapLab.mariaDb(id, database, folder);
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT seq, 'base' FROM seq_1_to_10",
                "RESET MASTER",
                "FLUSH BINARY LOGS",
                "FLUSH BINARY LOGS");
        source.install();
        lab = new GapLab(id, source, new KafkaAccess(TestKafka.shared().bootstrapServers(), "cdp", Map.of()), folder);
        lab.start();
        database.execute("UPDATE t SET v = 'seen' WHERE id <= 5");
        lab.awaitArchived();
    }

    @AfterEach
    void stop() throws Exception {
        lab.stop();
        source.uninstall();
    }

    @Test
    void aLogThatWasBegunAnewAndGrewPastThePlace() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        changeUnseen();
        database.execute("RESET MASTER");
        grow();

        lab.start();

        assertNewEpoch(before, "its binary log was begun anew");
        noticed("RESET MASTER while down with numbers grown past ours");
    }

    @Test
    void aLogThatIsBegunAnewWhileItIsRead() throws Exception {
        ArchiveState before = lab.state();
        database.execute("RESET MASTER");
        changeUnseen();

        lab.awaitGap(1);

        assertNewEpoch(before, "");
        noticed("RESET MASTER while running");
    }

    @Test
    void dataFilesThatWerePutBackToAnOldCopy() throws Exception {
        lab.stop();
        server.server().stop();
        copy(serverFolder.resolve("data"), folder.resolve("old"));
        server.server().restart();
        lab.start();
        database.execute("INSERT INTO t VALUES (50, 'seen later')");
        lab.awaitArchived();
        lab.stop();
        ArchiveState before = lab.state();
        server.server().stop();
        deleteTree(serverFolder.resolve("data"));
        copy(folder.resolve("old"), serverFolder.resolve("data"));
        server.server().restart();
        changeUnseen();
        grow();

        lab.start();

        assertNewEpoch(before, "its data are an old copy: the newest marker is");
        noticed("server put back to an old copy with numbers grown past ours");
    }

    @Test
    void aServerThatWasSetUpAnew() throws Exception {
        lab.stop();
        ArchiveState before = lab.state();
        source.uninstall();
        changeUnseen();
        source.install();

        lab.start();

        assertNewEpoch(before, "The server is not the one its history was taken from");
        noticed("server set up anew");
    }

    @Test
    void anotherServerIdAndDomainAreNoGap() throws Exception {
        database.execute("SET GLOBAL gtid_domain_id = 7", "SET GLOBAL server_id = 99");
        database.execute("INSERT INTO t VALUES (60, 'in another domain')");
        lab.awaitArchived();
        lab.stop();
        database.execute("INSERT INTO t VALUES (61, 'while nothing ran')", "FLUSH BINARY LOGS");
        lab.start();

        ArchiveState after = lab.awaitArchived();

        assertThat(after.gaps()).isEmpty();
        assertThat(lab.newestRows()).isEqualTo(liveRows());
        database.execute("SET GLOBAL gtid_domain_id = 0", "SET GLOBAL server_id = 1");
    }

    private void changeUnseen() throws Exception {
        database.execute(
                "DELETE FROM t WHERE id IN (2, 7)",
                "UPDATE t SET v = 'unseen' WHERE id = 3",
                "INSERT INTO t (id, v) VALUES (100, 'unseen')");
    }

    /** Until every number that was read has been given again. */
    private void grow() throws Exception {
        for (int i = 0; i < MANY; i++) {
            database.execute("REPLACE INTO t VALUES (200, 'number " + i + "')");
        }
    }

    private void assertNewEpoch(ArchiveState before, String reason) throws Exception {
        ArchiveState after = lab.awaitArchived();
        assertThat(after.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).contains(reason);
            assertThat(gap.epoch()).isEqualTo(2);
            assertThat(gap.from()).isNotNull();
            assertThat(gap.to()).isNotNull();
        });
        LedgerEntry.Gap gap = after.gaps().get(0);
        assertThat(gap.seq()).isGreaterThan(before.watermark().orElseThrow().seq());
        assertThat(lab.newestRows()).isEqualTo(liveRows());
        long end = before.watermark().orElseThrow().seq();
        assertThat(lab.rows(after, end)).as("before the gap").isEqualTo(lab.rows(before, end));
    }

    private List<String> liveRows() throws Exception {
        return database.query("SELECT * FROM t ORDER BY id").stream()
                .map(row -> String.join("|", row.stream().map(String::valueOf).toList()))
                .toList();
    }

    private static void noticed(String fault) {
        FaultResults.record(FaultResult.noticed(FaultKind.GAP, fault, 1, 1));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else if (Files.isRegularFile(each)) {
                    Files.copy(each, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
