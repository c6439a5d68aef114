package dev.cdp.app.ddl;

import java.util.List;

/**
 * One table at one moment, printed.
 *
 * @param columns names and types, in order, without computed ones
 * @param rows each printed, sorted
 */
record TableState(Standing standing, List<String> columns, List<String> rows) {
    /** Whether the product says that it protects the table. */
    enum Standing {
        PROTECTED,
        LEFT_OUT,
        /** Another transaction holds it, so that nothing was seen. */
        LOCKED
    }

    /** What stands for NULL. */
    static final String NULL = "~";

    TableState {
        columns = List.copyOf(columns);
        rows = rows.stream().sorted().toList();
    }
}
