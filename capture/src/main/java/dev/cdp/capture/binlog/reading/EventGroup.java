package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.PreparedTransactions.Prepared;
import dev.cdp.core.TableName;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A group of events of a binary log while it is being read: a transaction or a statement that stands alone. */
final class EventGroup {
    final Transactions.Beginning beginning;
    final @Nullable Prepared prepared; // null for one that is committed where it stands
    final Set<TableName> cascaded = new HashSet<>();
    final Map<String, Integer> savepoints = new HashMap<>();
    final BitSet taken = new BitSet(); // the numbers of row events that were handed on
    Transactions.Form form;
    int rowEvents;
    boolean concernsUs;

    EventGroup(Transactions.Beginning beginning) {
        this.beginning = beginning;
        this.form = beginning.form();
        this.prepared = form == Transactions.Form.PREPARED ? new Prepared(beginning.id()) : null;
    }

    String id() {
        return beginning.id();
    }
}
