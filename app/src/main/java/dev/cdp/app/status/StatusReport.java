package dev.cdp.app.status;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles;
import dev.cdp.app.wiring.Archives;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableFiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything {@code cdp status} shows, at one moment. */
public record StatusReport(
        Instant at, String archive, @Nullable DaemonLine daemon, List<GroupLine> groups, List<SourceLine> sources) {

    /** The daemon of this machine, as it last wrote. */
    public record DaemonLine(Liveness liveness, long pid, Instant startedAt, Instant writtenAt) {}

    /** Whether the daemon still writes. */
    public enum Liveness {
        RUNNING,
        DOWN
    }

    /**
     * The window that all sources of a group share; its ends are null while there is none.
     *
     * @param gapCount gaps in any of its sources
     * @param clockSpread how far apart the clocks of two of its sources are at most, by which a cut may be off that
     *     takes each source at the same time; null unless all were measured
     */
    public record GroupLine(
            String name,
            List<SourceId> sources,
            @Nullable Instant restorableFrom,
            @Nullable Instant restorableTo,
            long gapCount,
            @Nullable Duration clockSpread) {}

    /**
     * One source. What the archive says is true without the daemon; state, lag and log held are the daemon's last word.
     *
     * @param state {@code down} when the daemon does not run
     * @param clockOffset of its clock from the daemon's, as the running daemon measured it; null when it did not
     * @param tableCount tables archived now
     * @param tablesWithoutKey names of those that are restored as a multiset of rows
     * @param awaitingBase whether a new base of everything is still to come, without which the newest moments cannot be
     *     restored
     * @param tablesAwaitingBase names of single tables that wait for theirs
     * @param findings what the daemon found wrong with the source a moment ago; none when it does not run
     */
    public record SourceLine(
            SourceId source,
            Engine engine,
            String state,
            String reason,
            String next,
            int epoch,
            @Nullable Instant restorableFrom,
            @Nullable Watermark watermark,
            @Nullable Double captureLagSeconds,
            @Nullable Long logHeldBytes,
            @Nullable Long logBudgetBytes,
            @Nullable ClockOffset clockOffset,
            int tableCount,
            List<String> tablesWithoutKey,
            boolean awaitingBase,
            List<String> tablesAwaitingBase,
            List<LedgerEntry.Gap> gaps,
            List<StatusFiles.Finding> findings) {

        /** Whether the source keeps more log for us than half of what it was given. */
        public boolean isBudgetInDanger() {
            return logHeldBytes != null && logBudgetBytes != null && logHeldBytes > logBudgetBytes / 2;
        }
    }

    public StatusReport {
        groups = List.copyOf(groups);
        sources = List.copyOf(sources);
    }

    /**
     * Reads the ledgers and the status files.
     *
     * @throws dev.cdp.core.CdpException {@code ARCHIVE_ABSENT} when there is neither an archive nor a daemon
     */
    public static StatusReport of(Configuration configuration, Clock clock) {
        Instant now = clock.instant();
        StatusFiles files = new StatusFiles(configuration.dataDirectory());
        Optional<StatusFiles.DaemonStatus> daemon = files.daemon();
        boolean running = daemon.map(status -> status.isFresh(now)).orElse(false);
        Map<SourceId, ArchiveState> states = states(configuration);
        if (states.isEmpty() && !running) {
            throw Archives.absent(configuration.archive().url());
        }
        List<SourceLine> sources = new ArrayList<>();
        for (Configuration.Source source : configuration.sources().values()) {
            Optional<StatusFiles.SourceStatus> seen = files.source(source.id());
            sources.add(source(source, Optional.ofNullable(states.get(source.id())), seen, running));
        }
        return new StatusReport(
                now,
                configuration.archive().url(),
                daemon.map(status -> new DaemonLine(
                                running ? Liveness.RUNNING : Liveness.DOWN,
                                status.pid(),
                                status.startedAt(),
                                status.writtenAt()))
                        .orElse(null),
                configuration.groups().values().stream()
                        .map(group -> group(group, sources, ClockSpread.of(configuration, group.sources(), now)))
                        .toList(),
                sources);
    }

    private static Map<SourceId, ArchiveState> states(Configuration configuration) {
        Map<SourceId, ArchiveState> states = new HashMap<>();
        try (ObjectStore store = Archives.open(configuration.archive())) {
            configuration.sources().keySet().forEach(source -> Ledger.openExisting(store, source)
                    .ifPresent(ledger -> states.put(source, ledger.state())));
        }
        return states;
    }

    private static SourceLine source(
            Configuration.Source source,
            Optional<ArchiveState> archive,
            Optional<StatusFiles.SourceStatus> seen,
            boolean running) {
        List<TableSchema> tables =
                archive.map(state -> TableFiles.schemas(state, Long.MAX_VALUE)).orElse(List.of());
        return new SourceLine(
                source.id(),
                source.server().engine(),
                running ? seen.map(StatusFiles.SourceStatus::state).orElse("starting") : "down",
                seen.map(StatusFiles.SourceStatus::reason).orElse(""),
                seen.map(StatusFiles.SourceStatus::next).orElse(""),
                archive.map(ArchiveState::epoch).orElse(0),
                archive.flatMap(StatusReport::restorableFrom).orElse(null),
                archive.flatMap(ArchiveState::watermark).orElse(null),
                seen.map(StatusReport::captureLagSeconds).orElse(null),
                seen.map(StatusFiles.SourceStatus::logHeldBytes).orElse(null),
                Optional.ofNullable(source.logBudget()).map(DataSize::bytes).orElse(null),
                running ? seen.map(StatusFiles.SourceStatus::clockOffset).orElse(null) : null,
                tables.size(),
                tables.stream()
                        .filter(table -> !table.hasKey())
                        .map(table -> table.name().toString())
                        .toList(),
                archive.map(state -> !TableFiles.hasBase(state, Long.MAX_VALUE)).orElse(true),
                archive.map(StatusReport::awaitingBase).orElse(List.of()),
                archive.map(StatusReport::gaps).orElse(List.of()),
                running ? seen.map(StatusFiles.SourceStatus::findings).orElse(List.of()) : List.of());
    }

    /** Without those whose end was open when they were recorded, and which a later one repeats with its end. */
    private static List<LedgerEntry.Gap> gaps(ArchiveState state) {
        List<LedgerEntry.Gap> gaps = state.gaps();
        return gaps.stream()
                .filter(gap -> gap.to() != null
                        || !gap.tables().isEmpty()
                        || gaps.stream()
                                .noneMatch(later -> later.seq() > gap.seq()
                                        && later.tables().isEmpty()
                                        && later.from() != null
                                        && later.from().equals(gap.from())))
                .toList();
    }

    private static List<String> awaitingBase(ArchiveState state) {
        return TableFiles.hasBase(state, Long.MAX_VALUE)
                ? TableFiles.gaps(state, Long.MAX_VALUE).stream()
                        .map(gap -> gap.table().name().toString())
                        .toList()
                : List.of();
    }

    private static @Nullable Double captureLagSeconds(StatusFiles.SourceStatus seen) {
        return seen.captured() == null
                ? null
                : Math.max(
                        0, Duration.between(seen.captured(), seen.writtenAt()).toMillis() / 1000.0);
    }

    /** When the base was taken from which the present history of the source starts. */
    private static Optional<Instant> restorableFrom(ArchiveState state) {
        return state.earliestSeq().flatMap(seq -> state.bases().stream()
                .filter(base -> base.replacesAll() && base.seq() == seq)
                .map(ChangeEvent.BaseSnapshot::takenAt)
                .max(Comparator.naturalOrder()));
    }

    private static GroupLine group(
            Configuration.Group group, List<SourceLine> sources, Optional<Duration> clockSpread) {
        List<SourceLine> members = sources.stream()
                .filter(source -> group.sources().contains(source.source()))
                .toList();
        Optional<Instant> from = earliestOfAll(members);
        Optional<Instant> to = latestOfAll(members)
                .filter(latest -> from.isPresent() && !from.get().isAfter(latest)); // else nothing is common to all
        return new GroupLine(
                group.name(),
                group.sources(),
                to.flatMap(latest -> from).orElse(null),
                to.orElse(null),
                members.stream().mapToLong(member -> member.gaps().size()).sum(),
                clockSpread.orElse(null));
    }

    /** Empty unless every source has a base. */
    private static Optional<Instant> earliestOfAll(List<SourceLine> members) {
        return members.stream().allMatch(member -> member.restorableFrom() != null)
                ? members.stream().map(SourceLine::restorableFrom).max(Comparator.naturalOrder())
                : Optional.empty();
    }

    /** Empty unless every source has archived a transaction. */
    private static Optional<Instant> latestOfAll(List<SourceLine> members) {
        return members.stream().allMatch(member -> member.watermark() != null)
                ? members.stream()
                        .map(member -> member.watermark().commitTimestamp())
                        .min(Comparator.naturalOrder())
                : Optional.empty();
    }
}
