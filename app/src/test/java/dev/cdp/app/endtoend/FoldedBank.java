package dev.cdp.app.endtoend;

import dev.cdp.app.endtoend.BankService.Content;
import dev.cdp.core.Column;
import dev.cdp.core.Cut;
import dev.cdp.core.DataSize;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.cut.CutResolver;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.reading.LocalObjects;
import dev.cdp.restore.reading.SourceHistory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds cuts of a bank and folds its tables there, without a database to load them into. For one thread. */
final class FoldedBank implements AutoCloseable {
    private final ProtectedBank bank;
    private final Map<SourceId, SourceHistory> histories = new TreeMap<>();
    private final FoldDatabase database;
    private final CutResolver resolver;
    private final CutResolver withoutLinks;
    private final Map<Place, Long> proved;

    /** A cut of one source. */
    record Place(SourceId source, long seq) {}

    /**
     * @param opened shared with others; stays theirs to close
     * @param proved shared with others: what was folded and found equal to so many transactions of the service's journal
     *     is not folded again
     * @param folder for staged objects and spill
     */
    FoldedBank(
            ProtectedBank bank,
            Map<SourceId, SourceHistory> opened,
            ObjectStore archive,
            Path folder,
            Map<Place, Long> proved) {
        this.bank = bank;
        this.proved = proved;
        opened.forEach((source, history) -> histories.put(
                source,
                new SourceHistory(
                        history.state(),
                        history.archivedSeq(),
                        history.tailMissing(),
                        history.tailFiles(),
                        new LocalObjects(archive, folder.resolve("objects")))));
        this.database =
                FoldDatabase.open(new FoldDatabase.Limits(DataSize.ofMebibytes(256), 1, folder.resolve("spill")));
        this.resolver = resolver(bank.group());
        this.withoutLinks = resolver(bank.groupWithoutLinks());
    }

    private CutResolver resolver(RestoreGroup group) {
        return new CutResolver(group, histories, database, GapPolicy.REFUSE);
    }

    /** Closed over the links. */
    ResolvedCut causal(RestorePoint point) {
        return resolver.resolve(point);
    }

    /** The same with the solver switched off. */
    ResolvedCut timeAligned(RestorePoint point) {
        return withoutLinks.resolve(point);
    }

    BankState at(Cut cut) throws SQLException {
        Map<String, Content> contents = new HashMap<>();
        for (BankService service : bank.services()) {
            SourceId source = new SourceId(service.name());
            contents.put(
                    service.name(), at(service, new Place(source, cut.of(source).seq())));
        }
        return new BankState(contents);
    }

    private Content at(BankService service, Place place) throws SQLException {
        Long steps = proved.get(place);
        if (steps != null) {
            return service.replay(steps);
        }
        Content content = BankService.content(table -> rows(place.source(), table, place.seq()));
        if (content.equals(service.replay(content.steps()))) {
            proved.put(place, content.steps());
        }
        return content;
    }

    private List<Map<String, @Nullable Object>> rows(SourceId source, String table, long seq) {
        SourceHistory history = Objects.requireNonNull(histories.get(source));
        TableFiles files =
                TableFiles.of(history.state(), seq, bank.table(source, table)).orElseThrow();
        List<Column> columns = files.schema().columns();
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (FoldedRows folded = Fold.open(database, source + "." + table, files, history::local, Fold.Order.ANY)) {
            for (RowImage row = folded.next(); row != null; row = folded.next()) {
                Map<String, @Nullable Object> values = new HashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    values.put(columns.get(i).name(), row.value(i));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    @Override
    public void close() {
        database.close();
    }
}
