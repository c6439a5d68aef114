package dev.cdp.capture.debezium;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.NotCarried;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import dev.cdp.core.Unchanged;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the envelopes of Debezium's PostgreSQL connector. Values stay the server's own text.
 *
 * <p>The connector makes a delete and an insert of a changed key, by what it holds to be the key. They are put together
 * again here; the key is for our own schema to say.
 */
final class PostgresTranslation implements RecordTranslation {
    private static final int NAMES_KEPT = 10_000;

    private final String transactionTopic;
    private final Map<Schema, List<String>> columnNames = new IdentityHashMap<>();
    private @Nullable LoggedRow keyChangedFrom;

    PostgresTranslation(String topicPrefix) {
        transactionTopic = topicPrefix + ".transaction";
    }

    @Override
    public void translate(SourceRecord record, List<LogEvent> events) {
        if (!(record.value() instanceof Struct value)) {
            return;
        }
        if (record.topic().equals(transactionTopic)) {
            if ("END".equals(value.getString("status"))) {
                events.add(commit(record.sourceOffset()));
            }
            return;
        }
        if (value.schema().field("op") == null) { // a heartbeat
            return;
        }
        String operation = value.getString("op");
        Struct origin = value.getStruct("source");
        TableName table = new TableName(origin.getString("schema"), origin.getString("table"));
        switch (operation) {
            case "c" -> events.add(insertOrKeyChange(record, table, value));
            case "u" ->
                events.add(new LogEvent.Row(Operation.UPDATE, table, row(value, "before"), row(value, "after")));
            case "d" -> deleteOrKeyChange(record, table, value, events);
            case "t" -> events.add(new LogEvent.Truncation(table));
            default ->
                throw new IllegalStateException(
                        "Debezium sent the unexpected operation '" + operation + "' on " + table);
        }
    }

    private LogEvent insertOrKeyChange(SourceRecord record, TableName table, Struct value) {
        LoggedRow after = row(value, "after");
        if (record.headers().lastWithName("__debezium.oldkey") == null) {
            return new LogEvent.Row(Operation.INSERT, table, null, after);
        }
        LoggedRow before = Objects.requireNonNull(keyChangedFrom, "A changed key without its delete");
        keyChangedFrom = null;
        return new LogEvent.Row(Operation.UPDATE, table, before, after);
    }

    private void deleteOrKeyChange(SourceRecord record, TableName table, Struct value, List<LogEvent> events) {
        LoggedRow before = row(value, "before");
        if (record.headers().lastWithName("__debezium.newkey") == null) {
            events.add(new LogEvent.Row(Operation.DELETE, table, before, null));
        } else {
            keyChangedFrom = before;
        }
    }

    // END's offset is the first to name its own commit; offsets of rows name the one before.
    private static LogEvent.Commit commit(Map<String, ?> offset) {
        Lsn end = new Lsn(((Number) Objects.requireNonNull(offset.get("lsn_commit"), "lsn_commit")).longValue());
        Object micros = Objects.requireNonNull(offset.get("ts_usec"), "ts_usec");
        return new LogEvent.Commit(
                String.valueOf(offset.get("txId")),
                new SourcePosition.Postgres(end),
                Instant.EPOCH.plus(((Number) micros).longValue(), ChronoUnit.MICROS));
    }

    private @Nullable LoggedRow row(Struct envelope, String side) {
        Struct image = (Struct) envelope.getWithoutDefault(side);
        if (image == null) {
            return null;
        }
        List<Field> fields = image.schema().fields();
        @Nullable Object[] values = new Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = image.getWithoutDefault(fields.get(i).name());
            if (value == VerbatimConverter.UNCHANGED) {
                value = Unchanged.UNCHANGED;
            } else if (value == VerbatimConverter.PARSED) {
                value = NotCarried.UNKNOWN_FORM;
            }
            values[i] = value;
        }
        return new LoggedRow(names(image.schema()), values);
    }

    private List<String> names(Schema schema) {
        if (columnNames.size() > NAMES_KEPT) { // each DDL makes a new schema
            columnNames.clear();
        }
        return columnNames.computeIfAbsent(
                schema, rows -> rows.fields().stream().map(Field::name).toList());
    }
}
