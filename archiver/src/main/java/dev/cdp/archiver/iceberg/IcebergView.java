package dev.cdp.archiver.iceberg;

import dev.cdp.archiver.iceberg.ViewTable.NewFile;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.StorageAccessDeniedException;
import dev.cdp.core.archive.StorageUnavailableException;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.crash.CrashPoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Iceberg tables of one source: {@code <schema>__<table>__history} for each table and {@code transactions}, all over
 * the archive's own Parquet files.
 *
 * <p>Each table remembers the last ledger entry whose files it has; {@code transactions} is written last and so tells
 * where to go on. A crash in between repeats entries, of which the tables take what they do not have. Not safe for use
 * by several threads; two processes do not corrupt it, one of them fails.
 */
public final class IcebergView {
    private static final Logger log = LoggerFactory.getLogger(IcebergView.class);
    private static final int ENTRIES_AT_ONCE = 100;

    private final ObjectStore store;
    private final SourceId source;
    private final Clock clock;
    private final Map<String, ViewTable> tables = new LinkedHashMap<>();
    private @Nullable Ledger ledger;

    public IcebergView(ObjectStore store, SourceId source, Clock clock) {
        this.store = store;
        this.source = source;
        this.clock = clock;
    }

    /** Takes over the ledger entries it does not have yet. @return how many */
    public long catchUp() {
        Optional<ArchiveState> archive = archive();
        if (archive.isEmpty()) {
            return 0;
        }
        long newest = archive.get().entryNumber();
        ViewTable transactions = table(ViewNames.TRANSACTIONS);
        long taken = transactions.isElsewhere() ? 0 : transactions.takenOver();
        if (taken == 0) {
            return rebuild();
        }
        if (taken > newest) { // a witness that is not to be wiped out
            throw new ArchiveDamagedException(longer(taken, newest));
        }
        for (long first = taken + 1; first <= newest; first += ENTRIES_AT_ONCE) {
            publish(archive.get(), first, Math.min(newest, first + ENTRIES_AT_ONCE - 1));
        }
        return newest - taken;
    }

    private String longer(long taken, long newest) {
        return "The Iceberg view of '" + source + "' has the files of ledger entry " + taken
                + ", and the ledger ends with entry " + newest;
    }

    /**
     * How the view stands to the ledger.
     *
     * @param entriesBehind it takes them over by itself
     * @param findings what it does not mend by itself, empty when it matches up to there
     */
    public record Condition(long entriesBehind, List<VerificationFinding> findings) {
        public Condition {
            findings = List.copyOf(findings);
        }
    }

    /** Compares the view with the ledger, which must be sound; changes nothing. */
    public Condition verify() {
        Optional<ArchiveState> archive = archive();
        if (archive.isEmpty()) {
            return new Condition(0, List.of());
        }
        long newest = archive.get().entryNumber();
        try {
            ViewTable transactions = table(ViewNames.TRANSACTIONS);
            if (transactions.isElsewhere()) {
                return new Condition(newest, List.of()); // of the place this archive was copied from; made anew here
            }
            long taken = transactions.takenOver();
            if (taken > newest) {
                return new Condition(
                        0, List.of(VerificationFinding.rolledBack(folder(""), null, longer(taken, newest))));
            }
            return new Condition(newest - taken, different(archive.get(), taken));
        } catch (StorageUnavailableException | StorageAccessDeniedException e) {
            throw e;
        } catch (RuntimeException e) { // whatever Iceberg makes of damaged metadata
            return new Condition(0, List.of(derived(folder(""), "cannot be read: " + e)));
        }
    }

    private static VerificationFinding derived(String key, String what) {
        return VerificationFinding.derived(
                key, "The Iceberg view is to be made anew, with 'cdp verify --rebuild-view': it " + what);
    }

