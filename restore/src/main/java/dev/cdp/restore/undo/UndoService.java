package dev.cdp.restore.undo;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.Reversal;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.live.TableRepair;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.verify.RowDigest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Finds out what undoing transactions takes. Reads the archive only; used by one thread. */
public final class UndoService {
    /** Each stands in memory twice. */
    private static final long MOST_ROWS = 1_000_000;

    private static final int MOST_TRANSACTIONS = 10_000;

    private final RestoreSettings settings;
    private final ArchiveReader reader;

    public UndoService(RestoreSettings settings) {
        this.settings = settings;
        this.reader = new ArchiveReader(settings.store(), settings.kafka(), settings.workDirectory());
    }

    /**
     * Plans.
     *
     * @param transactions their numbers
     * @throws CdpException {@code UNDO_REFUSED} when what they did cannot be told or undone row by row
     */
    public UndoPlan plan(SourceId source, Collection<Long> transactions, Dependents policy) {
        try (SourceHistory history = reader.open(source);
                Planning planning = new Planning(history, policy)) {
            return planning.plan(transactions);
        }
    }

    private FoldDatabase database() {
        return FoldDatabase.open(new FoldDatabase.Limits(
                settings.memory(), settings.threads(), settings.workDirectory().resolve("spill")));
    }

    /** One run over a history. */
    private final class Planning implements AutoCloseable {
        private final SourceHistory history;
        private final ArchiveState state;
        private final Dependents policy;
        private final FoldDatabase database = database();
        private final TransactionLog log;
        private final Map<Long, TransactionLog.Entry> undone = new TreeMap<>();
        private final Map<TableId, Reversal> tables = new LinkedHashMap<>();
        private final List<FoldDatabase> opened = new ArrayList<>(List.of(database));

        Planning(SourceHistory history, Dependents policy) {
            this.history = history;
            this.state = history.state();
            this.policy = policy;
            this.log = history.transactions(database);
        }

        UndoPlan plan(Collection<Long> transactions) {
            List<TransactionLog.Entry> asked = entries(transactions);
            add(asked);
            if (tables.isEmpty()) {
                throw refused("wrote no rows of protected tables", asked);
            }
            Map<Long, Map<TableName, Long>> dependents = laterWriters();
            Map<Long, Map<TableName, Long>> all = new TreeMap<>(dependents);
            while (policy == Dependents.CASCADE && !dependents.isEmpty()) {
                add(entries(dependents.keySet()));
                dependents = laterWriters();
                all.putAll(dependents);
            }
            long leftOut = 0;
            if (policy == Dependents.NON_CONFLICTING) {
                leftOut = tables.values().stream()
                        .mapToLong(Reversal::rowsWrittenLater)
                        .sum();
                tables.values().forEach(Reversal::leaveOutRowsWrittenLater);
            }
            return plan(asked, all, leftOut);
        }

        private UndoPlan plan(
                List<TransactionLog.Entry> asked, Map<Long, Map<TableName, Long>> dependents, long leftOut) {
            List<TableRepair> repairs = new ArrayList<>();
            List<TableName> unwritten = new ArrayList<>();
            for (Reversal table : tables.values()) {
                List<TableRepair.Row> rows = table.rows().stream()
                        .map(row -> new TableRepair.Row(row.now(), row.then()))
                        .toList();
                if (rows.isEmpty()) {
                    unwritten.add(table.schema().name());
                } else {
                    repairs.add(new TableRepair(table.schema(), rows));
                }
            }
            long count = repairs.stream().mapToLong(each -> each.rows().size()).sum();
            if (count > MOST_ROWS) {
                throw refused("wrote " + count + " rows, and at most " + MOST_ROWS + " are undone at once", asked);
            }
            return new UndoPlan(
                    id(repairs),
                    state.source(),
                    state.engine(),
                    asked,
                    policy,
                    dependents.entrySet().stream()
                            .map(each -> new UndoPlan.Dependent(
                                    entries(List.of(each.getKey())).get(0), each.getValue()))
                            .toList(),
                    leftOut,
                    repairs,
                    unwritten,
                    history.tailMissing());
        }

