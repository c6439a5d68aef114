package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.daemon.StatusFilesFixture;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.Engine;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    private static final SourceId ORDERS = new SourceId("orders");
    private final CommandLineFixture cdp = new CommandLineFixture();

    @TempDir
    Path folder;

    private String config;

    @BeforeEach
    void configure() throws IOException {
        config = "--config=" + Files.writeString(folder.resolve("cdp.yaml"), """
                        sources:
                          orders: { engine: postgresql, host: h, database: d, user: u, log-budget: 1GiB }
                        groups: { shop: { sources: [orders] } }
                        archive: { url: "file:archive" }
                        """);
    }

    @Test
    void withoutAnArchiveItExitsWith10() {
        assertThat(cdp.run("status", config)).isEqualTo(10);
        assertThat(cdp.err()).contains("error CDP-4001: There is no archive at file:" + folder.resolve("archive"));
    }

    @Test
    void withTheDaemonDownItAnswersFromTheArchive() {
        archiveUpTo("2026-11-21T03:16:40Z");

        assertThat(cdp.run("status", config)).isZero();
        assertThat(cdp.out())
                .contains("daemon   not seen on this machine")
                .contains(
                        "group    shop  no gaps\n         restorable 03:00:00Z (16 min 42 s ago) -> 03:16:40Z (2 s ago)")
                .contains("next: cdp run")
                .containsPattern("orders +postgresql +down +03:16:40Z \\(2 s ago\\) +- +0");

        assertThat(cdp.run("status", config, "--json")).isZero();
        assertThat(cdp.outJson().at("/schema").asText()).isEqualTo("cdp.status/v1");
        assertThat(cdp.outJson().at("/daemon/running").asBoolean()).isFalse();
        assertThat(cdp.outJson().at("/sources/0/archived_position").asText()).isEqualTo("0/16B3748");
        assertThat(cdp.outJson().at("/groups/0/restorable_to").asText()).isEqualTo("2026-11-21T03:16:40Z");
    }

    /** One source is not archived up to where the base of another was taken. */
    @Test
    void aGroupWithoutACommonMomentIsNotRestorableYet() {
        archiveUpTo("2026-11-21T02:59:59Z");

        assertThat(cdp.run("status", config)).isZero();
        assertThat(cdp.out()).contains("group    shop  no gaps\n         not restorable yet");
    }

    @Test
    void showsWhatTheDaemonSaysAndWhatIsWrong() {
        archiveUpTo("2026-11-21T03:16:40Z");
        StatusFilesFixture.write(folder.resolve("cdp-data"), ORDERS, CommandLineFixture.NOW.minusSeconds(1));

        assertThat(cdp.run("status", config)).isZero();

        assertThat(cdp.out())
                .contains("daemon   running, process 42")
                .containsPattern("orders +postgresql +failed +03:16:40Z \\(2 s ago\\) +600 MiB of 1.0 GiB")
                .contains("orders: the slot is gone\n  next  cdp check orders")
                .contains("orders: the source keeps 600 MiB of 1.0 GiB of its log for us")
                .contains(
                        "orders: wal-level: wal_level is replica\norders: unlogged: public.q is not logged\n  next  cdp")
                .contains("next: cdp plan --group shop --to latest");
        assertThat(cdp.out().lines()).allMatch(line -> line.length() <= 80 || line.startsWith("archive"));

        assertThat(cdp.run("status", config, "--json")).isZero();
        assertThat(cdp.outJson().at("/sources/0/findings/0/mend").asText()).isEqualTo("ALTER TABLE q SET LOGGED;");
    }

    @Test
    void saysHowFarApartTheClocksOfAGroupAre() throws IOException {
        archiveUpTo("2026-11-21T03:16:40Z");
        config = "--config=" + Files.writeString(folder.resolve("two.yaml"), """
                        sources:
                          orders: { engine: postgresql, host: h, database: d, user: u }
                          billing: { engine: mariadb, host: h, database: d, user: u }
                        groups: { shop: { sources: [orders, billing] } }
                        archive: { url: "file:archive" }
                        """);
        Path data = folder.resolve("cdp-data");
        Instant at = CommandLineFixture.NOW.minusSeconds(1);
        StatusFilesFixture.writeClock(data, ORDERS, Duration.ofMillis(300), at);

        assertThat(cdp.run("status", config)).isZero();
        assertThat(cdp.out()).doesNotContain("clocks");

        StatusFilesFixture.writeClock(data, new SourceId("billing"), Duration.ofMillis(-40), at);

        assertThat(cdp.run("status", config)).isZero();
        assertThat(cdp.out()).contains("         clocks at most 344 ms apart");
        assertThat(cdp.run("status", config, "--json")).isZero();
        assertThat(cdp.outJson().at("/groups/0/clock_spread_seconds").asDouble())
                .isEqualTo(0.344);
        assertThat(cdp.outJson().at("/sources/1/clock_offset_seconds").asDouble())
                .isEqualTo(-0.04);
        assertThat(cdp.outJson().at("/sources/1/clock_error_seconds").asDouble())
                .isEqualTo(0.002);
    }

    private void archiveUpTo(String commitTimestamp) {
        SourcePosition position = new SourcePosition.Postgres(Lsn.parse("0/16B3748"));
        Instant taken = Instant.parse("2026-11-21T03:00:00Z");
        try (ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open()) {
            Ledger.open(store, ORDERS, Engine.POSTGRESQL, Clock.fixed(CommandLineFixture.NOW, ZoneOffset.UTC))
                    .commit(new LedgerEntry.Content(
                            1,
                            new LedgerEntry.TopicProgress("t", 7, 7),
                            new Watermark(ORDERS, 1, 7, position, Instant.parse(commitTimestamp)),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(new ChangeEvent.BaseSnapshot("b", 0, position, taken, true, List.of())),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of()));
        }
    }
}
