package dev.cdp.capture.binlog.reading;

import dev.cdp.core.TableName;
import java.util.List;

/**
 * What the following row events of one transaction are about: a table as it was at this place of the log.
 *
 * @param number that row events name it by
 * @param keyColumns names of the primary key's columns in key order, empty without one
 * @param shape changes exactly when anything that matters for reading rows changes
 */
record TableMap(long number, TableName table, List<MappedColumn> columns, List<String> keyColumns, String shape) {

    TableMap {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }

    List<String> columnNames() {
        return columns.stream().map(MappedColumn::name).toList();
    }
}
