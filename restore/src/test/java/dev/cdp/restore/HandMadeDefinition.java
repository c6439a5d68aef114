package dev.cdp.restore;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The definition that a reader would find in a synthetic source, were it a real PostgreSQL database. */
final class HandMadeDefinition {
    private HandMadeDefinition() {}

    static String postgres(SyntheticSource source) {
        List<DefinitionStatement> statements = new ArrayList<>();
        statements.add(new DefinitionStatement(
                Phase.BEFORE_DATA, "SEQUENCE", "public.counter", null, "CREATE SEQUENCE public.counter"));
        for (SyntheticTable table : source.tables()) {
            statements.addAll(statements(table.schema()));
        }
        statements.sort(Comparator.comparing(DefinitionStatement::phase));
        return Json.write(new DatabaseDefinition(
                Engine.POSTGRESQL,
                "15",
                Map.of("encoding", "UTF8", "lc_collate", "C", "lc_ctype", "C"),
                statements,
                List.of(),
                List.of("large objects are not protected")));
    }

    private static List<DefinitionStatement> statements(TableSchema schema) {
        TableName name = schema.name();
        String quoted = quote(name.schema()) + "." + quote(name.name());
        String columns = schema.columns().stream()
                .map(column -> quote(column.name()) + " " + type(column.carrier()))
                .collect(Collectors.joining(", "));
        List<DefinitionStatement> statements = new ArrayList<>();
        statements.add(new DefinitionStatement(
                Phase.BEFORE_DATA, "TABLE", quoted, name, "CREATE TABLE " + quoted + " (" + columns + ")"));
        if (schema.hasKey()) {
            String key = schema.keyColumns().stream()
                    .map(Column::name)
                    .map(HandMadeDefinition::quote)
                    .collect(Collectors.joining(", "));
            statements.add(new DefinitionStatement(
                    Phase.KEYS,
                    "CONSTRAINT",
                    quoted,
                    name,
                    "ALTER TABLE " + quoted + " ADD PRIMARY KEY (" + key + ")"));
        }
        return statements;
    }

    private static String type(Carrier carrier) {
        return switch (carrier) {
            case BOOLEAN -> "boolean";
            case INT64 -> "bigint";
            case FLOAT32 -> "real";
            case FLOAT64 -> "double precision";
            case BYTES -> "bytea";
            case TEXT -> "text";
        };
    }

    static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