    /** Tables that have a file which is not the ledger's, or lack one of an entry that they have taken over. */
    private List<VerificationFinding> different(ArchiveState state, long taken) {
        Set<String> later = new HashSet<>();
        for (long number = taken + 1; number <= state.entryNumber(); number++) {
            Ledger.entry(store, source, number).ifPresent(entry -> {
                entry.content()
                        .history()
                        .forEach(file -> later.add(file.object().key()));
                entry.content()
                        .transactions()
                        .forEach(file -> later.add(file.object().key()));
            });
        }
        Map<String, Set<String>> expected = new LinkedHashMap<>();
        Map<TableId, String> names = ViewNames.of(state.schemas());
        state.history().forEach(file -> expected.computeIfAbsent(names.get(file.table()), name -> new HashSet<>())
                .add(file.object().key()));
        state.transactions().forEach(file -> expected.computeIfAbsent(ViewNames.TRANSACTIONS, name -> new HashSet<>())
                .add(file.object().key()));
        List<VerificationFinding> findings = new ArrayList<>();
        expected.forEach((name, keys) -> {
            Set<String> files = table(name).files();
            boolean hasAll = keys.stream().allMatch(key -> files.contains(key) || later.contains(key));
            if (!hasAll || !keys.containsAll(files)) {
                findings.add(
                        derived(folder(name + "/"), hasAll ? "has files that the ledger does not" : "lacks files"));
            }
        });
        return findings;
    }

    /** Deletes the view's metadata and makes it again from the whole ledger. @return the entries taken over */
    public long rebuild() {
        Optional<ArchiveState> archive = archive();
        store.list(folder("")).forEach(store::delete);
        tables.clear();
        if (archive.isEmpty()) {
            return 0;
        }
        ArchiveState state = archive.get();
        long newest = state.entryNumber();
        Batch all = new Batch(newest);
        state.history().forEach(file -> all.add(newest, file));
        state.transactions().forEach(file -> all.add(newest, file));
        publish(state, all);
        return newest;
    }

    private Optional<ArchiveState> archive() {
        Ledger known = ledger;
        if (known == null) {
            Optional<Ledger> opened = Ledger.openExisting(store, source);
            opened.ifPresent(found -> ledger = found);
            return opened.map(Ledger::state);
        }
        known.refresh();
        return Optional.of(known.state());
    }

    private void publish(ArchiveState state, long first, long last) {
        Batch batch = new Batch(last);
        for (long number = first; number <= last; number++) {
            long entryNumber = number;
            LedgerEntry.Content content = Ledger.entry(store, source, number)
                    .orElseThrow(() -> new IllegalStateException("Ledger entry " + entryNumber + " has vanished"))
                    .content();
            content.history().forEach(file -> batch.add(entryNumber, file));
            content.transactions().forEach(file -> batch.add(entryNumber, file));
        }
        publish(state, batch);
    }

    private void publish(ArchiveState state, Batch batch) {
        List<TableSchema> schemas = state.schemas();
        Map<TableId, String> names = ViewNames.of(schemas);
        batch.history.forEach((id, files) -> {
            List<TableSchema> versions = schemas.stream()
                    .filter(schema -> schema.tableId().equals(id))
                    .toList();
            ViewSchema schema = ViewSchema.history(versions);
            TableSchema newest = versions.get(versions.size() - 1);
            Map<String, String> properties = Map.of(
                    "cdp.source", source.name(),
                    "cdp.table", newest.name().toString(),
                    "cdp.table-id", id.toString());
            table(names.get(id)).append(schema, properties, files, batch.upTo);
        });
        CrashPoint.ARCHIVER_VIEW_HISTORY_PUBLISHED.reached();
        if (!batch.transactions.isEmpty()) {
            table(ViewNames.TRANSACTIONS)
                    .append(
                            ViewSchema.TRANSACTIONS,
                            Map.of("cdp.source", source.name()),
                            batch.transactions,
                            batch.upTo);
        }
        CrashPoint.ARCHIVER_VIEW_PUBLISHED.reached();
        log.debug("The Iceberg view of '{}' has ledger entry {}", source, batch.upTo);
    }

    private ViewTable table(String name) {
        return tables.computeIfAbsent(
                name, each -> new ViewTable(store, folder(each + "/"), source + "." + each, clock));
    }

    private String folder(String path) {
        return ArchiveFileIo.FOLDER + source + "/" + path;
    }

    /** The files of some ledger entries. */
    private static final class Batch {
        private final Map<TableId, List<NewFile>> history = new LinkedHashMap<>();
        private final List<NewFile> transactions = new ArrayList<>();
        private final long upTo;

        Batch(long upTo) {
            this.upTo = upTo;
        }

        void add(long entryNumber, LedgerEntry.HistoryFile file) {
            history.computeIfAbsent(file.table(), id -> new ArrayList<>())
                    .add(new NewFile(entryNumber, file.object(), file.day()));
        }

        void add(long entryNumber, LedgerEntry.TransactionsFile file) {
            transactions.add(new NewFile(entryNumber, file.object(), file.day()));
        }
    }
}
