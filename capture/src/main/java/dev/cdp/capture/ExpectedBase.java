package dev.cdp.capture;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.SourcePosition;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The base that is being taken, if one is, from where its view may open to the boundary at which it is announced. Used by
 * the thread that records changes only.
 */
final class ExpectedBase {
    private final TableRegistry tables;
    private final DefinitionPlaces definitions;
    private @Nullable PendingBase base;

    ExpectedBase(TableRegistry tables, DefinitionPlaces definitions) {
        this.tables = tables;
        this.definitions = definitions;
    }

    /** In place of an earlier one. */
    PendingBase expect(PendingBase next) {
        base = next;
        return next;
    }

    void forget(PendingBase given) {
        if (base == given) {
            base = null;
        }
    }

    /** Learns that the transaction of this number was recorded. */
    void passed(SourcePosition boundary, long seq) {
        PendingBase pending = base;
        if (pending != null) {
            pending.passed(boundary, seq);
            settle(pending);
        }
    }

    /** A statement behind the view may have changed the very tables the view shows, so such a base is given up. */
    void settle(PendingBase pending) {
        if (pending.seq().isEmpty() || pending.schemas().isDone()) {
            return;
        }
        if (definitions.outdate(pending, pending.seq().getAsLong())) {
            pending.schemas()
                    .completeExceptionally(new IllegalStateException("definitions changed while it was opened"));
            forget(pending);
        } else {
            pending.assignSchemas(tables::observe);
            if (pending.kind() == PendingBase.BaseKind.REPLACES_ALL) {
                tables.keepOnly(pending.nativeIds());
            }
        }
    }

    /** Whether it may hold the table as it is behind the gap that the table has. */
    boolean mayEnd(TablesMissing missing, String nativeId) {
        PendingBase pending = base;
        return pending != null
                && (pending.seq().isEmpty()
                        || !missing.outlasts(nativeId, pending.seq().getAsLong()));
    }

    /** Has it announced once it is whole. */
    void ifFinished(BiConsumer<PendingBase, BaseSnapshot> announce) {
        PendingBase pending = base;
        Optional<BaseSnapshot> finished = pending == null ? Optional.empty() : pending.finished();
        if (pending != null && finished.isPresent()) {
            announce.accept(pending, finished.get());
            base = null;
            pending.written().complete(null);
        }
    }
}
