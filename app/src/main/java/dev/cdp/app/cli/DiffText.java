package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.moment.Moments;
import dev.cdp.core.Cut;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TransactionId;
import dev.cdp.core.fold.TableDifference;
import dev.cdp.core.fold.TableDifference.Sample;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.find.ComparedSource;
import dev.cdp.restore.find.StateComparison;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What differs between two restore points, for people and as a document. */
final class DiffText {
    private final StateComparison.Result result;
    private final @Nullable ZoneId zone;
    private final Instant now;

    DiffText(StateComparison.Result result, @Nullable ZoneId zone, Instant now) {
        this.result = result;
        this.zone = zone;
        this.now = now;
    }

    void print(Console console) {
        result.sources().forEach(source -> print(console, source));
        Stream.concat(result.from().warnings().stream(), result.to().warnings().stream())
                .distinct()
                .forEach(warning -> console.line("warning " + warning));
    }

    private void print(Console console, ComparedSource source) {
        console.line(source.source() + "  from " + point(source.source(), source.from()));
        console.line(" ".repeat(source.source().name().length()) + "  to   " + point(source.source(), source.to()));
        List<ComparedSource.Table> shown = source.tables().stream()
                .filter(ComparedSource.Table::isDifferent)
                .toList();
        if (!shown.isEmpty()) {
            console.table(table(source, shown));
        }
        for (ComparedSource.Table table : shown) {
            columns(table).forEach(console::line);
            if (table.difference() != null) {
                table.difference()
                        .samples()
                        .forEach(
                                sample -> console.line(sample(table.difference().schema(), sample)));
            } else {
                console.line(console.bad("not known  " + table.unknown()));
            }
        }
        long same = source.untouched() + source.tables().size() - shown.size();
        console.line(Words.count(source.transactions(), "transaction") + " in between"
                + (shown.isEmpty() ? "; nothing differs" : "") + "; " + Words.count(same, "table") + " the same");
        source.missing()
                .forEach(missing -> console.line(
                        console.bad("gap     " + MissingText.text(missing) + "; the states at both ends are known")));
        if (source.tailMissing() != null) {
            console.line("note    " + MissingText.tail(source.tailMissing()));
        }
    }

    private String point(SourceId source, Cut.SourceCut cut) {
        Instant at = cut.commitTimestamp();
        return "tx/" + source + "/" + cut.seq() + ", " + cut.position().nativeText() + ", "
                + (at == null ? "its base" : Moments.threeWays(at, zone, now));
    }

    private static TextTable table(ComparedSource source, List<ComparedSource.Table> shown) {
        TextTable table = new TextTable("TABLE", "INSERTED", "DELETED", "CHANGED", "TRANSACTIONS");
        for (ComparedSource.Table each : shown) {
            TableDifference difference = each.difference();
            table.row(
                    source.source() + "." + each.name(),
                    difference == null ? "?" : Words.number(difference.inserted()),
                    difference == null ? "?" : Words.number(difference.deleted()),
                    difference == null ? "?" : Words.number(difference.changed()),
                    Words.number(each.transactions()));
        }
        return table;
    }

    /** What happened to the table itself. */
    private static List<String> columns(ComparedSource.Table table) {
        String name = table.name() + "  ";
        if (table.from() == null) {
            return List.of(name + "table created");
        }
        if (table.to() == null) {
            return List.of(name + "table dropped");
        }
        List<String> lines = new ArrayList<>();
        if (!table.from().tableId().equals(table.to().tableId())) {
            lines.add(name + "table made anew; columns and keys are matched by name");
        }
        List<String> added = notIn(table.to(), table.from());
        List<String> dropped = notIn(table.from(), table.to());
        if (!added.isEmpty()) {
            lines.add(name + "columns added: " + String.join(", ", added));
        }
        if (!dropped.isEmpty()) {
            lines.add(name + "columns dropped, and not compared: " + String.join(", ", dropped));
        }
        return lines;
    }

