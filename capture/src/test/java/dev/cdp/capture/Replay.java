package dev.cdp.capture;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change topic and its base files and replays them, slowly and plainly, to the state of every table: the newest
 * base, then every change after it.
 */
final class Replay implements AutoCloseable {
    private final Path archive;
    private final ChangeTopicReader reader;
    private final TransactionAssembler assembler;
    private final List<ChangeRecord> records = new ArrayList<>();
    private final Map<TableId, List<TableSchema>> schemas = new HashMap<>();
    private long transactionCount;
    private Map<Integer, @Nullable Object> deleted = Map.of();

    Replay(KafkaAccess kafka, SourceId source, Path archive, Path spill) {
        this.archive = archive;
        reader = ChangeTopicReader.open(kafka, source, KafkaOffset.START);
        assembler = new TransactionAssembler(source, 0, 0, spill, 1 << 20);
    }

    /** Takes in what is there by now; the assembler refuses holes and repeats on the way. */
    void poll() {
        for (ChangeTopicReader.Received received : reader.poll(Duration.ofMillis(200))) {
            TransactionAssembler.Unit unit = assembler.accept(received).orElse(null);
            if (unit instanceof TransactionAssembler.Transaction transaction) {
                transaction.events().forEach(this::remember);
                transactionCount++;
                transaction.close();
            } else if (unit instanceof TransactionAssembler.Notice notice) {
                remember(notice.record());
            }
        }
    }

    private void remember(ChangeRecord record) {
        records.add(record);
        if (record.event() instanceof ChangeEvent.SchemaChange change) {
            remember(change.schema());
        } else if (record.event() instanceof ChangeEvent.BaseSnapshot base) {
            base.tables().forEach(table -> remember(table.schema()));
        }
    }

    private void remember(TableSchema schema) {
        schemas.computeIfAbsent(schema.tableId(), id -> new ArrayList<>()).add(schema);
    }

    long transactionCount() {
        return transactionCount;
    }

    <T extends ChangeEvent> List<T> events(Class<T> kind) {
        return records.stream()
                .map(ChangeRecord::event)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    boolean sawMarker(String name) {
        return events(ChangeEvent.Marker.class).stream().anyMatch(marker -> name.equals(marker.name()));
    }

    /** The rows of a table, each column printed, sorted; as the last announced schema has them. */
    List<String> rows(TableName name) throws SQLException {
        TableSchema schema = schemas.values().stream()
                .flatMap(List::stream)
                .filter(each -> each.name().equals(name))
                .max(Comparator.comparing(TableSchema::tableId).thenComparing(TableSchema::version))
                .orElseThrow(() -> new AssertionError("No schema of " + name));
        TableSchema newest = schemas.get(schema.tableId()).stream()
                .max(Comparator.comparing(TableSchema::version))
                .orElseThrow();
        List<String> printed = new ArrayList<>();
        for (Map<Integer, @Nullable Object> row : state(schema.tableId())) {
            List<String> values = new ArrayList<>();
            for (Column column : newest.columns()) {
                Object value = row.containsKey(column.fieldId()) ? row.get(column.fieldId()) : column.fill();
                values.add(String.valueOf(value));
            }
            printed.add(String.join("|", values));
        }
        printed.sort(null);
        return printed;
    }

    private List<Map<Integer, @Nullable Object>> state(TableId table) throws SQLException {
        List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
        long from = 0;
        for (ChangeEvent.BaseSnapshot base : events(ChangeEvent.BaseSnapshot.class)) {
            for (ChangeEvent.BaseTable copy : base.tables()) {
                if (copy.schema().tableId().equals(table)) {
                    rows = read(copy);
                    from = base.seq();
                }
            }
        }
        for (ChangeRecord record : records) {
            if (record.seq() > from) {
                apply(record.event(), table, rows);
            }
        }
        return rows;
    }

    private void apply(ChangeEvent event, TableId table, List<Map<Integer, @Nullable Object>> rows) {
        if (event instanceof ChangeEvent.Truncate truncate && truncate.table().equals(table)) {
            rows.clear();
        } else if (event instanceof ChangeEvent.RowChange change
                && change.table().equals(table)) {
            TableSchema schema = schemas.get(table).stream()
                    .filter(each -> each.version() == change.schemaVersion())
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("No schema version " + change.schemaVersion()));
            apply(change, schema, rows);
        }
    }

