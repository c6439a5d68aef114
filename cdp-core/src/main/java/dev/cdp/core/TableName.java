package dev.cdp.core;

/**
 * A table's name inside its source, exactly as the database stores it, unquoted.
 *
 * @param schema for MariaDB and MySQL, the database
 */
public record TableName(String schema, String name) implements Comparable<TableName> {

    public TableName {
        if (schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "A table name needs a schema and a name: '" + schema + "'.'" + name + "'");
        }
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
