package dev.cdp.capture.debezium;

import dev.cdp.core.Json;
import dev.cdp.core.crash.CrashPoint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Stands where the engine expects its offset store and answers from {@link EngineOffsets}. The engine creates it by
 * name, so it finds its offsets through a key in the engine's properties.
 */
public final class EngineOffsetStore implements OffsetBackingStore {
    static final String KEY_PROPERTY = "cdp.offsets";

    private static final Map<String, EngineOffsets> OFFERED = new ConcurrentHashMap<>();

    private @Nullable EngineOffsets offsets;

    /** Makes the offsets known to the store of one engine; the key goes into its {@link #KEY_PROPERTY}. */
    static String offer(EngineOffsets offsets) {
        String key = UUID.randomUUID().toString();
        OFFERED.put(key, offsets);
        return key;
    }

    static void withdraw(String key) {
        OFFERED.remove(key);
    }

    @Override
    public void configure(WorkerConfig config) {
        Object key = Objects.requireNonNull(config.originals().get(KEY_PROPERTY), KEY_PROPERTY);
        offsets = Objects.requireNonNull(OFFERED.get(key.toString()), "No offsets are offered under this key");
    }

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Map<String, Object> current = Objects.requireNonNull(offsets).current();
        Map<ByteBuffer, ByteBuffer> answers = new HashMap<>();
        if (!current.isEmpty()) {
            byte[] json = Json.write(current).getBytes(StandardCharsets.UTF_8);
            keys.forEach(key -> answers.put(key, ByteBuffer.wrap(json)));
        }
        return CompletableFuture.completedFuture(answers);
    }

    /** Reports success and stores nothing: progress travels with the records instead. */
    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
        CrashPoint.CAPTURE_OFFSETS_DUE.reached();
        callback.onCompletion(null, null);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