    private static List<String> notIn(@Nullable TableSchema one, @Nullable TableSchema other) {
        if (one == null || other == null || !one.tableId().equals(other.tableId())) {
            return List.of();
        }
        return one.columns().stream()
                .filter(column -> other.indexOfField(column.fieldId()) < 0)
                .map(column -> column.name())
                .toList();
    }

    private static String sample(TableSchema schema, Sample sample) {
        RowImage before = sample.before();
        RowImage after = sample.after();
        if (before != null && after != null) {
            return "  ~ " + RowText.key(schema, key(schema, after)) + "  "
                    + RowText.differing(before, after).stream()
                            .map(i -> RowText.change(schema.columns().get(i).name(), before.value(i), after.value(i)))
                            .collect(Collectors.joining(", "));
        }
        RowImage row = Objects.requireNonNull(after != null ? after : before);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            values.add(schema.columns().get(i).name() + "=" + RowText.value(row.value(i)));
        }
        return (after != null ? "  + " : "  - ") + String.join(", ", values);
    }

    private static RowImage key(TableSchema schema, RowImage row) {
        return RowImage.of(schema.keyFieldIds().stream()
                .map(id -> row.value(schema.indexOfField(id)))
                .toArray());
    }

    ObjectNode document(String from, String to) {
        ObjectNode document = Console.document("cdp.diff/v1").put("from", from).put("to", to);
        document.put("consistency_from", word(result.from())).put("consistency_to", word(result.to()));
        ArrayNode sources = document.putArray("sources");
        result.sources().forEach(source -> fill(sources.addObject(), source));
        ArrayNode warnings = document.putArray("warnings");
        Stream.concat(result.from().warnings().stream(), result.to().warnings().stream())
                .distinct()
                .forEach(warnings::add);
        return document;
    }

    private static String word(ResolvedCut cut) {
        return cut.cut().consistency().name().toLowerCase(Locale.ROOT);
    }

    private static void fill(ObjectNode node, ComparedSource source) {
        node.put("source", source.source().name());
        fill(node.putObject("from"), source.source(), source.from());
        fill(node.putObject("to"), source.source(), source.to());
        node.put("transactions", source.transactions())
                .put("tables_untouched", source.untouched())
                .put("complete", source.isKnown())
                .put("tail_missing", source.tailMissing());
        node.set("missing", MissingText.document(source.missing()));
        ArrayNode tables = node.putArray("tables");
        source.tables().forEach(table -> fill(tables.addObject(), table));
    }

    private static void fill(ObjectNode node, SourceId source, Cut.SourceCut cut) {
        node.put("transaction", new TransactionId(source, cut.seq()).toString())
                .put("seq", cut.seq())
                .put("epoch", cut.epoch())
                .put("position", cut.position().nativeText())
                .put("at", MissingText.text(cut.commitTimestamp()));
    }

    private static void fill(ObjectNode node, ComparedSource.Table table) {
        TableDifference difference = table.difference();
        node.put("table", table.name().toString())
                .put("state", state(table))
                .put("unknown", difference == null ? table.unknown() : null)
                .put("inserted", difference == null ? null : difference.inserted())
                .put("deleted", difference == null ? null : difference.deleted())
                .put("changed", difference == null ? null : difference.changed())
                .put("transactions", table.transactions());
        ArrayNode added = node.putArray("columns_added");
        notIn(table.to(), table.from()).forEach(added::add);
        ArrayNode dropped = node.putArray("columns_dropped");
        notIn(table.from(), table.to()).forEach(dropped::add);
        ArrayNode samples = node.putArray("samples");
        if (difference != null) {
            for (Sample sample : difference.samples()) {
                ObjectNode each = samples.addObject();
                each.set("before", RowText.rowDocument(difference.schema(), sample.before()));
                each.set("after", RowText.rowDocument(difference.schema(), sample.after()));
            }
        }
    }

    private static String state(ComparedSource.Table table) {
        if (table.from() == null) {
            return "created";
        }
        if (table.to() == null) {
            return "dropped";
        }
        return table.from().tableId().equals(table.to().tableId()) ? "kept" : "made_anew";
    }
}
