package dev.cdp.archiver.iceberg;

import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the tables are called: {@code public__orders__history}. The name a table had first stays through renames; one
 * whose name is taken, such as by a dropped table of the same name, has its id in it.
 */
final class ViewNames {
    static final String TRANSACTIONS = "transactions";

    private ViewNames() {}

    /** @param schemas in the order they were announced, which never changes, and so neither do the names */
    static Map<TableId, String> of(List<TableSchema> schemas) {
        Map<TableId, String> names = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>(Set.of(TRANSACTIONS));
        for (TableSchema schema : schemas) {
            if (names.containsKey(schema.tableId())) {
                continue;
            }
            String plain = plain(schema.name());
            String name = plain + "__history";
            if (!taken.add(name)) {
                name = plain + "__" + schema.tableId() + "__history";
                taken.add(name);
            }
            names.put(schema.tableId(), name);
        }
        return names;
    }

    /** Catalogs take a table's name as the name of its folder. */
    private static String plain(TableName name) {
        return (name.schema() + "__" + name.name()).replaceAll("[^A-Za-z0-9_-]", "_");
    }
}
