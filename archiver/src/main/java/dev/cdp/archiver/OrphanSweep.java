package dev.cdp.archiver;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry.Deletion;
import dev.cdp.core.archive.LedgerEntry.TopicProgress;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes objects of one source that no ledger entry names, left behind by writers that failed. An object goes in two
 * steps: a ledger entry lists it, and a later sweep deletes it when it has been listed for {@link #SAFE_AGE}. A sweep that
 * is cut short is made good by the next one. Several may run at a time; each holds the keys of all objects in memory.
 */
public final class OrphanSweep {
    /** Longer than a restore needs to copy what its plan names. */
    public static final Duration SAFE_AGE = Duration.ofHours(24);

    private static final Logger log = LoggerFactory.getLogger(OrphanSweep.class);

    private final ObjectStore store;
    private final SourceId source;
    private final Engine engine;
    private final Clock clock;
    private final Choice choice;

    /** Which objects that no entry names are left behind. */
    interface Choice {
        boolean isOrphan(String key, ArchiveState archive);
    }

    /** What a sweep did. */
    public record Outcome(long listedCount, long deletedCount) {}

    public OrphanSweep(ObjectStore store, SourceId source, Engine engine, Clock clock) {
        this(store, source, engine, clock, OrphanSweep::cannotBeNamed);
    }

    OrphanSweep(ObjectStore store, SourceId source, Engine engine, Clock clock, Choice choice) {
        this.store = store;
        this.source = source;
        this.engine = engine;
        this.clock = clock;
        this.choice = choice;
    }

    /** Lists what is left behind, and deletes what was listed long enough ago. */
    public Outcome sweep() {
        Ledger ledger = Ledger.open(store, source, engine, clock);
        if (ledger.state().entryNumber() == 0) {
            return new Outcome(0, 0);
        }
        Set<String> present = new HashSet<>();
        ArchiveLayout.dataFolders(source).forEach(folder -> present.addAll(store.list(folder)));
        long before = ledger.state().deletions().size();
        ledger.list(archive -> listed(present, archive));
        CrashPoint.ARCHIVER_ORPHANS_LISTED.reached();
        long listed = ledger.state().deletions().size() - before;
        long deleted = deleteDue(ledger.state());
        CrashPoint.ARCHIVER_SWEPT.reached(); // the next sweep takes what is gone off the list
        if (listed > 0 || deleted > 0) {
            log.info("{} objects that no ledger entry names are listed for deletion, {} deleted", listed, deleted);
        }
        return new Outcome(Math.max(0, listed), deleted);
    }

    /** What was listed and is still there, and what has to be listed; what is gone leaves the list. */
    private List<Deletion> listed(Set<String> present, ArchiveState archive) {
        List<Deletion> list = new ArrayList<>(archive.deletions());
        list.removeIf(deletion -> !present.contains(deletion.key()));
        Set<String> known = list.stream().map(Deletion::key).collect(Collectors.toSet());
        Set<String> named = archive.keys();
        Instant now = clock.instant();
        present.stream()
                .filter(key -> !named.contains(key) && !known.contains(key) && choice.isOrphan(key, archive))
                .sorted()
                .forEach(key -> list.add(new Deletion(key, now)));
        return list;
    }

    /**
     * Whether nobody will name the object any more, by what has been committed and not by anyone's clock: an archiver that
     * holds a file with an earlier change than the next one due is fenced, and a base that was begun before another one in
     * the archive has failed, because bases come into the archive in the order in which they are begun.
     */
    private static boolean cannotBeNamed(String key, ArchiveState archive) {
        OptionalLong seq = ArchiveLayout.seq(key);
        if (seq.isEmpty()) {
            return false;
        }
        if (!ArchiveLayout.isBase(key)) {
            return seq.getAsLong()
                    <= archive.topic().map(TopicProgress::lastSeq).orElse(-1L);
        }
        return archive.bases().stream()
                .flatMap(base -> base.tables().stream())
                .flatMap(table -> table.files().stream())
                .map(file -> ArchiveLayout.seq(file.key()))
                .anyMatch(other -> other.isPresent() && other.getAsLong() > seq.getAsLong());
    }

    private long deleteDue(ArchiveState archive) {
        Instant due = clock.instant().minus(SAFE_AGE);
        long deleted = 0;
        for (Deletion deletion : archive.deletions()) {
            if (!deletion.listedAt().isAfter(due)) {
                store.delete(deletion.key());
                CrashPoint.ARCHIVER_ORPHAN_DELETED.reached();
                deleted++;
            }
        }
        return deleted;
    }
}
