package dev.cdp.app.daemon;

import dev.cdp.capture.source.ClockOffset;
import dev.cdp.core.SourceId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Writes what a daemon with a failed source writes. */
public final class StatusFilesFixture {
    private StatusFilesFixture() {}

    /** Writes what a daemon with a source whose clock is ahead of this machine's writes. */
    public static void writeClock(Path dataDirectory, SourceId source, Duration ahead, Instant at) {
        StatusFiles files = new StatusFiles(dataDirectory);
        files.write(new StatusFiles.DaemonStatus(42, "1", at.minusSeconds(60), at));
        files.write(new StatusFiles.SourceStatus(
                source,
                "streaming",
                "",
                "",
                1,
                7,
                at,
                null,
                new ClockOffset(ahead, Duration.ofMillis(2)),
                List.of(),
                at));
    }

    public static void write(Path dataDirectory, SourceId source, Instant at) {
        StatusFiles files = new StatusFiles(dataDirectory);
        files.write(new StatusFiles.DaemonStatus(42, "1", at.minusSeconds(60), at));
        List<StatusFiles.Finding> findings = List.of(
                new StatusFiles.Finding("unlogged", "warning", "public.q is not logged", "ALTER TABLE q SET LOGGED;"),
                new StatusFiles.Finding("wal-level", "failed", "wal_level is replica", "ALTER SYSTEM"));
        files.write(new StatusFiles.SourceStatus(
                source,
                "failed",
                "the slot is gone",
                "cdp check orders",
                1,
                7,
                at.minusMillis(500),
                600L << 20,
                null,
                findings,
                at));
    }
}
