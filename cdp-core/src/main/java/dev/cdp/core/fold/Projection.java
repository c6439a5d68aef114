package dev.cdp.core.fold;

import dev.cdp.core.Column;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.core.archive.HistoryColumns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Presents files of every version of a table with the columns of one version, matched by field id: {@code c0..} the
 * row, {@code b0..} the row before, {@code u0..} whether the source left the value out. Never by name: a name may have
 * stood for another column.
 */
final class Projection {
    private final TableSchema target;

    Projection(TableSchema target) {
        this.target = target;
    }

    /** Changes of the files in ({@code after}, {@code upTo}], as a query with {@code s}, {@code op}, {@code tx} and {@code has_before}. */
    String changes(Map<Integer, TableSchema> versions, Map<Integer, List<Path>> files, long after, long upTo) {
        List<String> parts = new ArrayList<>();
        for (Map.Entry<Integer, List<Path>> entry : new TreeMap<>(files).entrySet()) {
            TableSchema version = versions.get(entry.getKey());
            parts.add("SELECT " + HistoryColumns.SEQ + " AS s, " + HistoryColumns.OP + " AS op, "
                    + HistoryColumns.TX + " AS tx, " + (HistoryColumns.BEFORE + " IS NOT NULL AS has_before, ")
                    + columns(version) + " FROM "
                    + Sql.scan(entry.getValue()) + " WHERE " + HistoryColumns.SEQ + " > " + after + " AND "
                    + HistoryColumns.SEQ + " <= " + upTo);
        }
        if (parts.isEmpty()) {
            parts.add("SELECT 0::BIGINT AS s, '' AS op, 0::BIGINT AS tx, false AS has_before, " + columns(null)
                    + " WHERE false");
        }
        return String.join("\nUNION ALL ", parts);
    }

    /** The rows of base files, which all follow {@code version}. */
    String base(TableSchema version, List<Path> files) {
        return files.isEmpty() ? noRows() : "SELECT " + rowColumns(version) + " FROM " + Sql.scan(files);
    }

    String noRows() {
        return "SELECT " + rowColumns(null) + " WHERE false";
    }

    private String rowColumns(@org.jspecify.annotations.Nullable TableSchema version) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < target.columns().size(); i++) {
            Column stored = stored(version, i);
            columns.add((stored == null ? Sql.fill(target.columns().get(i)) : quoted(stored)) + " AS c" + i);
        }
        return columns.isEmpty() ? "1 AS no_columns" : String.join(", ", columns);
    }

    private String columns(@org.jspecify.annotations.Nullable TableSchema version) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < target.columns().size(); i++) {
            Column stored = stored(version, i);
            String fill = Sql.fill(target.columns().get(i));
            String before = stored == null ? fill : HistoryColumns.BEFORE + "." + quoted(stored);
            String row = stored == null ? fill : quoted(stored);
            String unavailable = stored == null
                    ? "false"
                    : "coalesce(list_contains(" + HistoryColumns.UNAVAILABLE + ", "
                            + Sql.text(HistoryColumns.columnName(stored)) + "), false)";
            if (version != null && version.identity() == Identity.FULL && stored != null) {
                row = "CASE WHEN " + unavailable + " AND " + HistoryColumns.BEFORE + " IS NOT NULL THEN " + before
                        + " ELSE " + row + " END";
                unavailable = unavailable + " AND " + HistoryColumns.BEFORE + " IS NULL";
            }
            columns.add(row + " AS c" + i);
            columns.add(before + " AS b" + i);
            columns.add(unavailable + " AS u" + i);
        }
        return columns.isEmpty() ? "1 AS no_columns" : String.join(", ", columns);
    }

    private @org.jspecify.annotations.Nullable Column stored(
            @org.jspecify.annotations.Nullable TableSchema version, int targetIndex) {
        int index = version == null
                ? -1
                : version.indexOfField(target.columns().get(targetIndex).fieldId());
        return version == null || index < 0 ? null : version.columns().get(index);
    }

    private static String quoted(Column column) {
        return Sql.name(HistoryColumns.columnName(column));
    }

    /** {@code left.c1 = right.c1 AND ..} over the key's columns. */
    String sameKey(String left, String right, String rightPrefix) {
        return target.keyFieldIds().stream()
                .map(target::indexOfField)
                .map(i -> left + ".c" + i + " = " + right + "." + rightPrefix + i)
                .collect(Collectors.joining(" AND "));
    }

    /** {@code rows.c1 = keys.k0 AND ..}: the key's columns against a table of keys. */
    String isKey(String rows, String keys) {
        return IntStream.range(0, target.keyFieldIds().size())
                .mapToObj(i ->
                        rows + ".c" + target.indexOfField(target.keyFieldIds().get(i)) + " = " + keys + ".k" + i)
                .collect(Collectors.joining(" AND "));
    }

    /** The key's columns, such as {@code c0, c1}. */
    String key(String prefix) {
        return target.keyFieldIds().stream()
                .map(id -> prefix + target.indexOfField(id))
                .collect(Collectors.joining(", "));
    }
}
