package dev.cdp.app.fidelity;

import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a MariaDB server says of whole tables, in letters that no connection alters. */
final class MariaDbComparison {
    private MariaDbComparison() {}

    static DatabaseVersion version(TestDatabase database) throws SQLException {
        String[] numbers =
                String.valueOf(database.queryValue("SELECT VERSION()")).split("[.-]");
        return new DatabaseVersion("MariaDB", numbers[0] + "." + numbers[1]);
    }

    /** Every row of a table as a multiset: all columns, the computed and the invisible ones too, as text and bytes. */
    static List<String> rows(TestDatabase database, String table) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SET time_zone = '+00:00', sql_mode = '', group_concat_max_len = 10000000");
            List<String> columns = new ArrayList<>();
            String names = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                    + " AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";
            try (PreparedStatement query = connection.prepareStatement(names)) {
                query.setString(1, table);
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        columns.add(row.getString(1));
                    }
                }
            }
            List<String> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("SELECT " + said(columns) + " FROM " + quoted(table))) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
            rows.sort(null);
            return rows;
        }
    }

    /** A digest of each value, since there may be a thousand of them and one may be large. */
    private static String said(List<String> columns) {
        StringBuilder sql = new StringBuilder("CONCAT_WS(' '");
        for (String column : columns) {
            String name = quoted(column);
            sql.append(", IF(LENGTH(%1$s) < 200, HEX(%1$s), IFNULL(SHA2(%1$s, 256), 'NULL'))".formatted(name));
        }
        return sql.append(")").toString();
    }

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** By name, each letter for itself. */
    static List<@Nullable String> tables(TestDatabase database) throws SQLException {
        return database
                .query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                        + " AND TABLE_TYPE = 'BASE TABLE' ORDER BY CAST(TABLE_NAME AS BINARY)")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }
}
