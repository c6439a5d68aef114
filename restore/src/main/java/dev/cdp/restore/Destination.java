package dev.cdp.restore;

import dev.cdp.restore.target.TargetServer;
import org.jspecify.annotations.Nullable;

/**
 * Where one source is restored to.
 *
 * @param sourceDatabase the name of the original, from which the new one is derived
 * @param database the name asked for; null for {@code <database>_restored_<UTC time>}
 */
public record Destination(
        TargetServer server,
        String sourceDatabase,
        @Nullable String database) {}
