package dev.cdp.restore.verify;

import dev.cdp.core.Cut;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.restore.Link;
import dev.cdp.restore.MissingChanges;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a restore did and what was proved of it.
 *
 * @param estimatedSeconds the plan's
 * @param missing what was left out because its operator allowed a gap
 */
public record RestoreReport(
        String planId,
        String group,
        Cut cut,
        Instant startedAt,
        Instant finishedAt,
        double estimatedSeconds,
        List<SourceReport> sources,
        List<LinkReport> links,
        List<MissingChanges> missing) {

    public RestoreReport {
        sources = List.copyOf(sources);
        links = List.copyOf(links);
        missing = List.copyOf(missing);
    }

    /** How one source ended. */
    public enum Outcome {
        /** Complete, every digest equal. */
        RESTORED,
        /** Stays incomplete. */
        FAILED
    }

    /**
     * @param target the database's name
     * @param connect a command that opens it
     * @param failure null when it was restored
     */
    public record SourceReport(
            SourceId source,
            String server,
            String target,
            String connect,
            Outcome outcome,
            List<TableReport> tables,
            double seconds,
            @Nullable Failure failure) {
        public SourceReport {
            tables = List.copyOf(tables);
        }

        public long rowCount() {
            return tables.stream().mapToLong(TableReport::rowCount).sum();
        }
    }

    /** @param code as printed, such as {@code CDP-3009} */
    public record Failure(String code, ExitCode exitCode, String message, String next) {}

    /**
     * @param digest of the rows that were folded from the archive
     * @param readBack of the rows that the target holds
     */
    public record TableReport(TableName name, long rowCount, long rowsReadBack, String digest, String readBack) {
        public boolean isEqual() {
            return rowCount == rowsReadBack && digest.equals(readBack);
        }
    }

    /**
     * One declared link, by the restored states.
     *
     * @param checked different values that refer
     * @param broken of those, values that refer to nothing
     * @param inFlight values that nothing refers to yet: messages sent and not received
     */
    public record LinkReport(Link link, long checked, long broken, long inFlight) {}

    public long rowCount() {
        return sources.stream().mapToLong(SourceReport::rowCount).sum();
    }

    /**
     * Done only when every source was restored with nothing left out; cancelled when it was told to stop; partial when
     * some were restored, or changes are missing in an allowed gap.
     */
    public ExitCode exitCode() {
        boolean cancelled = sources.stream()
                .map(SourceReport::failure)
                .anyMatch(failure -> failure != null && failure.exitCode() == ExitCode.CANCELLED);
        if (cancelled) {
            return ExitCode.CANCELLED;
        }
        long restored = sources.stream()
                .filter(source -> source.outcome() == Outcome.RESTORED)
                .count();
        if (restored == sources.size()) {
            return missing.isEmpty() ? ExitCode.DONE : ExitCode.PARTIAL;
        }
        Failure first = sources.stream()
                .map(SourceReport::failure)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseThrow();
        return restored > 0 ? ExitCode.PARTIAL : first.exitCode();
    }

    /** The report for people, about 80 columns wide. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        missing.forEach(gap -> line(text, "LEFT OUT     %s", gap.text()));
        for (SourceReport source : sources) {
            line(text, "%-12s %s -> %s on %s", source.outcome(), source.source(), source.target(), source.server());
            if (source.failure() != null) {
                line(text, "  %s: %s", source.failure().code(), source.failure().message());
                line(text, "  next: %s", source.failure().next());
            }
            for (TableReport table : source.tables()) {
                line(
                        text,
                        "  %-40s %,12d rows   %s",
                        table.name(),
                        table.rowCount(),
                        table.isEqual() ? "digest equal" : "DIGEST DIFFERS");
            }
        }
        for (LinkReport link : links) {
            line(
                    text,
                    "link %s: %d broken of %d, %d in flight",
                    link.link(),
                    link.broken(),
                    link.checked(),
                    link.inFlight());
        }
        double seconds = java.time.Duration.between(startedAt, finishedAt).toMillis() / 1000.0;
        line(text, "%,d rows in %.1f s (estimated %.1f s)", rowCount(), seconds, estimatedSeconds);
        return text.toString();
    }

    private static void line(StringBuilder text, String format, @Nullable Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