    private void apply(ChangeEvent.RowChange change, TableSchema schema, List<Map<Integer, @Nullable Object>> rows) {
        Map<Integer, @Nullable Object> after = named(schema, change.after());
        Map<Integer, @Nullable Object> before = named(schema, change.before());
        // The insert half of a changed key shows the row before: what did not change stands there, just deleted.
        Map<Integer, @Nullable Object> known = before.isEmpty() ? Map.of() : deleted;
        if (change.operation() != ChangeEvent.Operation.INSERT) {
            Map<Integer, @Nullable Object> wanted = before.isEmpty() ? after : before;
            requireSameKey(change, schema, before, after);
            int index = indexOf(schema, wanted, rows);
            if (index < 0) {
                throw new AssertionError(change.operation() + " in " + schema.name() + " finds no row " + wanted);
            }
            known = rows.remove(index);
            requireSameRow(change, schema, before, known);
            deleted = known;
        } else if (schema.hasKey() && indexOf(schema, after, rows) >= 0) {
            throw new AssertionError("INSERT into " + schema.name() + " finds the row " + after);
        }
        if (change.after() != null) {
            Map<Integer, @Nullable Object> row = new TreeMap<>();
            for (Map.Entry<Integer, @Nullable Object> value : after.entrySet()) {
                row.put(
                        value.getKey(),
                        value.getValue() == Unchanged.UNCHANGED ? known.get(value.getKey()) : value.getValue());
            }
            rows.add(row);
        }
    }

    /** A change that was lost, repeated or put elsewhere shows in the next one's row before. */
    private static void requireSameRow(
            ChangeEvent.RowChange change,
            TableSchema schema,
            Map<Integer, @Nullable Object> before,
            Map<Integer, @Nullable Object> known) {
        before.forEach((field, value) -> {
            if (value != Unchanged.UNCHANGED
                    && known.containsKey(field)
                    && known.get(field) != Unchanged.UNCHANGED
                    && !Objects.deepEquals(value, known.get(field))) {
                throw new AssertionError(change.operation() + " in " + schema.name() + " shows the row before as "
                        + before + "; it was " + known);
            }
        });
    }

    /** A fold finds rows by their key, so a change of the key is a delete and an insert. */
    private static void requireSameKey(
            ChangeEvent.RowChange change,
            TableSchema schema,
            Map<Integer, @Nullable Object> before,
            Map<Integer, @Nullable Object> after) {
        if (change.operation() != ChangeEvent.Operation.UPDATE || before.isEmpty()) {
            return;
        }
        for (int id : schema.keyFieldIds()) {
            Object now = after.get(id);
            if (now != Unchanged.UNCHANGED && !now.equals(before.get(id))) {
                throw new AssertionError("UPDATE of " + schema.name() + " changes the key " + before + " to " + after);
            }
        }
    }

    private static int indexOf(
            TableSchema schema, Map<Integer, @Nullable Object> wanted, List<Map<Integer, @Nullable Object>> rows) {
        for (int i = 0; i < rows.size(); i++) {
            Map<Integer, @Nullable Object> row = rows.get(i);
            boolean same = schema.hasKey()
                    ? schema.keyFieldIds().stream().allMatch(id -> row.get(id).equals(wanted.get(id)))
                    : wanted.entrySet().stream()
                            .allMatch(value -> Objects.equals(row.get(value.getKey()), value.getValue()));
            if (same) {
                return i;
            }
        }
        return -1;
    }

    private static Map<Integer, @Nullable Object> named(TableSchema schema, @Nullable RowImage image) {
        Map<Integer, @Nullable Object> values = new TreeMap<>();
        for (int i = 0; image != null && i < image.size(); i++) {
            values.put(schema.columns().get(i).fieldId(), image.value(i));
        }
        return values;
    }

    private List<Map<Integer, @Nullable Object>> read(ChangeEvent.BaseTable copy) throws SQLException {
        List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            for (var file : copy.files()) {
                try (ResultSet row =
                        statement.executeQuery("SELECT * FROM read_parquet('" + archive.resolve(file.key()) + "')")) {
                    while (row.next()) {
                        Map<Integer, @Nullable Object> values = new TreeMap<>();
                        for (Column column : copy.schema().columns()) {
                            values.put(column.fieldId(), row.getObject(column.name()));
                        }
                        rows.add(values);
                    }
                }
            }
        }
        if (rows.size() != copy.rowCount()) {
            throw new AssertionError(copy.schema().name() + " has " + rows.size() + " rows of " + copy.rowCount());
        }
        return rows;
    }

    @Override
    public void close() {
        assembler.close();
        reader.close();
    }
}
