package dev.cdp.restore.live;

import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.live.TableRepair.Row;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a repair writes as statements for people to read: one row each, with what it replaces. */
public final class RepairStatements {
    private final Engine engine;

    public RepairStatements(Engine engine) {
        this.engine = engine;
    }

    /** Such as {@code UPDATE "public"."orders" SET "state" = 'paid' WHERE "id" = 7;}. */
    public String of(TableSchema table, Row row) {
        RowImage wanted = row.wanted();
        RowImage expected = row.expected();
        if (wanted == null) {
            return "DELETE FROM " + name(table.name()) + where(table, row.image()) + ";";
        }
        if (expected == null) {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < wanted.size(); i++) {
                values.add(constant(wanted.value(i)));
            }
            return "INSERT INTO " + name(table.name()) + " ("
                    + table.columns().stream().map(Column::name).map(this::name).collect(Collectors.joining(", "))
                    + ") VALUES (" + String.join(", ", values) + ");";
        }
        List<String> assignments = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            if (!Objects.deepEquals(wanted.value(i), expected.value(i))) {
                assignments.add(name(table.columns().get(i).name()) + " = " + constant(wanted.value(i)));
            }
        }
        return "UPDATE " + name(table.name()) + " SET " + String.join(", ", assignments) + where(table, wanted) + ";";
    }

    private String where(TableSchema table, RowImage row) {
        return table.keyFieldIds().stream()
                .map(table::indexOfField)
                .map(i -> name(table.columns().get(i).name()) + " = " + constant(row.value(i)))
                .collect(Collectors.joining(" AND ", " WHERE ", ""));
    }

    private String name(TableName table) {
        return engine == Engine.POSTGRESQL ? name(table.schema()) + "." + name(table.name()) : name(table.name());
    }

    private String name(String name) {
        return engine == Engine.POSTGRESQL
                ? "\"" + name.replace("\"", "\"\"") + "\""
                : "`" + name.replace("`", "``") + "`";
    }

    private String constant(@Nullable Object value) {
        if (value == null) {
            return "NULL";
        }
        if (value instanceof byte[] bytes) {
            String hex = HexFormat.of().formatHex(bytes);
            return engine == Engine.POSTGRESQL ? "'\\x" + hex + "'" : "X'" + hex + "'";
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        String text = value.toString();
        boolean escapes = text.indexOf('\\') >= 0;
        String quoted = "'" + (escapes ? text.replace("\\", "\\\\") : text).replace("'", "''") + "'";
        return escapes && engine == Engine.POSTGRESQL ? "E" + quoted : quoted;
    }
}
