package dev.cdp.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one table looks like from one change on. Rows name it by table id and version.
 *
 * @param version from 1, rising by one with every announced change of this incarnation
 * @param columns the archived columns in the source's order, without {@linkplain Column#isComputed computed} ones
 * @param keyFieldIds the primary key's fields in key order, empty for a table without one (a nullable or deferrable
 *     unique constraint is no key)
 * @param identity how much of the row before a change the source logs
 */
public record TableSchema(
        TableId tableId,
        int version,
        TableName name,
        List<Column> columns,
        List<Integer> keyFieldIds,
        Identity identity) {

    /** How much of the row before an update or delete the source logs. */
    public enum Identity {
        /** Only the key. */
        KEY,
        /** Every column. */
        FULL,
        /** Nothing: updates and deletes cannot be captured. */
        NOTHING
    }

    public TableSchema {
        columns = List.copyOf(columns);
        keyFieldIds = List.copyOf(keyFieldIds);
        Set<Integer> ids = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!ids.add(column.fieldId()) || !names.add(column.name())) {
                throw new IllegalArgumentException("Column '" + column.name() + "' stands twice in " + name);
            }
        }
        if (version < 1 || !ids.containsAll(keyFieldIds)) {
            throw new IllegalArgumentException("Schema version " + version + " of " + name + " has key fields "
                    + keyFieldIds + " outside of its columns " + ids);
        }
    }

    public boolean hasKey() {
        return !keyFieldIds.isEmpty();
    }

    /** Where the column stands in {@link #columns}, from 0; -1 when there is none of this id. */
    public int indexOfField(int fieldId) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).fieldId() == fieldId) {
                return i;
            }
        }
        return -1;
    }

    public List<Column> keyColumns() {
        return keyFieldIds.stream().map(id -> columns.get(indexOfField(id))).toList();
    }
}
