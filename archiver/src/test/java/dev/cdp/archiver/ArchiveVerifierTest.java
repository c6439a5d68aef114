package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.ArchiveVerifier.Report;
import dev.cdp.core.archive.ArchiveVerifier.Sampling;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.archive.VerificationFinding.Kind;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveVerifierTest {
    private static final SourceId SHOP = new SourceId("shop");

    @TempDir
    private Path folder;

    private Path root;
    private ObjectStore store;
    private ArchiveState state;

    @BeforeEach
    void archiveSomething() {
        root = folder.resolve("archive");
        store = ArchiveAccess.file(root).open();
        SyntheticSource source = RandomHistory.of(SHOP, 3, 30);
        source.takeBase(store, folder.resolve("staging")).define("{}");
        RandomHistory.grow(source, 4, 30);
        state = new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 10)
                .state();
    }

    @Test
    void findsNothingInAnUndamagedArchive() {
        Report report = verify(Sampling.EVERYTHING);

        assertThat(report.findings()).isEmpty();
        assertThat(report.entryCount()).isEqualTo(state.entryNumber());
        assertThat(report.readCount())
                .isEqualTo(report.objectCount())
                .isGreaterThan(state.history().size());
        assertThat(report.byteCount())
                .isGreaterThan(state.history().stream()
                        .mapToLong(file -> file.object().byteCount())
                        .sum());
    }

    @Test
    void namesObjectTableAndTimesOfAMissingObject() {
        HistoryFile file = state.history().get(2);
        store.delete(file.object().key());

        assertThat(verify(new Sampling(0)).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.MISSING);
            assertThat(finding.tables())
                    .containsExactly(state.schema(file.table(), file.schemaVersion())
                            .orElseThrow()
                            .name());
            assertThat(finding.toString())
                    .startsWith("The object is missing: " + file.object().key() + ", table public.table_")
                    .contains(", restores to moments from " + file.day() + "T");
        });
    }

    @Test
    void findsAnObjectThatWasCutShortWithoutReadingIt() throws Exception {
        Path file =
                root.resolve(state.bases().get(0).tables().get(0).files().get(0).key());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));

        assertThat(verify(new Sampling(0)).findings())
                .extracting(VerificationFinding::kind)
                .containsExactly(Kind.DIFFERENT);
    }

    @Test
    void findsOneChangedBitOnlyByReading() throws Exception {
        Path file = root.resolve(state.transactions().get(0).object().key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThat(verify(new Sampling(0)).findings()).isEmpty();
        assertThat(verify(Sampling.EVERYTHING).findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).startsWith("The object has SHA-256 "));
    }

    @Test
    void readsAsManyObjectsOfEachDayAsAsked() {
        Report report = verify(new Sampling(2));

        assertThat(report.findings()).isEmpty();
        assertThat(report.readCount()).isBetween(3L, 6L); // two days of commits, and the definition's
        assertThat(report.objectCount()).isGreaterThan(report.readCount());
    }

    @Test
    void findsAMissingAndAChangedLedgerEntry() {
        List<String> entries = store.list("sources/shop/ledger/");
        store.delete(entries.get(1));
        String changed = entries.get(3);
        byte[] bytes = store.get(changed).orElseThrow();
        store.putDerived(
                changed,
                new String(bytes, StandardCharsets.UTF_8)
                        .replaceFirst("\"written_at\":\"2", "\"written_at\":\"3")
                        .getBytes(StandardCharsets.UTF_8));

        assertThat(verify(new Sampling(0)).findings())
                .extracting(VerificationFinding::kind, VerificationFinding::key)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(Kind.MISSING, entries.get(1)),
                        org.assertj.core.groups.Tuple.tuple(Kind.DIFFERENT, changed));
    }

    private Report verify(Sampling sampling) {
        return ArchiveVerifier.verify(store, SHOP, sampling, progress -> {});
    }
}
