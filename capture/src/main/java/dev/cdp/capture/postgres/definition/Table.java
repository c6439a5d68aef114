package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table as the catalog describes it; {@code sqlName} is quoted and has its schema.
 *
 * @param parents the tables it inherits from, in order; for a partition, the one it belongs to
 * @param bound for a partition, which rows it takes
 * @param suffix what stands behind the columns: partition key, access method, storage parameters
 * @param notNulls from version 18 on, the constraints that CREATE TABLE must name
 */
record Table(
        long oid,
        TableName name,
        String sqlName,
        Kind kind,
        List<Long> parents,
        @Nullable String bound,
        @Nullable String ofType,
        String suffix,
        List<TableColumn> columns,
        List<String> notNulls) {

    /** How long and where rows live. */
    enum Kind {
        LOGGED,
        UNLOGGED
    }

    boolean isPartition() {
        return bound != null;
    }

    String create(List<Table> inherited, NotNullForm notNullForm) {
        List<String> lines = new ArrayList<>();
        for (TableColumn column : columns) {
            if (inherited.isEmpty() || column.origin().local()) {
                line(column, notNullForm).ifPresent(lines::add);
            }
        }
        lines.addAll(notNulls);
        StringBuilder sql = new StringBuilder("CREATE ")
                .append(kind == Kind.UNLOGGED ? "UNLOGGED " : "")
                .append("TABLE ")
                .append(sqlName)
                .append(ofType == null ? "" : " OF " + ofType);
        if (ofType == null || !lines.isEmpty()) {
            sql.append(lines.isEmpty() ? " ()" : " (\n    " + String.join(",\n    ", lines) + "\n)");
        }
        if (!inherited.isEmpty()) {
            List<String> names = inherited.stream().map(Table::sqlName).toList();
            sql.append("\nINHERITS (").append(String.join(", ", names)).append(")");
        }
        return sql.append(suffix).toString();
    }

    /** Where NOT NULL is written. */
    enum NotNullForm {
        /** At the column. */
        COLUMN,
        /** As constraints with names. */
        CONSTRAINT
    }

    private Optional<String> line(TableColumn column, NotNullForm notNullForm) {
        boolean notNull = notNullForm == NotNullForm.COLUMN && column.origin().notNull();
        String end = notNull ? " NOT NULL" : "";
        if (ofType == null) {
            return Optional.of(column.name() + " " + column.clause() + end);
        }
        String computation = column.isComputed() ? column.computation() : "";
        return computation.isEmpty() && end.isEmpty()
                ? Optional.empty()
                : Optional.of(column.name() + " WITH OPTIONS" + computation + end);
    }
}
