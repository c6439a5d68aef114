package dev.cdp.restore.cut;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.Column;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry.HistoryFile;
import dev.cdp.core.fold.LinkFacts;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.Link;
import dev.cdp.restore.RestorableWindow.Span;
import dev.cdp.restore.reading.SourceHistory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the files behind the two ends of a link. */
public final class LinkSides {
    private LinkSides() {}

    /** The state of the end's table at a cut; empty when there is no such table or column, or changes of it are missing. */
    public static Optional<LinkFacts.Side> state(SourceHistory history, Link.End end, long seq) {
        boolean isMissing = TableFiles.gaps(history.state(), seq).stream()
                .anyMatch(gap -> gap.table().name().equals(end.table()));
        return (isMissing ? Optional.<TableFiles>empty() : TableFiles.of(history.state(), seq, end.table()))
                .flatMap(files ->
                        column(files.schema(), end).map(column -> new LinkFacts.Side(files, column, history::local)));
    }

    /** All that the archive has of the end's table in the unbroken history around the start. */
    static Optional<LinkFacts.Side> history(PointInSource source, Link.End end, Map<SourceId, Long> start) {
        SourceHistory history = source.history();
        long seq = start.getOrDefault(end.source(), 0L);
        return state(history, end, seq)
                .map(side -> new LinkFacts.Side(
                        whole(history.state(), side.files().schema(), source.spanOf(seq, end.toString())),
                        side.column(),
                        side.local()));
    }

    private static Optional<Column> column(TableSchema schema, Link.End end) {
        return schema.columns().stream()
                .filter(column -> column.name().equals(end.column()))
                .findFirst();
    }

    private static TableFiles whole(ArchiveState state, TableSchema schema, Span span) {
        BaseSnapshot base = state.bases().stream()
                .filter(each -> each.replacesAll() && each.seq() == span.earliestSeq())
                .findFirst()
                .orElseThrow();
        Optional<BaseTable> table = base.tables().stream()
                .filter(each -> each.schema().tableId().equals(schema.tableId()))
                .findFirst();
        List<HistoryFile> files = state.history().stream()
                .filter(file -> file.table().equals(schema.tableId()) && file.lastSeq() > base.seq())
                .filter(file -> file.firstSeq() <= span.latestSeq())
                .toList();
        Map<Integer, TableSchema> versions = new HashMap<>();
        for (HistoryFile file : files) {
            state.schema(schema.tableId(), file.schemaVersion())
                    .ifPresent(version -> versions.put(file.schemaVersion(), version));
        }
        return new TableFiles(schema, table.orElse(null), base.seq(), span.latestSeq(), files, versions);
    }
}
