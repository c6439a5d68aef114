package dev.cdp.capture.debezium;

import dev.cdp.core.Lsn;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands out {@code lsn} and {@code lsn_commit} and nothing else.
 *
 * <p>{@code lsn} is where a transaction ended that we hold wholly: the server then sends every later transaction whole.
 * Debezium's own offset also has {@code lsn_proc}, which makes the connector search for its place and filter what it
 * thinks it has seen; among interleaved transactions that drops rows without a word (dbz#76, seen on 3.5.0.Final).
 * {@code lsn_commit} is read back before each flush to the slot (PostgresConnectorTask#performCommit), so the slot moves
 * to what the archive holds and never past it.
 */
final class PostgresOffsets implements EngineOffsets {
    private final @Nullable Lsn boundary;
    private final AtomicReference<@Nullable Lsn> archived = new AtomicReference<>();

    /** @param boundary where to resume; null to start where the slot stands */
    PostgresOffsets(@Nullable Lsn boundary) {
        this.boundary = boundary;
    }

    void acknowledge(Lsn lsn) {
        archived.accumulateAndGet(lsn, (known, now) -> known == null || known.compareTo(now) < 0 ? now : known);
    }

    @Override
    public Map<String, Object> current() {
        Lsn discardable = archived.get();
        if (boundary == null && discardable == null) {
            return Map.of();
        }
        if (discardable == null) {
            return Map.of("lsn", boundary.value());
        }
        Lsn from = boundary == null ? discardable : boundary;
        return Map.of("lsn", from.value(), "lsn_commit", discardable.value());
    }
}
