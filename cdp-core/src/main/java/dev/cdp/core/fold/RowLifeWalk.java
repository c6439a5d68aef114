package dev.cdp.core.fold;

import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.fold.RowLife.Certainty;
import dev.cdp.core.fold.RowLife.Event;
import dev.cdp.core.fold.RowLife.Kind;
import dev.cdp.core.fold.RowReader.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the changes of some keys in order and keeps what each row holds, so that each change is told as a
 * difference and what was not logged is taken from the row before. Capture sends a change of a key as a delete and an
 * insert that carries the key before; here it is one event again.
 */
final class RowLifeWalk {
    private final RowImage asked;
    private final List<Row> rows = new ArrayList<>();
    private final Map<RowImage, Row> alive = new HashMap<>();
    private final Map<RowImage, Row> deleted = new HashMap<>();

    private static final class Row {
        private final Set<RowImage> keys = new HashSet<>();
        private final List<Event> events = new ArrayList<>();
        private @Nullable RowImage image;
        private @Nullable TableSchema schema;

        /** What the row holds, with the columns of {@code wanted}. */
        @Nullable
        RowImage as(TableSchema wanted) {
            return image == null || schema == null ? null : converted(image, schema, wanted);
        }

        void now(TableSchema newSchema, @Nullable RowImage newImage) {
            schema = newSchema;
            image = newImage;
        }

        void add(
                Kind kind,
                Change change,
                Certainty certainty,
                RowImage key,
                @Nullable RowImage before,
                @Nullable RowImage after) {
            events.add(new Event(
                    kind,
                    change.seq(),
                    change.transaction(),
                    change.committed(),
                    certainty,
                    change.schema(),
                    key,
                    before,
                    after));
            now(change.schema(), after);
        }

        boolean endedBy(long transaction) {
            Event last = events.isEmpty() ? null : events.get(events.size() - 1);
            return last != null
                    && last.kind() == Kind.DELETE
                    && last.transaction() != null
                    && last.transaction() == transaction;
        }
    }

    /** @param asked only rows that had this key are told */
    RowLifeWalk(RowImage asked) {
        this.asked = asked;
    }

    /** The events of every row that had the key, each row's in order. */
    List<Event> events() {
        return rows.stream()
                .filter(row -> row.keys.contains(asked))
                .flatMap(row -> row.events.stream())
                .toList();
    }

    /**
     * A base that begins a known stretch.
     *
     * @param schema the one its rows follow
     * @param held the row it holds of a key
     */
    void base(BaseSnapshot base, TableSchema schema, RowImage key, Optional<RowImage> held) {
        Row known = alive.get(key);
        if (held.isEmpty() && known == null) {
            return;
        }
        Row row = known == null ? begin(key) : known;
        row.events.add(new Event(
                held.isPresent() ? Kind.AT_BASE : Kind.GONE_AT_BASE,
                base.seq(),
                null,
                base.takenAt(),
                Certainty.KNOWN,
                schema,
                key,
                row.as(schema),
                held.orElse(null)));
        row.now(schema, held.orElse(null));
        if (held.isEmpty()) {
            alive.remove(key);
        }
    }

    /** The next change of one of the keys, or a truncate. */
    void change(Change change, Certainty certainty) {
        RowImage key = change.key();
        RowImage image = change.row();
        if (key == null || image == null) {
            Map.copyOf(alive).forEach((each, row) -> end(Kind.TRUNCATE, change, each, row, certainty));
            return;
        }
        switch (change.operation()) {
            case INSERT -> insert(change, key, image, certainty);
            case UPDATE -> {
                Row row = alive.containsKey(key) ? alive.get(key) : begin(key);
                RowImage before = completed(row.as(change.schema()), change.before());
                row.add(Kind.UPDATE, change, certainty, key, before, completed(image, before));
            }
            case DELETE -> {
                Row row = alive.containsKey(key) ? alive.get(key) : begin(key);
                deleted.put(key, row);
                end(Kind.DELETE, change, key, row, certainty);
            }
            case TRUNCATE -> throw new IllegalStateException("A truncate has no key");
        }
    }

    private void insert(Change change, RowImage key, RowImage image, Certainty certainty) {
        RowImage previous = change.previousKey();
        Row moved = previous == null ? null : deleted.remove(previous);
        if (moved == null || !moved.endedBy(change.transaction())) {
            RowImage before = previous == null ? null : completed(null, change.before());
            Row row = begin(key);
            Kind kind = previous == null ? Kind.INSERT : Kind.KEY_CHANGE;
            row.add(kind, change, certainty, key, before, completed(image, before));
            return;
        }
        Event delete = moved.events.remove(moved.events.size() - 1);
        RowImage held = delete.before() == null ? null : converted(delete.before(), delete.schema(), change.schema());
        RowImage before = completed(held, change.before());
        moved.keys.add(key);
        alive.put(key, moved);
        moved.add(Kind.KEY_CHANGE, change, certainty, key, before, completed(image, before));
    }

    private void end(Kind kind, Change change, RowImage key, Row row, Certainty certainty) {
        alive.remove(key);
        RowImage logged = change.row() == null ? null : completed(change.row(), change.before());
        row.add(kind, change, certainty, key, completed(row.as(change.schema()), logged), null);
    }

    /** The table was dropped by a transaction. */
    void dropped(long transaction, Instant at) {
        alive.forEach((key, row) -> {
            if (row.schema != null) {
                row.events.add(new Event(
                        Kind.TABLE_DROPPED,
                        transaction,
                        transaction,
                        at,
                        Certainty.KNOWN,
                        row.schema,
                        key,
                        row.image,
                        null));
            }
        });
        alive.clear();
    }

    private Row begin(RowImage key) {
        Row row = new Row();
        row.keys.add(key);
        rows.add(row);
        alive.put(key, row);
        return row;
    }

    /** An image whose unknown values are taken from another of the same columns, where that has them. */
    private static @Nullable RowImage completed(@Nullable RowImage image, @Nullable RowImage other) {
        if (image == null || other == null) {
            return image == null ? other : image;
        }
        @Nullable Object[] values = image.toList().toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = image.isUnchanged(i) ? other.value(i) : values[i];
        }
        return RowImage.of(values);
    }

    /** The row with the columns of another version of its table. */
    static RowImage converted(RowImage row, TableSchema from, TableSchema to) {
        @Nullable Object[] values = new Object[to.columns().size()];
        for (int i = 0; i < values.length; i++) {
            Column column = to.columns().get(i);
            int index = from.indexOfField(column.fieldId());
            values[i] = index >= 0 ? row.value(index) : filled(column);
        }
        return RowImage.of(values);
    }

    private static @Nullable Object filled(Column column) {
        String fill = column.fill();
        if (fill == null) {
            return null;
        }
        return switch (column.carrier()) {
            case BOOLEAN -> List.of("t", "true", "1").contains(fill.toLowerCase(Locale.ROOT));
            case INT64 -> Long.valueOf(fill);
            case FLOAT32 -> Float.valueOf(fill);
            case FLOAT64 -> Double.valueOf(fill);
            case BYTES -> HexFormat.of().parseHex(fill.replaceFirst("^\\\\x", ""));
            case TEXT -> fill;
        };
    }
}
