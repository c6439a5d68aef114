package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.TableCatalog.Standing;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Works out what a data definition statement made of the tables. The catalog may already be ahead of the statement, so
 * what was known before is changed step by step, and the catalog is asked only for what a step adds. Where that is not
 * certain, the table counts as rewritten and gets a new base.
 */
final class Statements {
    private final BinlogScope scope;
    private final KnownTables known;
    private final TableCatalog catalog;

    Statements(BinlogScope scope, KnownTables known, TableCatalog catalog) {
        this.scope = scope;
        this.known = known;
        this.catalog = catalog;
    }

    /** The event for a statement that changes definitions; empty when it is not about our database. */
    Optional<LogEvent.Ddl> read(DdlStatement statement, String sql, String sessionDatabase) {
        if (!concernsUs(statement, sessionDatabase)) {
            return Optional.empty();
        }
        Outcome outcome = new Outcome();
        if (statement.effect() == DdlStatement.Effect.DROPS_DATABASE) {
            known.names().forEach(outcome::end);
        }
        statement.ended().stream().filter(this::isOurs).forEach(outcome::end);
        statement.made().stream().filter(this::isOurs).forEach(outcome::make);
        statement.altered().stream().filter(this::isOurs).forEach(table -> alter(statement, table, outcome));
        String object = statement.object().map(Statements::print).orElse("");
        return Optional.of(
                new LogEvent.Ddl(statement.tag(), object, sql, outcome.described, outcome.dropped, outcome.rewritten));
    }

    /** The event for a table whose rows look different from what every statement so far left. */
    LogEvent.Ddl unexplained(TableMap map) {
        TableName table = map.table();
        TableDescription seen = catalog.describe(table)
                .filter(now -> KnownTables.fits(map, now))
                .orElseGet(() -> KnownTables.derive(map, known.get(table)));
        known.put(seen);
        String sql = "-- the log shows another definition of this table than the statements before it left";
        return new LogEvent.Ddl("ALTER TABLE", print(table), sql, List.of(seen), Set.of(), Set.of(seen.nativeId()));
    }

    /** The event for tables whose rows may have been changed by the actions of foreign keys, which are not logged. */
    LogEvent.Ddl cascaded(Set<TableName> children) {
        return rewritten("FOREIGN KEY", children, "-- referenced rows were removed or got another key");
    }

    /** The event for a prepared transaction that is committed and whose rows are not at hand any more. */
    LogEvent.Ddl committed(Set<TableName> tables) {
        return rewritten("XA COMMIT", tables, "-- what the prepared transaction did was read earlier and is not kept");
    }

    private static LogEvent.Ddl rewritten(String tag, Set<TableName> tables, String sql) {
        String objects = tables.stream().sorted().map(Statements::print).collect(Collectors.joining(", "));
        Set<String> rewritten = tables.stream().map(TableName::name).collect(Collectors.toSet());
        return new LogEvent.Ddl(tag, objects, sql, List.of(), Set.of(), rewritten);
    }

    private boolean isOurs(TableName table) {
        return table.schema().equals(scope.database());
    }

    private boolean concernsUs(DdlStatement statement, String sessionDatabase) {
        boolean named = statement.object().filter(this::isOurs).isPresent()
                || statement.made().stream().anyMatch(this::isOurs)
                || statement.ended().stream().anyMatch(this::isOurs)
                || statement.altered().stream().anyMatch(this::isOurs);
        return named || statement.object().isEmpty() && sessionDatabase.equals(scope.database());
    }

    private static String print(TableName name) {
        return "`" + name.schema().replace("`", "``") + "`.`" + name.name().replace("`", "``") + "`";
    }

    /** What becomes of our tables in one statement. */
    private final class Outcome {
        private final List<TableDescription> described = new ArrayList<>();
        private final Set<String> dropped = new HashSet<>();
        private final Set<String> rewritten = new HashSet<>();

        void end(TableName table) {
            known.remove(table);
            dropped.add(table.name());
        }

        /**
         * What it was made of, and what it had under another name, stands elsewhere. One that is gone by now was there
         * all the same: without columns, until the log shows them or its end.
         */
        void make(TableName table) {
            if (catalog.standing(table) == Standing.ABSENT) {
                describe(new TableDescription(table.name(), table, List.of(), List.of(), Identity.FULL));
            }
            rewrite(table);
        }

        void describe(TableDescription table) {
            known.put(table);
            described.add(table);
        }

        void rewrite(TableName table) {
            catalog.describe(table).ifPresent(this::describe);
            rewritten.add(table.name());
        }
    }

    private void alter(DdlStatement statement, TableName table, Outcome outcome) {
        if (catalog.standing(table) == Standing.EXCLUDED) {
            outcome.end(table);
            return;
        }
        Optional<TableDescription> before = known.get(table);
        List<Step> steps = statement.steps();
        if (before.isEmpty() || steps == null) {
            outcome.rewrite(table);
            return;
        }
        Optional<TableDescription> after = apply(before.get(), steps);
        after.ifPresentOrElse(outcome::describe, () -> outcome.rewrite(table));
    }

    private Optional<TableDescription> apply(TableDescription before, List<Step> steps) {
        Optional<TableDescription> now = steps.isEmpty() ? Optional.empty() : catalog.describe(before.name());
        List<ColumnDescription> columns = new ArrayList<>(before.columns());
        for (Step step : steps) {
            if (step instanceof Step.DropColumn drop) {
                columns.removeIf(column -> column.name().equalsIgnoreCase(drop.column()));
            } else if (step instanceof Step.AddColumn add) {
                Optional<ColumnDescription> added = now.flatMap(table -> added(table, add));
                if (added.isEmpty()) {
                    return Optional.empty();
                }
                columns.removeIf(column -> column.name().equals(added.get().name())); // IF NOT EXISTS
                columns.add(added.get());
            }
        }
        now.map(TableDescription::columns)
                .map(all -> all.stream().map(ColumnDescription::name).toList())
                .ifPresent(order -> columns.sort(Comparator.comparingInt(column -> order.indexOf(column.name()))));
        return Optional.of(
                new TableDescription(before.nativeId(), before.name(), columns, before.key(), before.identity()));
    }

    private Optional<ColumnDescription> added(TableDescription now, Step.AddColumn add) {
        Optional<ColumnDescription> column = now.columns().stream()
                .filter(each -> each.name().equalsIgnoreCase(add.column()))
                .findFirst();
        String literal = add.literal();
        if (column.isEmpty() || column.get().generation() == Column.Generation.COMPUTED) {
            return column;
        }
        if (literal == null) {
            return column.filter(each -> each.nullability() == Column.Nullability.NULLABLE);
        }
        ColumnDescription described = column.get();
        return catalog.fill(now.name(), described.name(), literal)
                .map(fill -> new ColumnDescription(
                        described.nativeId(),
                        described.name(),
                        described.sourceType(),
                        described.carrier(),
                        described.nullability(),
                        described.generation(),
                        fill));
    }
}
