package dev.cdp.restore.target;

import dev.cdp.core.definition.DatabaseDefinition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a database is made that encodes and sorts text as the source does. */
final class PostgresCreation {
    private static final String ENCODING = "encoding";
    private static final String PROVIDER = "locale_provider";
    private static final String LIBC = "libc";

    private final TargetServer server;
    private final Map<String, String> wanted;

    PostgresCreation(TargetServer server, DatabaseDefinition definition) {
        this.server = server;
        this.wanted = definition.databaseSettings();
    }

    void make(Statement statement, String database) throws SQLException {
        String sql = sql(database, statement.getConnection().getMetaData().getDatabaseMajorVersion());
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw TargetException.mayNotCreate(
                        server, "ALTER ROLE " + PostgresSessions.quoted(server.user()) + " CREATEDB");
            }
            throw TargetException.refused(
                    "make a database with " + wanted,
                    e,
                    "Make the source's locale available on the target's server, or restore into a server that has it");
        }
    }

    private String sql(String database, int serverVersion) {
        String provider = wanted.getOrDefault(PROVIDER, LIBC);
        int needed = provider.equals("builtin") ? 17 : provider.equals("icu") ? 15 : 0;
        if (serverVersion < needed) {
            throw TargetException.unsuitable(
                    server,
                    "The source sorts by locale provider '" + provider + "', which version " + serverVersion + " lacks",
                    "Restore into a server of version " + needed + " or newer");
        }
        StringBuilder sql = new StringBuilder("CREATE DATABASE ")
                .append(PostgresSessions.quoted(database))
                .append(" TEMPLATE template0");
        option(sql, "ENCODING", wanted.get(ENCODING));
        if (serverVersion >= 15) {
            sql.append(" LOCALE_PROVIDER ").append(provider);
        }
        option(sql, "LC_COLLATE", wanted.get("lc_collate"));
        option(sql, "LC_CTYPE", wanted.get("lc_ctype"));
        if (!provider.equals(LIBC)) {
            option(sql, provider.equals("icu") ? "ICU_LOCALE" : "BUILTIN_LOCALE", wanted.get("locale"));
            option(sql, "ICU_RULES", wanted.get("icu_rules"));
        }
        return sql.toString();
    }

    private static void option(StringBuilder sql, String name, @Nullable String value) {
        if (value != null) {
            sql.append(' ').append(name).append(PostgresSessions.literal(value));
        }
    }

    /** Refuses an existing database that encodes or sorts in another way: that cannot be changed any more. */
    void requireAlike(Statement statement, String database) throws SQLException {
        Map<String, String> found = new LinkedHashMap<>();
        String sql = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname ="
                + PostgresSessions.literal(database);
        try (ResultSet row = statement.executeQuery(sql)) {
            if (row.next()) {
                found.put(ENCODING, row.getString(1));
                found.put("lc_collate", row.getString(2));
                found.put("lc_ctype", row.getString(3));
            }
        }
        found.forEach((setting, value) -> {
            String of = wanted.getOrDefault(setting, value);
            if (!of.equals(value)) {
                throw TargetException.unsuitable(
                        server,
                        "Database '" + database + "' is there, empty, and has " + setting + " '" + value
                                + "'; the source has '" + of + "'",
                        "Drop the empty database, or choose another name with --into");
            }
        });
    }
}
