package dev.cdp.restore.live;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.restore.live.TableRepair.Row;
import dev.cdp.restore.target.LiveDatabase.Write;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * In which steps the rows of one table are written, so that no two rows ever hold the same unique value: servers judge
 * that row by row. A row waits for those that give up what it needs; where rows wait for each other, as after a swap, one
 * of them is parked under another value in between.
 *
 * @param steps in this order, before rows of the table's children are written
 * @param lastDeletes rows that stand in nobody's way, deleted after rows of the table's children
 */
record WriteOrder(List<Step> steps, List<RowImage> lastDeletes) {

    /**
     * Rows written by one statement.
     *
     * @param images what is deleted, or stands there afterwards
     */
    record Step(Write kind, List<RowImage> images) {}

    /** @param uniques the columns of each unique key but the primary one, by their places in the table */
    static WriteOrder of(TableRepair repair, List<List<Integer>> uniques) {
        return new Sorting(repair, uniques).sort();
    }

    /** A value of a unique key. */
    private record Value(int unique, RowImage columns) {}

    /** A row on its way. */
    private static final class Pending {
        private @Nullable RowImage now;
        private final @Nullable RowImage wanted;

        Pending(Row row) {
            this.now = row.expected();
            this.wanted = row.wanted();
        }
    }

    private static final class Sorting {
        private final TableRepair repair;
        private final List<List<Integer>> uniques;
        private final Set<Pending> open = new LinkedHashSet<>();
        private final Map<Value, Pending> holders = new HashMap<>();
        private final List<Step> steps = new ArrayList<>();

        Sorting(TableRepair repair, List<List<Integer>> uniques) {
            this.repair = repair;
            this.uniques = uniques;
        }

        WriteOrder sort() {
            repair.rows().forEach(row -> open.add(new Pending(row)));
            for (Pending each : open) {
                values(each.now).forEach(value -> holders.put(value, each));
            }
            List<RowImage> lastDeletes = lastDeletes();
            while (!open.isEmpty()) {
                List<Pending> ready = open.stream().filter(each -> !waits(each)).toList();
                if (ready.isEmpty()) {
                    park(oneOfACircle());
                } else {
                    write(ready);
                }
            }
            return new WriteOrder(List.copyOf(steps), lastDeletes);
        }

        /** Deletes whose values nobody needs. */
        private List<RowImage> lastDeletes() {
            Set<Value> needed = new HashSet<>();
            open.forEach(each -> needed.addAll(values(each.wanted)));
            List<RowImage> last = new ArrayList<>();
            open.removeIf(each -> {
                boolean isLast = each.wanted == null
                        && each.now != null
                        && values(each.now).stream().noneMatch(needed::contains);
                if (isLast) {
                    last.add(each.now);
                }
                return isLast;
            });
            return last;
        }

        private boolean waits(Pending row) {
            return blocker(row).isPresent();
        }

        /** Somebody who holds what the row needs. */
        private Optional<Pending> blocker(Pending row) {
            return values(row.wanted).stream()
                    .map(holders::get)
                    .filter(holder -> holder != null && holder != row && open.contains(holder))
                    .findFirst();
        }

        /** Where every row waits, whoever goes from each to one that it waits for comes around. */
        private Pending oneOfACircle() {
            Set<Pending> passed = new HashSet<>();
            Pending row = open.iterator().next();
            while (passed.add(row)) {
                row = blocker(row).orElseThrow();
            }
            return row;
        }

        private void write(List<Pending> ready) {
            for (Write kind : List.of(Write.DELETE, Write.INSERT, Write.UPDATE)) {
                List<RowImage> images = new ArrayList<>();
                for (Pending each : ready) {
                    if (kind(each) == kind) {
                        images.add(each.wanted != null ? each.wanted : each.now);
                    }
                }
                if (!images.isEmpty()) {
                    steps.add(new Step(kind, images));
                }
            }
            open.removeAll(new HashSet<>(ready));
        }

        private static Write kind(Pending row) {
            return row.now == null ? Write.INSERT : row.wanted == null ? Write.DELETE : Write.UPDATE;
        }

        /** Only updates wait for each other: a delete needs no value, and an insert holds none. */
        private void park(Pending row) {
            RowImage now = row.now;
            if (now == null) {
                throw new IllegalStateException("Rows of " + repair.table().name() + " wait for each other for ever");
            }
            Object[] values = now.toList().toArray();
            for (Value held : values(now)) {
                if (holders.get(held) == row) {
                    int column = uniques.get(held.unique()).get(0);
                    values[column] = parked(repair.table().columns().get(column), values[column]);
                }
            }
            values(now).forEach(value -> holders.remove(value, row));
            row.now = RowImage.of(values);
            steps.add(new Step(Write.UPDATE, List.of(row.now)));
        }

        /** A value that no row has. The server has the last word: it refuses one that does not fit. */
        private static @Nullable Object parked(Column column, @Nullable Object value) {
            UUID free = UUID.randomUUID();
            if (column.nullability() == Column.Nullability.NULLABLE) {
                return null;
            }
            return switch (column.carrier()) {
                case INT64 ->
                    value instanceof Long number ? -Math.abs(number) - 1 - Math.abs(free.hashCode() % 1000) : null;
                case FLOAT32 -> (float) -Math.abs(free.hashCode());
                case FLOAT64 -> (double) -Math.abs(free.getMostSignificantBits());
                case TEXT -> column.sourceType().equals("uuid") ? free.toString() : fitting(column, free.toString());
                case BYTES -> Arrays.copyOf(free.toString().getBytes(StandardCharsets.US_ASCII), 8);
                case BOOLEAN -> null;
            };
        }

        private static String fitting(Column column, String text) {
            String digits = column.sourceType().replaceAll("\\D", "");
            int longest = digits.isEmpty() || digits.length() > 4 ? text.length() : Integer.parseInt(digits);
            return text.substring(0, Math.min(longest, text.length()));
        }

        /** What a row holds in unique keys; NULL is equal to nothing. */
        private List<Value> values(@Nullable RowImage row) {
            List<Value> values = new ArrayList<>();
            for (int i = 0; row != null && i < uniques.size(); i++) {
                Object[] columns = uniques.get(i).stream().map(row::value).toArray();
                if (Arrays.stream(columns).noneMatch(Objects::isNull)) {
                    values.add(new Value(i, RowImage.of(columns)));
                }
            }
            return values;
        }
    }
}
