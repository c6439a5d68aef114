package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.restore.target.TargetDatabase.Standing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What tells a database that a restore is filling from all others, and holds the restore's journal: a table in it. The
 * table goes wherever the restored tables go, and is dropped last.
 */
final class MariaDbMark {
    static final String TABLE = "cdp_restore_incomplete";
    private static final String OBJECTS = """
            SELECT table_name FROM information_schema.tables WHERE table_schema = %1$s
            UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = %1$s
            UNION ALL SELECT event_name FROM information_schema.events WHERE event_schema = %1$s""";

    private final String name;
    private final String incompleteName;

    MariaDbMark(String name) {
        this.name = name;
        this.incompleteName = IncompleteName.of(Engine.MARIADB, name);
    }

    /**
     * What stands under a name.
     *
     * @param description of what is not empty and not ours, to follow the database's name; else empty
     * @param database the one of the two that an interrupted run has left the mark in
     * @param journal of what it left; null when it had not begun one
     */
    record Finding(
            Standing standing,
            String description,
            String database,
            @Nullable Journal journal) {}

    Finding read(Connection maintenance, String plan) throws SQLException {
        List<String> present = MariaDbSessions.strings(
                maintenance,
                "SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ("
                        + MariaDbSessions.literal(name) + ", " + MariaDbSessions.literal(incompleteName) + ")");
        boolean visible = present.contains(name);
        if (visible && !objects(maintenance, name).isEmpty()) {
            Journal journal = journal(maintenance, name);
            return journal != null && journal.plan().equals(plan)
                    ? new Finding(Standing.OWN_INCOMPLETE, "", name, journal)
                    : new Finding(Standing.NOT_EMPTY, "exists and is not empty" + of(journal), name, null);
        }
        if (!present.contains(incompleteName)) {
            return new Finding(visible ? Standing.EMPTY : Standing.ABSENT, "", incompleteName, null);
        }
        Journal journal = journal(maintenance, incompleteName);
        if (journal != null) {
            return journal.plan().equals(plan)
                    ? new Finding(Standing.OWN_INCOMPLETE, "", incompleteName, journal)
                    : new Finding(
                            Standing.NOT_EMPTY,
                            "cannot be made" + of(journal) + ", under the name '" + incompleteName + "'",
                            incompleteName,
                            null);
        }
        // Whoever was killed before writing the journal had made nothing else yet.
        List<String> others = objects(maintenance, incompleteName);
        others.remove(TABLE);
        return others.isEmpty()
                ? new Finding(Standing.OWN_INCOMPLETE, "", incompleteName, null)
                : new Finding(
                        Standing.NOT_EMPTY,
                        "cannot be made: '" + incompleteName + "' exists and is not empty",
                        incompleteName,
                        null);
    }

    private static String of(@Nullable Journal journal) {
        return journal == null ? "" : ": it holds the interrupted restore of plan " + journal.plan();
    }

    private static List<String> objects(Connection maintenance, String database) throws SQLException {
        return MariaDbSessions.strings(maintenance, OBJECTS.formatted(MariaDbSessions.literal(database)));
    }

    /** Null when there is none, or nothing in it. */
    private static @Nullable Journal journal(Connection maintenance, String database) throws SQLException {
        if (!objects(maintenance, database).contains(TABLE)) {
            return null;
        }
        Map<String, String> entries = new TreeMap<>();
        String sql = "SELECT entry, content FROM " + table(database);
        try (var statement = maintenance.createStatement();
                var result = statement.executeQuery(sql)) {
            while (result.next()) {
                entries.put(result.getString(1), result.getString(2));
            }
        }
        return entries.isEmpty() ? null : new Journal(entries);
    }

    Journal make(Connection maintenance, String plan) throws SQLException {
        MariaDbSessions.run(maintenance, "CREATE TABLE " + table(incompleteName) + """
                 (entry VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY,
                  content VARCHAR(2000) CHARACTER SET utf8mb4 NOT NULL)
                 ENGINE=InnoDB COMMENT='This database is being restored and is incomplete'""");
        CrashPoint.RESTORE_DATABASE_UNMARKED.reached();
        Journal journal = Journal.of(plan);
        for (Map.Entry<String, String> entry : journal.entries().entrySet()) {
            write(maintenance, incompleteName, entry.getKey(), entry.getValue());
        }
        return journal;
    }

    static void write(Connection connection, String database, String entry, String content) throws SQLException {
        String sql = "REPLACE INTO " + table(database) + " (entry, content) VALUES (?, ?)";
        try (PreparedStatement replace = connection.prepareStatement(sql)) {
            replace.setString(1, entry);
            replace.setString(2, content);
            replace.executeUpdate();
        }
    }

    static String table(String database) {
        return MariaDbSessions.quoted(database) + "." + MariaDbSessions.quoted(TABLE);
    }

    /** The tables and sequences of a database, the mark left out. */
    static List<String> tables(Connection connection, String database) throws SQLException {
        List<String> tables = new ArrayList<>(MariaDbSessions.strings(
                connection,
                "SELECT table_name FROM information_schema.tables WHERE table_type <> 'VIEW' AND table_schema = "
                        + MariaDbSessions.literal(database) + " ORDER BY CAST(table_name AS BINARY)"));
        tables.remove(TABLE);
        return tables;
    }
}
