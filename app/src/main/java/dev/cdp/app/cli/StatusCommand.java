package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.daemon.StatusFiles;
import dev.cdp.app.moment.Moments;
import dev.cdp.app.status.StatusReport;
import dev.cdp.app.status.StatusReport.GroupLine;
import dev.cdp.app.status.StatusReport.Liveness;
import dev.cdp.app.status.StatusReport.SourceLine;
import dev.cdp.core.DataSize;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.LedgerEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code cdp status}: one screen about every source and group. */
@Command(name = "status", description = "Show what can be restored, how fresh it is, and what is wrong.")
final class StatusCommand implements Callable<Integer> {
    private static final int GAPS_SHOWN = 3;
    private static final int FINDINGS_SHOWN = 5;

    @ParentCommand
    private CdpCommand cdp;

    @Override
    public Integer call() {
        Console console = cdp.console();
        StatusReport report = StatusReport.of(cdp.configuration(console).configuration(), console.clock());
        console.answer(document(report), () -> print(console, report));
        return ExitCode.DONE.code();
    }

    private static void print(Console console, StatusReport report) {
        console.line("archive  " + report.archive());
        console.line("daemon   " + daemon(console, report));
        for (GroupLine group : report.groups()) {
            String gaps = group.gapCount() == 0 ? "no gaps" : console.bad(Words.count(group.gapCount(), "gap"));
            console.line("group    " + group.name() + "  " + gaps);
            console.line("         " + window(group.restorableFrom(), group.restorableTo(), report.at()));
            if (group.clockSpread() != null) {
                console.line("         clocks at most " + Words.millis(group.clockSpread()) + " apart");
            }
        }
        TextTable table = new TextTable("SOURCE", "ENGINE", "STATE", "ARCHIVED TO", "LOG HELD", "TABLES");
        for (SourceLine source : report.sources()) {
            table.row(
                    source.source(),
                    source.engine().name().toLowerCase(Locale.ROOT),
                    source.state(),
                    source.watermark() == null
                            ? "nothing yet"
                            : Moments.brief(source.watermark().commitTimestamp(), report.at()),
                    logHeld(source),
                    source.tableCount());
        }
        console.table(table);
        report.sources().forEach(source -> printDetails(console, source));
        printNext(console, report);
    }

    private static void printDetails(Console console, SourceLine source) {
        String name = source.source() + ": ";
        if (!source.reason().isEmpty()) {
            console.line(console.bad(name + source.reason()));
            source.next().lines().forEach(step -> console.line("  next  " + step));
        }
        if (source.isBudgetInDanger()) {
            console.line(console.bad(name + "the source keeps " + logHeld(source) + " of its log for us"));
            console.line("  next  mend what keeps the archive from following: at the limit the log is");
            console.line("        given up, which makes a gap");
        }
        if (!source.tablesWithoutKey().isEmpty()) {
            console.line(
                    name + "without a key, restored as a multiset: " + String.join(", ", source.tablesWithoutKey()));
        }
        if (source.awaitingBase() && !source.gaps().isEmpty()) {
            console.line(console.bad(name + "the base behind the newest gap is still to come"));
        }
        for (String table : source.tablesAwaitingBase()) {
            console.line(console.bad(name + "changes of " + table + " are missing until its next base"
                    + newestGap(source, table).map(gap -> ": " + gap.reason()).orElse("")));
        }
        printGaps(console, source);
        printFindings(console, source);
    }

    /** Failures first. */
    private static void printFindings(Console console, SourceLine source) {
        List<StatusFiles.Finding> findings = source.findings().stream()
                .sorted(Comparator.comparing(StatusFiles.Finding::verdict)) // failed comes before warning
                .toList();
        for (StatusFiles.Finding finding : findings.subList(0, Math.min(FINDINGS_SHOWN, findings.size()))) {
            String line = source.source() + ": " + finding.check() + ": " + finding.what();
            console.line(finding.verdict().equals("failed") ? console.bad(line) : line);
        }
        if (!findings.isEmpty()) {
            int left = findings.size() - FINDINGS_SHOWN;
            console.line("  next  cdp check " + source.source() + (left > 0 ? ", which names " + left + " more" : ""));
        }
    }

    private static Optional<LedgerEntry.Gap> newestGap(SourceLine source, String table) {
        return source.gaps().stream()
                .filter(gap ->
                        gap.tables().stream().anyMatch(name -> name.toString().equals(table)))
                .max(Comparator.comparingLong(LedgerEntry.Gap::seq));
    }

    /** The newest first. */
    private static void printGaps(Console console, SourceLine source) {
        List<LedgerEntry.Gap> gaps = source.gaps();
        for (int i = gaps.size() - 1; i >= Math.max(0, gaps.size() - GAPS_SHOWN); i--) {
            LedgerEntry.Gap gap = gaps.get(i);
            console.line(console.bad(source.source() + ": gap " + interval(gap) + ", recorded " + gap.recordedAt()
                    + ": " + gap.reason()));
        }
        if (gaps.size() > GAPS_SHOWN) {
            console.line(source.source() + ": " + Words.count(gaps.size() - GAPS_SHOWN, "earlier gap")
                    + "; cdp status --json lists all");
        }
    }

    private static String interval(LedgerEntry.Gap gap) {
        String from = gap.from() == null ? "the beginning" : gap.from().nativeText();
        if (!gap.tables().isEmpty()) {
            return "of " + gap.tables().stream().map(TableName::toString).collect(Collectors.joining(", ")) + " from "
                    + from + " to their next base";
        }
        return "from " + from + " to "
                + (gap.to() == null ? "the present" : gap.to().nativeText());
    }

