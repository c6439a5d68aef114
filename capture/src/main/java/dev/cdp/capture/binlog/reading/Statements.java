package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Renames;
import dev.cdp.capture.binlog.reading.DdlStatement.Renames.TableRename;
import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.binlog.reading.TableCatalog.Standing;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
        Set<TableName> made = new LinkedHashSet<>(statement.made());
        made.removeAll(namesOfNoTable(statement.renames().tables()));
        if (statement.effect() == DdlStatement.Effect.DROPS_DATABASE) {
            known.names().forEach(outcome::end);
        }
        statement.ended().stream().filter(this::isOurs).forEach(outcome::end);
        made.stream().filter(this::isOurs).forEach(table -> make(table, statement.created(), outcome));
        statement.altered().stream().filter(this::isOurs).forEach(table -> alter(statement, table, outcome));
        rename(statement.renames(), statement.altered(), outcome);
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

    /**
     * The log also has a RENAME that found no table, and those of views and sequences. What has the new name by now is
     * known from the catalog, what is gone by now only from what it was.
     */
    private Set<TableName> namesOfNoTable(List<TableRename> renames) {
        Set<TableName> present = new HashSet<>(known.names());
        Set<TableName> phantoms = new HashSet<>();
        for (TableRename rename : renames) {
            boolean isTable = !isOurs(rename.from()) || present.remove(rename.from());
            if (isTable) {
                present.add(rename.to());
                phantoms.remove(rename.to());
            } else {
                phantoms.add(rename.to());
            }
        }
        phantoms.removeIf(table -> catalog.standing(table) != Standing.ABSENT);
        return phantoms;
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

    private void make(TableName table, Optional<CreatedTable> created, Outcome outcome) {
        Optional<TableDescription> begun =
                created.flatMap(written -> catalog.describe(table).flatMap(written::in));
        begun.ifPresentOrElse(outcome::describe, () -> outcome.make(table));
    }

    private void alter(DdlStatement statement, TableName table, Outcome outcome) {
        Optional<TableDescription> before = known.get(table);
        List<Step> steps = statement.steps();
        if (before.isPresent() && steps != null) {
            Optional<TableDescription> after = new Alteration(catalog, before.get()).apply(steps);
            after.ifPresentOrElse(outcome::describe, () -> outcome.rewrite(table));
            return;
        }
        outcome.rewrite(table);
    }

    /** What other tables refer to keeps being known by its earlier name as well: which of them holds is not logged. */
    private void rename(Renames renames, List<TableName> altered, Outcome outcome) {
        for (TableRename rename : renames.tables()) {
            change(
                    key -> key.parent().equals(rename.from())
                            ? List.of(key, new Cascade(key.name(), rename.to(), key.referenced(), key.trigger()))
                            : List.of(key),
                    outcome);
        }
        if (!renames.columns().isEmpty()) {
            change(
                    key -> altered.contains(key.parent()) ? List.of(renamed(key, renames.columns())) : List.of(key),
                    outcome);
        }
    }

    private static Cascade renamed(Cascade key, Map<String, String> columns) {
        Set<String> referenced = new HashSet<>(key.referenced());
        columns.forEach((from, to) -> {
            if (referenced.stream().anyMatch(from::equalsIgnoreCase)) {
                referenced.add(to);
            }
        });
        return new Cascade(key.name(), key.parent(), referenced, key.trigger());
    }

    private void change(Function<Cascade, List<Cascade>> change, Outcome outcome) {
        for (TableDescription child : known.all()) {
            List<Cascade> cascades = child.cascades().stream()
                    .map(change)
                    .flatMap(List::stream)
                    .distinct()
                    .toList();
            if (!cascades.equals(child.cascades())) {
                outcome.describe(child.withCascades(cascades));
            }
        }
    }
}
