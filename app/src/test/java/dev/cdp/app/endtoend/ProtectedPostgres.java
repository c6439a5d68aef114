package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.app.cli.CommandLineFixture;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.daemon.Stage;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.DataSize;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldRefusedException;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One PostgreSQL database with a daemon and an archive, which a test does bad things to. */
final class ProtectedPostgres implements AutoCloseable {
    static final String SLOT = "cdp_shop";
    /** Within this every broken history must be in the archive as a gap. */
    static final Duration DETECTION = Duration.ofSeconds(60);

    private static final SourceId SHOP = new SourceId("shop");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final String topicPrefix = TestKafka.shared().freshName("gaps");
    private final CommandLineFixture cdp = CommandLineFixture.now();
    private TestDatabase database;
    private @Nullable Daemon daemon;
    private @Nullable Thread running;

    /** Makes tables of known rows and prepares the database. */
    ProtectedPostgres(Path folder, TestDatabase database) throws IOException, SQLException {
        this.folder = folder;
        this.database = database;
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, v text)",
                "CREATE TABLE note (n int, v text)",
                "ALTER TABLE note REPLICA IDENTITY FULL",
                "INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 100) i",
                "INSERT INTO note SELECT i % 3, 'same' FROM generate_series(1, 20) i");
        leadTo(database);
        install();
    }

    TestDatabase database() {
        return database;
    }

    /** The same source with another server behind it; takes effect with the next start. */
    void leadTo(TestDatabase other) throws IOException {
        leadTo(other, "");
    }

    /** @param more of the source's settings */
    void leadTo(TestDatabase other, String more) throws IOException {
        database = other;
        Files.writeString(configuration(), """
                version: 1
                data-directory: %s
                sources:
                  shop: { engine: postgresql, host: %s, port: %d, database: %s, user: %s, password: "%s"%s }
                groups:
                  shop: { sources: [shop], marker-interval: 1s }
                kafka: { bootstrap-servers: "%s", topic-prefix: %s }
                archive: { url: "file:%s", commit-interval: 300ms }
                """.formatted(
                        folder.resolve("data"),
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        more,
                        TestKafka.shared().bootstrapServers(),
                        topicPrefix,
                        archive()));
    }

    void install() {
        ConfigurationFile.read(configuration(), Map.of())
                .configuration()
                .sources()
                .values()
                .forEach(source -> Sources.open(source).install());
    }

    private Path configuration() {
        return folder.resolve("cdp.yaml");
    }

    Path archive() {
        return folder.resolve("archive");
    }

    void start() {
        start(EnumSet.allOf(Stage.class));
    }

    void start(Set<Stage> stages) {
        Daemon started = new Daemon(
                ConfigurationFile.read(configuration(), Map.of()), Map.of(), "test", stages, Clock.systemUTC());
        Thread thread = new Thread(
                () -> {
                    try {
                        started.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "daemon");
        thread.start();
        daemon = started;
        running = thread;
    }

    void stop() throws InterruptedException {
        if (daemon != null && running != null) {
            daemon.stop();
            running.join();
            daemon = null;
        }
    }

    /** Returns when all that is committed by now can be restored. */
    void settle() throws SQLException {
        if (daemon == null) {
            start();
        }
        database.execute("INSERT INTO note VALUES (" + System.nanoTime() % 1000 + ", 'settled')");
        await("everything archived").atMost(PATIENCE).untilAsserted(this::assertHoldsWhatTheDatabaseHas);
    }

    /** What can be restored now is exactly what the database has: nothing of an earlier epoch stayed. */
    void assertHoldsWhatTheDatabaseHas() throws SQLException {
        Map<String, List<String>> expected = new TreeMap<>();
        for (List<@Nullable String> name :
                database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")) {
            expected.put(
                    String.valueOf(name.get(0)),
                    database.query("SELECT * FROM " + name.get(0)).stream()
                            .map(row -> row.stream().map(String::valueOf).collect(Collectors.joining("|")))
                            .sorted()
                            .toList());
        }
        assertThat(folded()).isEqualTo(expected);
    }

    private Map<String, List<String>> folded() {
        ArchiveState state = state();
        Map<String, List<String>> rows = new TreeMap<>();
        try (FoldDatabase fold = openFold()) {
            long cut = state.watermark().map(Watermark::seq).orElseThrow(() -> new AssertionError("No watermark"));
            for (TableFiles table : TableFiles.at(state, cut)) {
                String name = table.schema().name().name();
                rows.put(name, rows(fold, name, table));
            }
        } catch (IllegalArgumentException | FoldRefusedException noBaseYet) {
            throw new AssertionError(noBaseYet);
        }
        return rows;
    }

    private List<String> rows(FoldDatabase fold, String name, TableFiles table) {
        List<String> printed = new ArrayList<>();
        try (FoldedRows rows =
                Fold.open(fold, name, table, object -> archive().resolve(object.key()), Fold.Order.ANY)) {
            for (RowImage row = rows.next(); row != null; row = rows.next()) {
                printed.add(row.toList().stream().map(String::valueOf).collect(Collectors.joining("|")));
            }
        }
        printed.sort(null);
        return printed;
    }

    private FoldDatabase openFold() {
        return FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, folder.resolve("spill")));
    }

    ArchiveState state() {
        try (ObjectStore store = ArchiveAccess.file(archive()).open()) {
            return Ledger.openExisting(store, SHOP)
                    .map(Ledger::state)
                    .orElseThrow(() -> new AssertionError("No ledger yet"));
        }
    }

    /** The source as {@code cdp status --json} shows it. */
    JsonNode status() {
        assertThat(cdp.run("status", "--json", "--config=" + configuration())).isZero();
        return cdp.outJson().at("/sources/0");
    }

    String statusText() {
        assertThat(cdp.run("status", "--config=" + configuration())).isZero();
        return cdp.out();
    }

    int gapCount() {
        return gaps(state()).size();
    }

    /** Of the whole source; a table that was made while it was read has one of its own. */
    static List<LedgerEntry.Gap> gaps(ArchiveState state) {
        return state.gaps().stream().filter(gap -> gap.tables().isEmpty()).toList();
    }

    /**
     * Waits until a broken history is in the archive, then checks all that it must lead to.
     *
     * @param fault as the table of results calls it
     * @param gapsBefore how many were recorded before the fault
     * @param reason a part of what the gap must say
     */
    LedgerEntry.Gap assertNewEpochBehindGap(String fault, int gapsBefore, String reason) throws SQLException {
        long begun = System.nanoTime();
        await(fault).atMost(DETECTION).until(() -> gapCount() > gapsBefore);
        long detectedMillis = (System.nanoTime() - begun) / 1_000_000;
        database.execute("INSERT INTO item VALUES ((SELECT max(id) + 1 FROM item), 'after the gap')");
        await("a new base after: " + fault).atMost(PATIENCE).untilAsserted(this::assertHoldsWhatTheDatabaseHas);

        ArchiveState state = state();
        LedgerEntry.Gap gap = gaps(state).get(gapsBefore);
        assertThat(gap.reason()).contains(reason);
        assertThat(gaps(state)).hasSize(gapsBefore + 1);
        assertThat(state.epoch()).isEqualTo(gap.epoch());
        BaseSnapshot base = state.bases().stream()
                .filter(each -> each.replacesAll() && each.seq() >= gap.seq())
                .findFirst()
                .orElseThrow();
        assertThat(gap.to()).isEqualTo(base.position());
        TransactionLog.Entry last = lastBefore(state, gap);
        assertThat(gap.from()).isEqualTo(last.position());
        assertShown(gap);
        assertRefused(middle(last.commitTimestamp(), base.takenAt()));
        System.out.printf(
                "%s: detected in %d ms, gap from %s to %s (%s)%n",
                fault, detectedMillis, gap.from(), gap.to(), gap.reason());
        FaultResults.record(FaultResult.noticed(FaultKind.GAP, "PostgreSQL: " + fault, 1, 1));
        return gap;
    }

    /** Nothing was missing: the epoch goes on, and what was committed on either side of the fault is there. */
    void assertGoesOnWithoutGap(String fault, int gapsBefore) throws SQLException {
        settle();
        assertThat(gaps(state())).hasSize(gapsBefore);
        FaultResults.record(FaultResult.survived(FaultKind.GAP, "PostgreSQL: " + fault, 1, FaultResult.Harm.NONE));
    }

    private TransactionLog.Entry lastBefore(ArchiveState state, LedgerEntry.Gap gap) {
        try (FoldDatabase fold = openFold()) {
            return new TransactionLog(fold, state.transactions(), file -> archive()
                            .resolve(file.object().key()))
                    .lastBefore(gap.seq())
                    .orElseThrow();
        }
    }

    private void assertShown(LedgerEntry.Gap gap) {
        List<JsonNode> whole = new ArrayList<>();
        status().at("/gaps").forEach(shown -> {
            if (shown.get("tables").isEmpty()) {
                whole.add(shown);
            }
        });
        JsonNode shown = whole.get(whole.size() - 1);
        assertThat(shown.get("from").asText())
                .isEqualTo(String.valueOf(gap.from()).substring("pg:".length()));
        assertThat(shown.get("to").asText()).isEqualTo(String.valueOf(gap.to()).substring("pg:".length()));
        assertThat(shown.get("reason").asText()).isEqualTo(gap.reason());
    }

    /** The exit code of a plan for that moment. */
    int plan(Instant moment) {
        return cdp.run("plan", "--to", moment.toString(), "--config=" + configuration());
    }

    void assertRefused(Instant inTheGap) {
        assertThat(plan(inTheGap)).as(() -> cdp.out() + cdp.err()).isEqualTo(3);
        assertThat(cdp.err()).contains("CDP-3003");
    }

    private static Instant middle(Instant one, Instant other) {
        return one.plus(Duration.between(one, other).dividedBy(2));
    }

    /** The state that status shows, once it is that one. */
    void awaitState(String state) {
        await("state " + state)
                .atMost(DETECTION)
                .until(() -> status().at("/state").asText().equals(state));
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
