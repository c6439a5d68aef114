package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which restores need an object, learned from the ledger's entries as they come by: a table is restored from its newest
 * base at or before the moment and the history after that, so an object is needed up to the next base of its table.
 */
final class AffectedRestores {
    private final Map<TableId, TableName> names = new HashMap<>();
    private final List<Base> bases = new ArrayList<>();
    private final TreeMap<Long, Instant> definitions = new TreeMap<>();
    private @Nullable Instant latest;

    private record Base(long seq, Instant takenAt, Set<TableId> tables) {}

    /** What an object holds. */
    enum Content {
        BASE,
        HISTORY,
        TRANSACTIONS,
        DEFINITION
    }

    /**
     * An object that a ledger entry names.
     *
     * @param table null when it is about all of them
     * @param seq of the last change it holds
     * @param from the moment of its first
     */
    record Named(
            StoredObject object, Content content, @Nullable TableId table, long seq, Instant from, Instant latest) {
        LocalDate day() {
            return from.atZone(ZoneOffset.UTC).toLocalDate();
        }
    }

    /** Moments; null for open. */
    record Range(@Nullable Instant from, @Nullable Instant to) {}

    /** Takes one entry in, in order. @return the objects it names */
    List<Named> take(LedgerEntry entry) {
        LedgerEntry.Content content = entry.content();
        Instant before = latest == null ? entry.writtenAt() : latest;
        content.schemas()
                .forEach(
                        each -> names.put(each.schema().tableId(), each.schema().name()));
        List<Named> named = new ArrayList<>();
        for (BaseSnapshot base : content.bases()) {
            take(base, named);
        }
        for (var file : content.history()) {
            named.add(new Named(
                    file.object(),
                    Content.HISTORY,
                    file.table(),
                    file.lastSeq(),
                    firstCommit(content, file),
                    lastCommit(content, file)));
        }
        for (var file : content.transactions()) {
            named.add(new Named(
                    file.object(),
                    Content.TRANSACTIONS,
                    null,
                    file.lastSeq(),
                    file.earliestCommit(),
                    file.latestCommit()));
            latest = latest == null || file.latestCommit().isAfter(latest) ? file.latestCommit() : latest;
        }
        for (var definition : content.definitions()) {
            Instant at = latest == null ? before : latest;
            definitions.putIfAbsent(definition.seq(), at);
            named.add(new Named(definition.object(), Content.DEFINITION, null, definition.seq(), at, at));
        }
        return named;
    }

    private void take(BaseSnapshot base, List<Named> named) {
        bases.add(new Base(
                base.seq(),
                base.takenAt(),
                base.tables().stream().map(each -> each.schema().tableId()).collect(Collectors.toSet())));
        latest = latest == null || base.takenAt().isAfter(latest) ? base.takenAt() : latest;
        for (BaseTable table : base.tables()) {
            names.put(table.schema().tableId(), table.schema().name());
            table.files()
                    .forEach(file -> named.add(new Named(
                            file, Content.BASE, table.schema().tableId(), base.seq(), base.takenAt(), base.takenAt())));
        }
    }

    private static Instant firstCommit(LedgerEntry.Content content, LedgerEntry.HistoryFile file) {
        Instant day = file.day().atStartOfDay(ZoneOffset.UTC).toInstant();
        return content.transactions().stream()
                .filter(each -> each.lastSeq() >= file.firstSeq() && each.firstSeq() <= file.lastSeq())
                .map(LedgerEntry.TransactionsFile::earliestCommit)
                .min(Instant::compareTo)
                .filter(first -> first.isAfter(day))
                .orElse(day);
    }

    private static Instant lastCommit(LedgerEntry.Content content, LedgerEntry.HistoryFile file) {
        Instant dayEnd = file.day().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return content.transactions().stream()
                .filter(each -> each.lastSeq() >= file.firstSeq() && each.firstSeq() <= file.lastSeq())
                .map(LedgerEntry.TransactionsFile::latestCommit)
                .max(Instant::compareTo)
                .filter(last -> last.isBefore(dayEnd))
                .orElse(dayEnd);
    }

    /** The latest moment that entries taken in so far know of. */
    @Nullable
    Instant latest() {
        return latest;
    }

    List<TableName> tables(Named named) {
        TableName name = named.table() == null ? null : names.get(named.table());
        return name == null ? List.of() : List.of(name);
    }

    /** The moments whose restore needs the object, once every entry was taken in. */
    Range of(Named named) {
        return switch (named.content()) {
            case BASE -> new Range(named.from(), nextBase(named, named.seq() + 1));
            case HISTORY -> new Range(named.from(), nextBase(named, named.seq()));
            case TRANSACTIONS -> new Range(named.from(), named.latest());
            case DEFINITION -> {
                // the next one also serves moments before it, when statements changed objects in between
                Map.Entry<Long, Instant> previous = definitions.lowerEntry(named.seq());
                Map.Entry<Long, Instant> next = definitions.higherEntry(named.seq());
                yield new Range(previous == null ? null : previous.getValue(), next == null ? null : next.getValue());
            }
        };
    }

    private @Nullable Instant nextBase(Named named, long fromSeq) {
        return bases.stream()
                .filter(base -> base.seq() >= fromSeq && base.tables().contains(named.table()))
                .map(Base::takenAt)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
