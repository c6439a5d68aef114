package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.core.GtidSet;
import dev.cdp.core.GtidSet.Gtid;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What XA transactions did that are prepared and not decided yet, by their ids. MariaDB logs the rows when a transaction
 * is prepared, and its outcome as a statement of its own, later. They are kept over all readings of a source, so that
 * one that is read again finds what it needs; what an earlier process had read is not here. Thread-safe.
 */
public final class PreparedTransactions {
    private static final long MOST_BYTES_OF_ONE = 32L << 20;
    private static final long MOST_BYTES = 128L << 20;
    private static final int MOST_DECIDED = 256;

    private final Map<String, Prepared> byId = new HashMap<>();
    private final Queue<String> decided = new ArrayDeque<>();
    private long bytes;

    /** One of them, while its rows come in and after. */
    static final class Prepared {
        private final String gtid;
        private final List<LogEvent> rows = new ArrayList<>();
        private final Set<TableName> tables = new HashSet<>();
        private final Set<TableName> cascaded = new HashSet<>();
        private long bytes;
        private boolean tooLarge;
        private @Nullable String decidedBy;

        Prepared(String gtid) {
            this.gtid = gtid;
        }

        /** Makes room for what an event of that size holds. */
        void grow(long eventBytes) {
            bytes += eventBytes;
            if (bytes > MOST_BYTES_OF_ONE) {
                keepTablesOnly();
            }
        }

        void add(LogEvent event) {
            if (event instanceof LogEvent.Row row) {
                tables.add(row.table());
            } else if (event instanceof LogEvent.RowsNotCarried rows) {
                tables.add(rows.table());
            }
            if (!tooLarge) {
                rows.add(event);
            }
        }

        private void keepTablesOnly() {
            tooLarge = true;
            rows.clear();
            bytes = 0;
        }

        /** Tables that foreign keys changed in it, which is not logged. */
        void addCascaded(Set<TableName> changed) {
            cascaded.addAll(changed);
        }

        Set<TableName> cascaded() {
            return Set.copyOf(cascaded);
        }

        /** What it did, in its order; empty when that was more than is kept. */
        Optional<List<LogEvent>> rows() {
            return tooLarge ? Optional.empty() : Optional.of(List.copyOf(rows));
        }

        /** The tables that it changed. */
        Set<TableName> tables() {
            return Set.copyOf(tables);
        }
    }

    /** Forgets what is decided, and what will be read again from this place on. */
    synchronized void startAt(SourcePosition boundary) {
        if (boundary instanceof SourcePosition.MariaDb place) {
            byId.values()
                    .removeIf(each -> !isRead(each.gtid, place.gtids())
                            || each.decidedBy != null && isRead(each.decidedBy, place.gtids()));
            bytes = byId.values().stream().mapToLong(each -> each.bytes).sum();
            decided.clear();
            byId.forEach((id, each) -> {
                if (each.decidedBy != null) {
                    decided.add(id);
                }
            });
        }
    }

    private static boolean isRead(String gtid, GtidSet read) {
        return read.includes(Gtid.parse(gtid));
    }

    synchronized void put(String id, Prepared prepared) {
        Prepared replaced = byId.remove(id);
        bytes -= replaced == null ? 0 : replaced.bytes;
        byId.put(id, prepared);
        bytes += prepared.bytes;
        while (!decided.isEmpty() && (bytes > MOST_BYTES || decided.size() > MOST_DECIDED)) {
            String oldest = decided.remove();
            Prepared done = byId.get(oldest);
            if (done != null && done.decidedBy != null) {
                byId.remove(oldest);
                bytes -= done.bytes;
            }
        }
        if (bytes > MOST_BYTES) {
            bytes -= prepared.bytes;
            prepared.keepTablesOnly();
        }
    }

    /** @return empty when its rows were read by an earlier process, or before the place where this history begins */
    synchronized Optional<Prepared> decide(String id, String gtid) {
        Prepared found = byId.get(id);
        if (found != null) { // a reading that begins again before this decision needs it once more
            found.decidedBy = gtid;
            decided.add(id);
        }
        return Optional.ofNullable(found);
    }
}
