package dev.cdp.capture.postgres.definition;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The system catalog of one database, read over one connection. */
final class Catalog {
    // As the server reports it where a function does not return null.
    private static final String VANISHED = "XX000";

    private final Connection connection;
    private final int majorVersion;

    Catalog(Connection connection) throws SQLException {
        this.connection = connection;
        this.majorVersion = connection.getMetaData().getDatabaseMajorVersion();
    }

    /** Makes one value of a row; the row must not be moved. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Acts on a row; the row must not be moved. */
    @FunctionalInterface
    interface RowConsumer {
        void accept(ResultSet row) throws SQLException;
    }

    boolean isAtLeast(int version) {
        return majorVersion >= version;
    }

    /** What a function of the server printed for an object; it prints nothing for one that has been dropped. */
    static String printed(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        if (text == null) {
            throw new SQLException("An object was dropped while the definition was read", VANISHED);
        }
        return text;
    }

    /** The value of a setting of this session. */
    String setting(String name) throws SQLException {
        return rows("SELECT current_setting('" + name + "')", row -> row.getString(1))
                .get(0);
    }

    /** Sets it until the transaction ends. */
    void set(String name, String value) throws SQLException {
        rows("SELECT set_config('%s', '%s', true)".formatted(name, value.replace("'", "''")), row -> row.getString(1));
    }

    <T> List<T> rows(String sql, RowReader<T> reader) throws SQLException {
        List<T> result = new ArrayList<>();
        forEach(sql, row -> result.add(reader.read(row)));
        return result;
    }

    void forEach(String sql, RowConsumer consumer) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    consumer.accept(rows);
                }
            }
        }
    }

    /**
     * A condition that holds for the objects a definition covers: not the system's, not ours, not an extension's.
     *
     * @param catalog the catalog table that holds the objects
     * @param oid the expression for an object's oid
     * @param schema the expression for the oid of its schema
     */
    static String covered(String catalog, String oid, String schema) {
        return """
                (%s IN (SELECT covered_schema.oid FROM pg_namespace covered_schema
                        WHERE covered_schema.nspname !~ '^pg_'
                        AND covered_schema.nspname NOT IN ('information_schema', 'cdp'))
                 AND %s >= 16384 AND %s)
                """.formatted(schema, oid, outsideOfExtensions(catalog, oid));
    }

    /** A condition that holds for objects that were not made by CREATE EXTENSION. */
    static String outsideOfExtensions(String catalog, String oid) {
        return """
                NOT EXISTS (SELECT FROM pg_depend member
                            WHERE member.classid = 'pg_catalog.%s'::regclass AND member.objid = %s
                            AND member.deptype = 'e')
                """.formatted(catalog, oid);
    }
}
