package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.moment.Moments;
import dev.cdp.core.Cut;
import dev.cdp.core.Json;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.plan.RestorePlan.TablePlan;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A plan for people, and as a document. */
final class PlanText {
    private final RestorePlan plan;
    private final @Nullable ZoneId zone;
    private final Instant now;
    private final @Nullable Duration clockSpread;

    /** @param clockSpread how far apart the clocks of the sources are at most, null when nobody knows */
    PlanText(RestorePlan plan, @Nullable ZoneId zone, Instant now, @Nullable Duration clockSpread) {
        this.plan = plan;
        this.zone = zone;
        this.now = now;
        this.clockSpread = clockSpread;
    }

    void print(Console console) {
        console.line("RESTORE POINT  " + plan.restorePoint());
        if (plan.cut().asked() != null) {
            console.line("               " + Moments.threeWays(plan.cut().asked(), zone, now));
        }
        plan.missing().forEach(missing -> console.line(console.bad("LEFT OUT       " + missing.text())));
        console.line("consistency    " + consistency());
        if (plan.sources().size() > 1) {
            console.line("clocks         "
                    + (clockSpread == null
                            ? "not measured: the moment may differ between the sources"
                            : "at most " + Words.millis(clockSpread) + " apart now: so uncertain is the moment"));
        }
        for (SourcePlan source : plan.sources()) {
            console.line("into           new database \"" + source.database() + "\" on " + source.server());
            console.line("               " + source.source() + " as of " + asOf(source));
        }
        TextTable table = new TextTable("SOURCE", "TABLE", "ROWS AT MOST");
        for (SourcePlan source : plan.sources()) {
            for (TablePlan each : source.tables()) {
                table.row(source.source(), each.name(), Words.number(each.estimatedRows()));
            }
        }
        console.table(table);
        for (ResolvedCut.LinkFinding finding : plan.findings()) {
            console.line("link           " + finding.link());
            console.line("               " + Words.count(finding.effects(), "reference") + ", torn "
                    + finding.violations() + ", to rows that were never archived " + finding.dangling());
        }
        console.line("cost           reads " + plan.bytesToRead().rounded() + ", about "
                + Math.round(plan.estimatedSeconds()) + " s");
        warnings(plan).forEach(warning -> console.line("warning        " + warning));
    }

    private String consistency() {
        String word =
                switch (plan.cut().consistency()) {
                    case TIME_ALIGNED -> "time-aligned: no links are declared between these sources";
                    case CAUSALLY_CLOSED ->
                        "causally closed over " + Words.count(plan.links().size(), "declared link");
                    case QUIESCED -> "quiesced";
                };
        List<String> moved = plan.moves().stream()
                .filter(ResolvedCut.Move::isMoved)
                .map(move -> move.source() + " moved back from " + move.fromSeq() + " to " + move.toSeq())
                .toList();
        return word + (moved.isEmpty() ? "" : "; " + String.join(", ", moved));
    }

    private String asOf(SourcePlan source) {
        Cut.SourceCut cut = plan.cut().of(source.source());
        return "tx/" + source.source() + "/" + cut.seq() + ", " + cut.position().nativeText()
                + (cut.commitTimestamp() == null
                        ? ", its first base"
                        : ", " + Moments.brief(cut.commitTimestamp(), now))
                + (source.needsTail() ? ", partly from Kafka" : "");
    }

    /** What whoever restores has to know beforehand. */
    static List<String> warnings(RestorePlan plan) {
        List<String> warnings = new ArrayList<>(plan.warnings());
        for (SourcePlan source : plan.sources()) {
            source.warnings().forEach(text -> warnings.add(source.source() + ": " + text));
            source.unprotected().forEach(text -> warnings.add(source.source() + ": " + text));
        }
        return warnings;
    }

    ObjectNode document() {
        ObjectNode document = Console.document("cdp.plan/v1")
                .put("id", plan.id())
                .put("group", plan.group())
                .put("restore_point", plan.restorePoint())
                .put(
                        "asked",
                        plan.cut().asked() == null ? null : plan.cut().asked().toString())
                .put("consistency", plan.cut().consistency().name().toLowerCase(Locale.ROOT))
                .put("clock_spread_seconds", clockSpread == null ? null : clockSpread.toNanos() / 1e9)
                .put("estimated_seconds", plan.estimatedSeconds())
                .put("bytes_to_read", plan.bytesToRead().bytes());
        ArrayNode sources = document.putArray("sources");
        for (SourcePlan source : plan.sources()) {
            Cut.SourceCut cut = plan.cut().of(source.source());
            ObjectNode node = sources.addObject()
                    .put("source", source.source().name())
                    .put("server", source.server())
                    .put("database", source.database())
                    .put("epoch", cut.epoch())
                    .put("seq", cut.seq())
                    .put("position", cut.position().nativeText())
                    .put("needs_tail", source.needsTail());
            ArrayNode tables = node.putArray("tables");
            source.tables().forEach(table -> tables.addObject()
                    .put("table", table.name().toString())
                    .put("estimated_rows", table.estimatedRows()));
        }
        document.put("leaves_out", plan.leavesOut());
        document.set("missing", Json.mapper().valueToTree(plan.missing()));
        document.set("moves", Json.mapper().valueToTree(plan.moves()));
        document.set("links", Json.mapper().valueToTree(plan.findings()));
        ArrayNode warnings = document.putArray("warnings");
        warnings(plan).forEach(warnings::add);
        return document;
    }
}
