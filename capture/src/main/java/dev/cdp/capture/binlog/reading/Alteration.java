package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column.Generation;
import dev.cdp.core.Column.Nullability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One ALTER TABLE, applied step by step to what was known before. The catalog only describes what a step adds, and only
 * where it surely still shows the work of that step: a later statement may have changed it since.
 */
final class Alteration {
    private final TableCatalog catalog;
    private final TableDescription before;
    private final List<ColumnDescription> columns;
    private final List<Cascade> cascades;
    private @Nullable Optional<TableDescription> now;

    Alteration(TableCatalog catalog, TableDescription before) {
        this.catalog = catalog;
        this.before = before;
        this.columns = new ArrayList<>(before.columns());
        this.cascades = new ArrayList<>(before.cascades());
    }

    /** The table afterwards; empty when that is not certain. */
    Optional<TableDescription> apply(List<Step> steps) {
        for (Step step : steps) {
            if (!apply(step)) {
                return Optional.empty();
            }
        }
        return Optional.of(new TableDescription(
                before.nativeId(), before.name(), columns, before.key(), before.identity(), cascades));
    }

    private boolean apply(Step step) {
        if (step instanceof Step.AddColumn add) {
            if (indexOf(add.name()) >= 0) { // else what is known of the table is from behind this statement
                return add.presence() == Step.Presence.UNLESS_IT_EXISTS;
            }
            return added(add).filter(column -> put(column, add.behind())).isPresent();
        }
        if (step instanceof Step.DropColumn drop) {
            columns.removeIf(column -> column.name().equalsIgnoreCase(drop.name()));
        } else if (step instanceof Step.AddCascade add) {
            cascades.addAll(
                    now().map(table -> named(List.of(add.cascade()), table)).orElse(List.of(add.cascade())));
        } else if (step instanceof Step.DropConstraint drop) {
            cascades.removeIf(key -> key.name().equalsIgnoreCase(drop.name()));
        }
        return true;
    }

    /** @return whether its place is there */
    private boolean put(ColumnDescription column, @Nullable String behind) {
        int at = behind == null ? columns.size() - 1 : indexOf(behind);
        boolean isFirst = Step.AddColumn.FIRST.equals(behind);
        if (at < 0 && !isFirst && !columns.isEmpty()) {
            return false;
        }
        columns.add(isFirst ? 0 : at + 1, column);
        return true;
    }

    private int indexOf(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    private Optional<TableDescription> now() {
        Optional<TableDescription> described = now;
        if (described == null) {
            described = catalog.describe(before.name());
            now = described;
        }
        return described;
    }

    private Optional<ColumnDescription> added(Step.AddColumn add) {
        Optional<ColumnDescription> column = now().stream()
                .flatMap(table -> table.columns().stream())
                .filter(each -> each.name().equalsIgnoreCase(add.name()))
                .filter(each -> each.generation() == add.generation())
                .findFirst();
        if (add.generation() == Generation.COMPUTED) {
            return column;
        }
        column = column.filter(each -> add.type().isSurely(each.sourceType()));
        String literal = add.literal();
        if (literal == null) {
            return column.filter(each -> each.nullability() == Nullability.NULLABLE);
        }
        return column.flatMap(each -> catalog.fill(before.name(), each.name(), literal)
                .map(fill -> new ColumnDescription(
                        each.nativeId(),
                        each.name(),
                        each.sourceType(),
                        each.carrier(),
                        each.nullability(),
                        each.generation(),
                        fill)));
    }

    /** Keys without a name got one from the server. */
    static List<Cascade> named(List<Cascade> written, TableDescription now) {
        return written.stream()
                .map(key -> now.cascades().stream()
                        .filter(shown -> key.name().isEmpty()
                                && shown.parent().equals(key.parent())
                                && shown.referenced().equals(key.referenced()))
                        .findFirst()
                        .orElse(key))
                .toList();
    }
}
