package dev.cdp.app.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The watch of the crash tests sees a slot that is told too much. */
class AcknowledgementWatchIT {
    private static final SourceId SOURCE = new SourceId("watched");
    private static final String SLOT = "watched";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void seesASlotThatIsAheadOfTheLedger() throws Exception {
        TestDatabase database = TestPostgres.version15().createDatabase("watched");
        database.queryValue("SELECT slot_name FROM pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
        Lsn archived = TestDecodingWitness.confirmed(database, SLOT);
        try (ObjectStore archive = ArchiveAccess.file(folder).open()) {
            Ledger.open(archive, SOURCE, Engine.POSTGRESQL, Clock.systemUTC()).commit(upTo(archived));
            try (AcknowledgementWatch watch = new AcknowledgementWatch(database, SLOT, archive, SOURCE)) {
                await().atMost(PATIENCE).until(() -> watch.samples() > 3);
                assertThat(watch.violations()).isEmpty();

                database.execute(
                        "CREATE TABLE t (id int)",
                        "SELECT pg_replication_slot_advance('" + SLOT + "', pg_current_wal_lsn())");

                await().atMost(PATIENCE).until(() -> !watch.violations().isEmpty());
                assertThat(watch.violations().get(0)).contains("archive at " + archived);
            }
        } finally {
            database.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
        }
    }

    private static LedgerEntry.Content upTo(Lsn archived) {
        Watermark watermark = new Watermark(SOURCE, 1, 1, new SourcePosition.Postgres(archived), Instant.EPOCH);
        return new LedgerEntry.Content(
                1,
                new LedgerEntry.TopicProgress("t", 1, 1),
                watermark,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }
}
