package dev.cdp.restore.live;

import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table to be put back.
 *
 * @param table with a key
 * @param rows one for each key
 */
public record TableRepair(TableSchema table, List<Row> rows) {

    public TableRepair {
        rows = List.copyOf(rows);
        if (!table.hasKey()) {
            throw new IllegalArgumentException("Table " + table.name() + " has no key");
        }
    }

    /**
     * One row, in the table's columns.
     *
     * @param expected what must stand there, null for none
     * @param wanted what shall stand there, null for none; under the same key
     */
    public record Row(@Nullable RowImage expected, @Nullable RowImage wanted) {
        public Row {
            if (Objects.equals(expected, wanted)) {
                throw new IllegalArgumentException("A row that is as it should be needs no repair");
            }
        }

        /** The one of both that is there. */
        RowImage image() {
            return Objects.requireNonNull(wanted != null ? wanted : expected);
        }

        public boolean isInsert() {
            return expected == null;
        }

        public boolean isDelete() {
            return wanted == null;
        }
    }

    RowImage key(RowImage row) {
        return RowImage.of(table.keyFieldIds().stream()
                .map(id -> row.value(table.indexOfField(id)))
                .toArray());
    }

    public long inserts() {
        return rows.stream().filter(Row::isInsert).count();
    }

    public long deletes() {
        return rows.stream().filter(Row::isDelete).count();
    }

    public long updates() {
        return rows.size() - inserts() - deletes();
    }
}
