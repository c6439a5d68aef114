package dev.cdp.capture.binlog;

import dev.cdp.core.TableName;

/** Names as they stand in statements. */
final class Names {
    private Names() {}

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    static String quoted(TableName table) {
        return quoted(table.schema()) + "." + quoted(table.name());
    }
}
