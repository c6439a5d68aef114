package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.archiver.OrphanSweep;
import dev.cdp.archiver.iceberg.IcebergView;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** An archive copied object by object to another place, as any tool that copies buckets does. */
final class BucketCopies {
    private BucketCopies() {}

    /** Copies all objects, and puts one there for each source that no ledger entry names. */
    static void copy(ObjectStore original, ObjectStore copy) {
        original.list("").forEach(key -> copy.putDerived(key, original.get(key).orElseThrow()));
        Ledger.sources(original).forEach(source -> copy.putDerived(orphan(source), new byte[] {1}));
    }

    private static String orphan(SourceId source) {
        return "sources/" + source
                + "/transactions/day=2026-01-01/0000000000000000001-00000000-0000-4000-8000-000000000000.parquet";
    }

    /** Every object of an archive and the SHA-256 of its content. */
    static Map<String, String> contents(ObjectStore archive) {
        Map<String, String> contents = new TreeMap<>();
        archive.list("")
                .forEach(key -> contents.put(key, Sha256.of(archive.get(key).orElseThrow())));
        return contents;
    }

    /** Everything that verifies, rewrites or deletes, done on the copy; it ends sound and with a view of its own place. */
    static void workOn(ObjectStore copy, ObjectStore original, SourceId source, Engine engine) {
        assertThat(ArchiveVerifier.verify(copy, source, ArchiveVerifier.Sampling.EVERYTHING, progress -> {})
                        .findings())
                .isEmpty();
        IcebergView view = new IcebergView(copy, source, Clock.systemUTC());
        view.catchUp();
        assertThat(view.verify()).isEqualTo(new IcebergView.Condition(0, java.util.List.of()));
        view.rebuild();
        assertNamesItsOwnPlaceOnly(copy, original, source);

        Clock tomorrow = Clock.offset(Clock.systemUTC(), OrphanSweep.SAFE_AGE.plus(Duration.ofHours(1)));
        Clock later = Clock.offset(tomorrow, OrphanSweep.SAFE_AGE.plus(Duration.ofHours(1)));
        new OrphanSweep(copy, source, engine, tomorrow).sweep();
        new OrphanSweep(copy, source, engine, later).sweep();
        assertThat(copy.size(orphan(source))).as("swept from the copy").isEmpty();
    }

    private static void assertNamesItsOwnPlaceOnly(ObjectStore copy, ObjectStore original, SourceId source) {
        var metadata = copy.list("iceberg/" + source + "/").stream()
                .filter(key -> key.endsWith(".metadata.json"))
                .toList();
        assertThat(metadata).isNotEmpty();
        for (String key : metadata) {
            assertThat(new String(copy.get(key).orElseThrow(), StandardCharsets.UTF_8))
                    .contains("\"" + copy.location() + "/iceberg/")
                    .doesNotContain("\"" + original.location() + "/");
        }
    }
}
