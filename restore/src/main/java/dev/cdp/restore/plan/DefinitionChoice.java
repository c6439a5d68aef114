package dev.cdp.restore.plan;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.archive.LedgerEntry.Definition;
import dev.cdp.core.archive.LedgerEntry.Sequences;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.SequenceValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which definition of a database belongs to a cut. A definition stands behind the statements that it shows: when
 * one stands between the last definition and the cut, the next definition is the right one, if none stands between too.
 *
 * @param warning null when it is certain
 */
record DefinitionChoice(Definition definition, @Nullable String warning) {

    private static final Pattern COUNTS_DOWN = Pattern.compile("\\bINCREMENT (BY )?-\\d", Pattern.CASE_INSENSITIVE);

    static DefinitionChoice at(ArchiveState state, long cut) {
        Optional<Definition> last =
                state.definitions().stream().filter(each -> each.seq() <= cut).reduce((first, second) -> second);
        Optional<Definition> next =
                state.definitions().stream().filter(each -> each.seq() > cut).findFirst();
        long lastSeq = last.map(Definition::seq).orElse(-1L);
        boolean outdated = last.isEmpty() || statementIn(state, lastSeq, cut);
        if (!outdated) {
            return new DefinitionChoice(last.get(), null);
        }
        if (next.isPresent()) {
            boolean changedAgain = statementIn(state, cut, next.get().seq());
            return new DefinitionChoice(
                    next.get(),
                    changedAgain
                            ? "Objects of the database changed around this moment; the definition is from a little later"
                            : null);
        }
        return new DefinitionChoice(
                last.orElseThrow(() -> new CdpException(
                        ErrorCode.RESTORE_POINT_OUTSIDE,
                        "Source '" + state.source() + "' cannot be restored: no definition of its objects is archived",
                        "Wait a moment: capture reads it after the first base snapshot. 'cdp status' shows the state")),
                "Objects of the database changed shortly before this moment; their new definition is not archived yet");
    }

    /** What the archive says of each table at the definition's own place. */
    Map<TableName, List<String>> columns(ArchiveState state) {
        Map<TableId, TableSchema> inForce = new LinkedHashMap<>();
        state.schemaVersions().stream()
                .filter(announced -> announced.seq() <= definition.seq())
                .map(LedgerEntry.SchemaVersion::schema)
                .forEach(schema -> inForce.merge(
                        schema.tableId(), schema, (old, next) -> next.version() > old.version() ? next : old));
        state.droppedTables().stream()
                .filter(dropped -> dropped.seq() <= definition.seq())
                .forEach(dropped -> inForce.remove(dropped.table()));
        Map<TableName, List<String>> columns = new LinkedHashMap<>();
        inForce.values().forEach(schema -> columns.put(schema.name(), columns(schema)));
        return columns;
    }

    /** Names and types. */
    static List<String> columns(TableSchema schema) {
        return schema.columns().stream()
                .map(column -> column.name() + " " + column.sourceType())
                .toList();
    }

    private static boolean statementIn(ArchiveState state, long after, long upTo) {
        return state.statements().stream().anyMatch(each -> each.seq() > after && each.seq() <= upTo);
    }

    /** For each sequence the value read first at or after the cut, else the last before; none is ever handed out again. */
    static List<SequenceValue> sequencesAt(ArchiveState state, long cut, DatabaseDefinition definition) {
        Set<String> descending = descending(definition);
        Map<String, SequenceValue> values = new LinkedHashMap<>();
        definition.sequences().forEach(value -> merge(values, value, descending));
        boolean reached = false;
        for (Sequences read : state.sequences()) {
            if (!reached) {
                read.values().forEach(value -> merge(values, value, descending));
                reached = read.seq() >= cut;
            }
        }
        return List.copyOf(values.values());
    }

    /** The names of sequences that count down, as they are or in quotes. */
    private static Set<String> descending(DatabaseDefinition definition) {
        return definition.statements().stream()
                .filter(statement -> statement.kind().equals("SEQUENCE"))
                .filter(statement -> COUNTS_DOWN.matcher(statement.sql()).find())
                .map(statement -> statement.object().replaceAll("[`\"]", ""))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The value farther on. */
    private static void merge(Map<String, SequenceValue> values, SequenceValue value, Set<String> descending) {
        boolean down = descending.contains(value.name()) || descending.contains(value.schema() + "." + value.name());
        values.merge(
                value.kind() + " " + value.schema() + " " + value.name(),
                value,
                (old, read) -> old.lastValue() > read.lastValue() == !down ? old : read);
    }
}
