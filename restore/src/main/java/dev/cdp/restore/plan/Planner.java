package dev.cdp.restore.plan;

import dev.cdp.core.Json;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.Destination;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.cut.ResolvedCut;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.plan.RestorePlan.TablePlan;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TargetDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes down what a restore to a cut will do. Reads the archive and looks at the targets; changes nothing. */
public final class Planner {
    private static final DateTimeFormatter NAME_TIME = DateTimeFormatter.ofPattern("yyyyMMdd't'HHmm'z'");
    private static final String OWN_SCHEMA = "cdp";

    private final RestoreGroup group;
    private final Map<SourceId, SourceHistory> histories;
    private final Map<SourceId, Destination> destinations;
    private final Instant now;

    public Planner(
            RestoreGroup group,
            Map<SourceId, SourceHistory> histories,
            Map<SourceId, Destination> destinations,
            Instant now) {
        this.group = group;
        this.histories = histories;
        this.destinations = destinations;
        this.now = now;
    }

    public RestorePlan plan(String id, RestorePoint point, ResolvedCut resolved) {
        Instant moment = resolved.cut().asked() == null ? now : resolved.cut().asked();
        List<SourcePlan> sources = new ArrayList<>();
        for (SourceId source : group.sources()) {
            sources.add(plan(id, source, resolved, moment));
        }
        return new RestorePlan(
                RestorePlan.FORMAT,
                id,
                now,
                group.name(),
                point.toString(),
                resolved.cut(),
                resolved.moves(),
                group.links(),
                resolved.links(),
                sources,
                resolved.warnings(),
                resolved.missing());
    }

    private SourcePlan plan(String id, SourceId source, ResolvedCut resolved, Instant moment) {
        long cut = resolved.cut().of(source).seq();
        Map<TableId, Long> heldBack = MissingChanges.heldBack(resolved.missing(), source);
        SourceHistory history = of(histories, source);
        Destination destination = of(destinations, source);
        ArchiveState state = history.state();
        DefinitionChoice choice = DefinitionChoice.at(state, cut);
        DatabaseDefinition definition = definition(history, choice);
        List<String> warnings = new ArrayList<>();
        if (choice.warning() != null) {
            warnings.add(choice.warning());
        }
        if (history.tailMissing() != null) {
            warnings.add("Transactions that are not archived yet are out of reach: " + history.tailMissing());
        }
        List<TablePlan> tables = tables(history, cut, definition, heldBack);
        if (choice.warning() != null) {
            requireSameColumns(history.state(), cut, choice, tables);
        }
        warnIncomplete(definition, tables, warnings);
        return new SourcePlan(
                source,
                state.engine(),
                state.entryNumber(),
                state.headSha256(),
                cut > history.archivedSeq(),
                destination.sourceDatabase(),
                destination.server().toString(),
                databaseName(id, destination, moment),
                choice.definition().object(),
                DefinitionChoice.sequencesAt(state, cut, definition),
                tables,
                definition.unprotected(),
                warnings);
    }

    private static <T> T of(Map<SourceId, T> values, SourceId source) {
        T value = values.get(source);
        if (value == null) {
            throw new IllegalArgumentException("Nothing is given for source '" + source + "'");
        }
        return value;
    }

    private static DatabaseDefinition definition(SourceHistory history, DefinitionChoice choice) {
        try {
            return Json.read(Files.readString(history.local(choice.definition().object())), DatabaseDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a staged definition", e);
        }
    }

    private static List<TablePlan> tables(
            SourceHistory history, long cut, DatabaseDefinition definition, Map<TableId, Long> heldBack) {
        Set<TableName> defined = definedTables(definition);
        List<TablePlan> tables = new ArrayList<>();
        for (TableFiles files : TableFiles.at(history.state(), cut, heldBack)) {
            TableName name = files.schema().name();
            if (isOurs(name)) {
                continue;
            }
            if (!defined.contains(name)) {
                throw DefinitionMismatchException.absent(history.state().source(), name);
            }
            tables.add(new TablePlan(
                    files.schema().tableId(), files.schema().version(), name, files.estimatedRows(), files.objects()));
        }
        return tables;
    }

    /** Of tables that are as they were at the cut; a definition of another moment may have others of the same name. */
    private static void requireSameColumns(
            ArchiveState state, long cut, DefinitionChoice choice, List<TablePlan> tables) {
        Map<TableName, List<String>> defined = choice.columns(state);
        Map<TableId, TableSchema> atCut = TableFiles.schemas(state, cut).stream()
                .collect(Collectors.toMap(TableSchema::tableId, schema -> schema));
        for (TablePlan table : tables) {
            TableSchema schema = atCut.get(table.table());
            List<String> found = defined.get(table.name());
            if (schema != null && schema.version() == table.schemaVersion() && found != null) {
                List<String> archived = DefinitionChoice.columns(schema);
                if (!archived.equals(found)) {
                    throw DefinitionMismatchException.columns(state.source(), table.name(), archived, found);
                }
            }
        }
    }

    /** Tables that capture keeps in a source for itself are no part of the application's database. */
    private static boolean isOurs(TableName name) {
        return name.schema().equals(OWN_SCHEMA);
    }

    private static Set<TableName> definedTables(DatabaseDefinition definition) {
        return definition.statements().stream()
                .filter(Planner::makesTable)
                .map(DefinitionStatement::table)
                .collect(Collectors.toSet());
    }

    private static boolean makesTable(DefinitionStatement statement) {
        return statement.table() != null
                && (statement.kind().equals("TABLE") || statement.kind().equals("PARTITION"));
    }

    private static void warnIncomplete(DatabaseDefinition definition, List<TablePlan> tables, List<String> warnings) {
        Set<TableName> loaded = tables.stream().map(TablePlan::name).collect(Collectors.toSet());
        definition.statements().stream()
                .filter(Planner::makesTable)
                .filter(statement -> !loaded.contains(statement.table()) && !isPartitioned(statement))
                .forEach(statement ->
                        warnings.add("Table " + statement.table() + " is not protected: it is restored without rows"));
    }

    /** A partitioned table holds no rows itself. */
    private static boolean isPartitioned(DefinitionStatement statement) {
        return statement.sql().contains("PARTITION BY");
    }

    private static String databaseName(String planId, Destination destination, Instant moment) {
        if (destination.database() != null) {
            return requireFree(planId, destination, destination.database());
        }
        String suffix = "_restored_" + NAME_TIME.format(moment.atZone(ZoneOffset.UTC));
        for (int number = 1; ; number++) {
            String end = number == 1 ? suffix : suffix + "_" + number;
            String name =
                    shortened(destination.sourceDatabase(), destination.server().longestName() - end.length()) + end;
            try (TargetDatabase target = destination.server().database(name)) {
                if (target.standing(planId) == TargetDatabase.Standing.ABSENT) {
                    return name;
                }
            }
        }
    }

    /** A name that was asked for is taken as it is, or refused. */
    private static String requireFree(String planId, Destination destination, String name) {
        try (TargetDatabase target = destination.server().database(name)) {
            target.requireFree(planId);
            return name;
        }
    }

    /** Counts bytes of UTF-8, which is what PostgreSQL limits and never fewer than characters. */
    private static String shortened(String name, int bytes) {
        StringBuilder kept = new StringBuilder();
        int used = 0;
        for (int codePoint : name.codePoints().toArray()) {
            String letter = Character.toString(codePoint);
            used += letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
            if (used > bytes) {
                break;
            }
            kept.append(letter);
        }
        return kept.toString();
    }
}
