package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.Secret;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.restore.verify.RowDigest;
import dev.cdp.testkit.services.TestDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Definitions and schemas written by hand. */
final class TargetFixture {
    /** The content of rows that do not come to their end. */
    static final Supplier<TableContent> NEVER = () -> {
        throw new IllegalStateException("Not all rows were read");
    };

    private TargetFixture() {}

    static TargetDatabase target(Engine engine, TestDatabase database) {
        return server(engine, database, database.user(), database.password()).database(database.name());
    }

    static TargetServer server(Engine engine, TestDatabase database, String user, String password) {
        return new TargetServer(engine, database.host(), database.port(), user, Secret.of(password), Map.of());
    }

    static DefinitionStatement statement(Phase phase, String kind, String sql) {
        return new DefinitionStatement(phase, kind, "something", null, sql);
    }

    static DatabaseDefinition definition(Engine engine, Map<String, String> settings, DefinitionStatement... all) {
        return new DatabaseDefinition(engine, "1", settings, List.of(all), List.of(), List.of());
    }

    /** @param columns each as name, type and carrier */
    static TableSchema schema(String schema, String table, String... columns) {
        List<Column> all = new ArrayList<>();
        for (int i = 0; i < columns.length; i += 3) {
            all.add(new Column(
                    i / 3 + 1,
                    columns[i],
                    columns[i + 1],
                    Carrier.valueOf(columns[i + 2]),
                    Column.Nullability.NULLABLE,
                    Column.Generation.WRITTEN,
                    null));
        }
        return new TableSchema(
                new TableId(1), 1, new TableName(schema, table), all, List.of(), TableSchema.Identity.FULL);
    }

    /** @return the digest of what was given */
    static String load(TargetDatabase target, TableSchema schema, RowImage... rows) {
        RowDigest digest = new RowDigest();
        Iterator<RowImage> left = List.of(rows).iterator();
        target.load(
                schema,
                () -> {
                    RowImage row = left.hasNext() ? left.next() : null;
                    if (row != null) {
                        digest.add(row);
                    }
                    return row;
                },
                () -> new TableContent(digest.rowCount(), digest.text()));
        return digest.rowCount() + " " + digest.text();
    }

    /** @return the digest of what the target holds */
    static String read(TargetDatabase target, TableSchema schema) {
        RowDigest digest = new RowDigest();
        target.read(schema, digest::add);
        return digest.rowCount() + " " + digest.text();
    }

    /** What the target holds, in a form that shows a difference. */
    static List<String> rows(TargetDatabase target, TableSchema schema) {
        List<RowImage> rows = new ArrayList<>();
        target.read(schema, rows::add);
        return List.of(texts(rows.toArray(RowImage[]::new)));
    }

    static String[] texts(RowImage... rows) {
        return Stream.of(rows)
                .map(row -> Arrays.deepToString(row.toList().toArray()))
                .toArray(String[]::new);
    }
}
