package dev.cdp.capture;

import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.RowChange;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.topic.ChangeTopicReader;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaOffset;
import dev.cdp.core.topic.TransactionAssembler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of a change topic by their native ids, each as its printed changes: {@code "I item 7|text"}, {@code
 * "U item 7|text"}, {@code "D item 7"}, {@code "T item"}.
 */
final class RecordedTransactions {
    private final Map<TableId, TableSchema> schemas = new HashMap<>();
    private final Map<String, List<String>> byId = new LinkedHashMap<>();
    private boolean complete;

    private RecordedTransactions() {}

    /** Reads up to the marker "end"; the assembler refuses holes and repeats on the way. */
    static Map<String, List<String>> read(KafkaAccess kafka, SourceId source, Path spill) {
        RecordedTransactions read = new RecordedTransactions();
        try (ChangeTopicReader reader = ChangeTopicReader.open(kafka, source, KafkaOffset.START);
                TransactionAssembler assembler = new TransactionAssembler(source, 0, 0, spill, 64 << 20)) {
            while (!read.complete) {
                for (ChangeTopicReader.Received received : reader.poll(Duration.ofMillis(100))) {
                    if (assembler.accept(received).orElse(null) instanceof TransactionAssembler.Transaction whole) {
                        read.add(whole);
                        whole.close();
                    }
                }
            }
        }
        return read.byId;
    }

    private void add(TransactionAssembler.Transaction transaction) {
        List<String> changes = new ArrayList<>();
        for (ChangeRecord record : transaction.events()) {
            if (record.event() instanceof ChangeEvent.SchemaChange change) {
                schemas.put(change.schema().tableId(), change.schema());
            } else if (record.event() instanceof RowChange change) {
                changes.add(printed(change));
            } else if (record.event() instanceof ChangeEvent.Truncate truncate) {
                changes.add("T " + name(truncate.table()));
            } else if (record.event() instanceof ChangeEvent.Marker marker) {
                complete |= "end".equals(marker.name());
            }
        }
        if (!changes.isEmpty() && byId.put(transaction.end().nativeId(), changes) != null) {
            throw new AssertionError("Transaction " + transaction.end().nativeId() + " stands twice in the topic");
        }
    }

    private String printed(RowChange change) {
        RowImage image = Objects.requireNonNull(change.after() == null ? change.before() : change.after());
        TableSchema schema = schemas.get(change.table());
        List<String> values = new ArrayList<>();
        for (int i = 0; i < image.size(); i++) {
            boolean isKey =
                    schema.keyFieldIds().contains(schema.columns().get(i).fieldId());
            if (change.after() != null || isKey) {
                @Nullable Object value = image.value(i);
                values.add(String.valueOf(value));
            }
        }
        return change.operation().name().charAt(0) + " " + name(change.table()) + " " + String.join("|", values);
    }

    private String name(TableId table) {
        return schemas.get(table).name().name();
    }
}
