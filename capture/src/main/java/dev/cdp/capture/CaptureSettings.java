package dev.cdp.capture;

import dev.cdp.core.DataSize;
import dev.cdp.core.SourceId;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to capture one source.
 *
 * @param source the name the operator gave it
 * @param markerInterval between two markers written into the source
 * @param stagingDirectory for base files on their way to the archive
 * @param baseFileBytes about how large a base file gets
 * @param logBudget how much log the source may keep for us, null for no limit
 */
public record CaptureSettings(
        SourceId source,
        Duration markerInterval,
        Path stagingDirectory,
        long baseFileBytes,
        @Nullable DataSize logBudget) {}