        private List<TransactionLog.Entry> entries(Collection<Long> transactions) {
            Map<Long, TransactionLog.Entry> found = new TreeMap<>(log.all(transactions));
            for (long each : transactions) {
                if (!found.containsKey(each)) {
                    throw new CdpException(
                            ErrorCode.UNDO_REFUSED,
                            "Transaction " + new TransactionId(state.source(), each) + " is not known"
                                    + (history.tailMissing() == null ? "" : ": " + history.tailMissing()),
                            "cdp find --group GROUP   shows the transactions that are known");
                }
            }
            return List.copyOf(found.values());
        }

        private void add(List<TransactionLog.Entry> entries) {
            entries.forEach(entry -> undone.put(entry.seq(), entry));
            if (undone.size() > MOST_TRANSACTIONS) {
                throw refused("pull more than " + MOST_TRANSACTIONS + " others with them", entries);
            }
            Map<Long, Long> firstSeqs = new TreeMap<>();
            undone.values().forEach(entry -> firstSeqs.put(entry.seq(), entry.firstSeq()));
            for (TransactionLog.Entry entry : entries) {
                for (TransactionLog.Activity activity : log.activity(entry.seq() - 1, entry.seq())) {
                    TableId table = activity.table();
                    if (Reversal.isRedefinedBy(state, table, entry.firstSeq(), entry.seq())) {
                        throw refused("also changed the definition of a table that it wrote", List.of(entry));
                    }
                    tables.computeIfAbsent(table, each -> reversal(each, entry));
                }
            }
            tables.values().forEach(table -> table.add(firstSeqs));
        }

        private Reversal reversal(TableId table, TransactionLog.Entry entry) {
            TableFiles now = TableFiles.of(state, Long.MAX_VALUE - 1, table)
                    .orElseThrow(() -> refused("wrote a table that is gone since", List.of(entry)));
            requireNoGap(now, entry);
            if (!now.schema().hasKey()) {
                throw refused(
                        "wrote table " + now.schema().name()
                                + ", whose rows cannot be told apart: it has no primary key",
                        List.of(entry));
            }
            FoldDatabase own = database();
            opened.add(own);
            return new Reversal(own, state, now, history::local);
        }

        /** Who wrote the rows since is known only where nothing is missing. */
        private void requireNoGap(TableFiles now, TransactionLog.Entry entry) {
            boolean missing = state.gaps().stream()
                    .filter(gap -> gap.seq() > entry.firstSeq())
                    .anyMatch(gap -> gap.tables().isEmpty()
                            || gap.tables().contains(now.schema().name()));
            if (missing) {
                throw refused(
                        "lies before a gap: who wrote rows of " + now.schema().name() + " since is not known",
                        List.of(entry));
            }
        }

        /** Rows by table, by transaction. */
        private Map<Long, Map<TableName, Long>> laterWriters() {
            Map<Long, Map<TableName, Long>> writers = new TreeMap<>();
            for (Reversal table : tables.values()) {
                table.laterWriters().forEach((tx, rows) -> writers.computeIfAbsent(tx, each -> new HashMap<>())
                        .put(table.schema().name(), rows));
            }
            return writers;
        }

        private CdpException refused(String why, List<TransactionLog.Entry> entries) {
            String what = entries.size() == 1
                    ? "Transaction "
                            + new TransactionId(state.source(), entries.get(0).seq())
                    : "These transactions";
            return new CdpException(
                    ErrorCode.UNDO_REFUSED,
                    what + " cannot be undone: " + (entries.size() == 1 ? "it " : "they ") + why,
                    "cdp plan --to before:"
                            + new TransactionId(state.source(), entries.get(0).seq())
                            + "   restores the state before it beside the original");
        }

        /** Of what is written, and of what it replaces. */
        private String id(List<TableRepair> repairs) {
            CRC32C sum = new CRC32C();
            for (TableRepair repair : repairs) {
                RowDigest expected = new RowDigest();
                RowDigest wanted = new RowDigest();
                for (TableRepair.Row row : repair.rows()) {
                    if (row.expected() != null) {
                        expected.add(row.expected());
                    }
                    if (row.wanted() != null) {
                        wanted.add(row.wanted());
                    }
                }
                String text = repair.table().name() + " " + repair.table().version() + " " + expected.text() + " "
                        + wanted.text();
                sum.update(text.getBytes(StandardCharsets.UTF_8));
            }
            return "u-%08x".formatted(sum.getValue());
        }

        @Override
        public void close() {
            opened.forEach(FoldDatabase::close);
        }
    }
}