    private static void printNext(Console console, StatusReport report) {
        if (report.daemon() == null || report.daemon().liveness() == Liveness.DOWN) {
            console.line("next: cdp run");
            return;
        }
        report.groups().stream()
                .filter(group -> group.restorableTo() != null)
                .findFirst()
                .ifPresent(group -> console.line("next: cdp plan --group " + group.name() + " --to latest"));
    }

    private static String daemon(Console console, StatusReport report) {
        StatusReport.DaemonLine daemon = report.daemon();
        if (daemon == null) {
            return console.bad("not seen on this machine") + "; what follows comes from the archive";
        }
        return switch (daemon.liveness()) {
            case RUNNING ->
                console.good("running") + ", process " + daemon.pid() + ", since "
                        + Moments.brief(daemon.startedAt(), report.at());
            case DOWN ->
                console.bad("down") + " since " + Moments.brief(daemon.writtenAt(), report.at())
                        + "; what follows comes from the archive";
        };
    }

    private static String window(@Nullable Instant from, @Nullable Instant to, Instant now) {
        return from == null || to == null
                ? "not restorable yet"
                : "restorable " + Moments.brief(from, now) + " -> " + Moments.brief(to, now);
    }

    private static String logHeld(SourceLine source) {
        if (source.logHeldBytes() == null) {
            return "-";
        }
        String held = new DataSize(source.logHeldBytes()).rounded();
        return source.logBudgetBytes() == null ? held : held + " of " + new DataSize(source.logBudgetBytes()).rounded();
    }

    private static ObjectNode document(StatusReport report) {
        ObjectNode document = Console.document("cdp.status/v1")
                .put("at", report.at().toString())
                .put("archive", report.archive());
        ObjectNode daemon = document.putObject("daemon");
        daemon.put("running", report.daemon() != null && report.daemon().liveness() == Liveness.RUNNING);
        if (report.daemon() != null) {
            daemon.put("pid", report.daemon().pid())
                    .put("started_at", report.daemon().startedAt().toString())
                    .put("written_at", report.daemon().writtenAt().toString());
        }
        ArrayNode groups = document.putArray("groups");
        for (GroupLine group : report.groups()) {
            ObjectNode node = groups.addObject().put("name", group.name());
            ArrayNode members = node.putArray("sources");
            group.sources().forEach(source -> members.add(source.name()));
            node.put("restorable_from", text(group.restorableFrom()))
                    .put("restorable_to", text(group.restorableTo()))
                    .put("gaps", group.gapCount())
                    .put("clock_spread_seconds", seconds(group.clockSpread()));
        }
        ArrayNode sources = document.putArray("sources");
        report.sources().forEach(source -> fill(sources.addObject(), source));
        return document;
    }

    private static void fill(ObjectNode node, SourceLine source) {
        node.put("source", source.source().name())
                .put("engine", source.engine().name().toLowerCase(Locale.ROOT))
                .put("state", source.state())
                .put("reason", source.reason());
        ArrayNode next = node.putArray("next");
        source.next().lines().forEach(next::add);
        node.put("epoch", source.epoch())
                .put("restorable_from", text(source.restorableFrom()))
                .put(
                        "archived_to",
                        source.watermark() == null
                                ? null
                                : text(source.watermark().commitTimestamp()))
                .put(
                        "archived_seq",
                        source.watermark() == null ? null : source.watermark().seq())
                .put(
                        "archived_position",
                        source.watermark() == null
                                ? null
                                : source.watermark().position().nativeText())
                .put("capture_lag_seconds", source.captureLagSeconds())
                .put("log_held_bytes", source.logHeldBytes())
                .put("log_budget_bytes", source.logBudgetBytes())
                .put(
                        "clock_offset_seconds",
                        source.clockOffset() == null
                                ? null
                                : seconds(source.clockOffset().offset()))
                .put(
                        "clock_error_seconds",
                        source.clockOffset() == null
                                ? null
                                : seconds(source.clockOffset().error()))
                .put("tables", source.tableCount());
        ArrayNode withoutKey = node.putArray("tables_without_key");
        source.tablesWithoutKey().forEach(withoutKey::add);
        node.put("awaiting_base", source.awaitingBase());
        ArrayNode awaiting = node.putArray("tables_awaiting_base");
        source.tablesAwaitingBase().forEach(awaiting::add);
        node.put("gap_count", source.gaps().size());
        ArrayNode gaps = node.putArray("gaps");
        for (LedgerEntry.Gap gap : source.gaps()) {
            gaps.addObject()
                    .put("recorded_at", gap.recordedAt().toString())
                    .put("from", gap.from() == null ? null : gap.from().nativeText())
                    .put("to", gap.to() == null ? null : gap.to().nativeText())
                    .put("reason", gap.reason())
                    .set("tables", tables(gap));
        }
        ArrayNode findings = node.putArray("findings");
        for (StatusFiles.Finding finding : source.findings()) {
            findings.addObject()
                    .put("check", finding.check())
                    .put("verdict", finding.verdict())
                    .put("what", finding.what())
                    .put("mend", finding.mend());
        }
    }

    private static ArrayNode tables(LedgerEntry.Gap gap) {
        ArrayNode tables = Json.mapper().createArrayNode();
        gap.tables().forEach(table -> tables.add(table.toString()));
        return tables;
    }

    private static @Nullable Double seconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toNanos() / 1e9;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
