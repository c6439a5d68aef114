package dev.cdp.app.daemon;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon tells other processes of this machine: one small file per source and one about itself, replaced
 * whole every second, so that a reader never sees half of one and an old one means that nobody writes any more.
 */
public final class StatusFiles {
    /** Older than this, and whoever wrote it is gone. */
    private static final Duration STALE_AFTER = Duration.ofSeconds(15);

    private final Path folder;

    /** The daemon itself. */
    public record DaemonStatus(long pid, String version, Instant startedAt, Instant writtenAt) {
        /** Whether the daemon still wrote a moment ago. */
        public boolean isFresh(Instant now) {
            return Duration.between(writtenAt, now).compareTo(STALE_AFTER) < 0;
        }
    }

    /**
     * One source as the daemon sees it.
     *
     * @param state a word for people: starting, copying, streaming, archiving, waiting, failed, stopped
     * @param reason why it waits or failed, empty otherwise
     * @param next what the operator can do, one step per line
     * @param captured commit time of the newest transaction in the change topic, by the source's clock
     * @param logHeldBytes how much of its log the source keeps for us, null when it does not say
     * @param clockOffset of the source's clock from this machine's, null when it was not measured
     * @param findings what {@code cdp check} would find wrong, none before it was looked at
     */
    public record SourceStatus(
            SourceId source,
            String state,
            String reason,
            String next,
            int epoch,
            long seq,
            @Nullable Instant captured,
            @Nullable Long logHeldBytes,
            @Nullable ClockOffset clockOffset,
            List<Finding> findings,
            Instant writtenAt) {

        /** @param findings null in a file of an earlier version */
        public SourceStatus {
            findings = findings == null ? List.of() : List.copyOf(findings);
        }
    }

    /**
     * One thing that is not as protection of the source needs it.
     *
     * @param check its name
     * @param verdict warning or failed
     * @param mend one step per line
     */
    public record Finding(String check, String verdict, String what, String mend) {
        static Finding of(CheckFinding finding) {
            String verdict = finding.verdict().name().toLowerCase(Locale.ROOT);
            return new Finding(finding.check(), verdict, finding.what(), finding.mend());
        }
    }

    public StatusFiles(Path dataDirectory) {
        this.folder = dataDirectory.resolve("status");
    }

    void write(DaemonStatus status) {
        replace("daemon.json", Json.write(status));
    }

    void write(SourceStatus status) {
        replace("source-" + status.source() + ".json", Json.write(status));
    }

    /** Forgets a source that is no longer configured. */
    void remove(SourceId source) {
        try {
            Files.deleteIfExists(folder.resolve("source-" + source + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Optional<DaemonStatus> daemon() {
        return read("daemon.json", DaemonStatus.class);
    }

    public Optional<SourceStatus> source(SourceId source) {
        return read("source-" + source + ".json", SourceStatus.class);
    }

    private <T> Optional<T> read(String name, Class<T> type) {
        try {
            return Optional.of(Json.read(Files.readString(folder.resolve(name)), type));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void replace(String name, String content) {
        try {
            Files.createDirectories(folder);
            Path temporary = folder.resolve("." + name);
            Files.writeString(temporary, content);
            CrashPoint.CONTROL_STATUS_PREPARED.reached();
            Files.move(
                    temporary,
                    folder.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
