package dev.cdp.core.archive;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.LedgerEntry.KeyRange;
import org.jspecify.annotations.Nullable;

/** Which keys the changes of one history file concern. A truncate concerns all. */
final class KeysSeen {
    private final int column;
    private boolean any;
    private @Nullable KeyRange range;

    KeysSeen(TableSchema schema) {
        this.column = schema.hasKey() ? schema.indexOfField(schema.keyFieldIds().get(0)) : -1;
    }

    void add(ChangeEvent event) {
        RowImage row =
                event instanceof RowChange change ? change.after() != null ? change.after() : change.before() : null;
        if (column >= 0 && row != null && row.value(column) instanceof Long key) {
            range = range == null ? new KeyRange(key, key) : range.with(key);
        } else {
            any = true;
        }
    }

    /** Null when it may be any. */
    @Nullable
    KeyRange range() {
        return any ? null : range;
    }
}
