package dev.cdp.app.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The file as it was read: values with the place each came from, in the order of the file. */
final class Nodes {

    /** Where something stands in the file; lines and columns from 1. */
    record Place(int line, int column) {}

    sealed interface Node {
        Place place();
    }

    /**
     * One value after interpolation.
     *
     * @param origin what {@code cdp config show} names: a line and column, a variable, or "default"
     * @param sensitivity whether it may be shown
     */
    record Value(String path, String text, Place place, String origin, Sensitivity sensitivity) implements Node {
        @Override
        public String toString() {
            return path + "=" + shown();
        }

        String shown() {
            return switch (sensitivity) {
                case OPEN -> text;
                case SECRET -> "***";
                case ADDRESS -> text.replaceFirst("(://[^:/@]*):[^@]*@", "$1:***@");
            };
        }
    }

    enum Sensitivity {
        OPEN,
        SECRET,
        /** May hold a password in its middle. */
        ADDRESS
    }

    /** Children by key. */
    record Table(String path, Place place, Map<String, Node> children) implements Node {
        Table {
            children = Collections.unmodifiableMap(new LinkedHashMap<>(children));
        }

        Optional<Value> value(String key) {
            return children.get(key) instanceof Value value ? Optional.of(value) : Optional.empty();
        }

        Table table(String key) {
            return children.get(key) instanceof Table table
                    ? table
                    : new Table(path.isEmpty() ? key : path + "." + key, place, Map.of());
        }

        List<Value> values(String key) {
            return items(key).stream()
                    .filter(Value.class::isInstance)
                    .map(Value.class::cast)
                    .toList();
        }

        List<Table> tables(String key) {
            return items(key).stream()
                    .filter(Table.class::isInstance)
                    .map(Table.class::cast)
                    .toList();
        }

        /** The children that are tables, by key. */
        Map<String, Table> tables() {
            Map<String, Table> tables = new LinkedHashMap<>();
            children.forEach((key, node) -> {
                if (node instanceof Table table) {
                    tables.put(key, table);
                }
            });
            return tables;
        }

        private List<Node> items(String key) {
            return children.get(key) instanceof Items items ? items.nodes() : List.of();
        }
    }

    /** A list. */
    record Items(Place place, List<Node> nodes) implements Node {
        Items {
            nodes = List.copyOf(nodes);
        }
    }

    private Nodes() {}

    /** Every value below {@code node}, in order. */
    static List<Value> values(Node node) {
        List<Value> found = new ArrayList<>();
        collect(node, found);
        return found;
    }

    private static void collect(Node node, List<Value> found) {
        if (node instanceof Value value) {
            found.add(value);
        } else if (node instanceof Table table) {
            table.children().values().forEach(child -> collect(child, found));
        } else if (node instanceof Items items) {
            items.nodes().forEach(child -> collect(child, found));
        }
    }
}
