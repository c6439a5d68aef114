package dev.cdp.restore.target;

import dev.cdp.core.definition.DefinitionStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The last steps of a restore: MariaDB cannot rename a database, so its tables move, all in one statement and the mark
 * with them, and what cannot move is made again where they are. {@code docs/decisions/0009-an-incomplete-target-has-another-name.md} says why.
 */
final class MariaDbMove {
    private static final String EVENT = "EVENT";
    private static final String TRIGGER = "TRIGGER";

    /** What cannot move, with the session settings that it is made under. */
    private static final Set<String> PROGRAMS =
            Set.of("SESSION", "FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY", "VIEW", TRIGGER, EVENT);

    private final Connection connection;
    private final String incompleteName;
    private final String name;

    MariaDbMove(Connection connection, String incompleteName, String name) {
        this.connection = connection;
        this.incompleteName = incompleteName;
        this.name = name;
    }

    static boolean isProgram(DefinitionStatement statement) {
        return PROGRAMS.contains(statement.kind());
    }

    static boolean isEvent(DefinitionStatement statement) {
        return statement.kind().equals(EVENT);
    }

    /** Tables with triggers cannot move. */
    void dropTriggers(String database) throws SQLException {
        drop(database, TRIGGER, "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = ");
    }

    /** Moves every table at once; what an interrupted run has moved is not there any more. */
    void moveTables() throws SQLException {
        Stream<String> tables =
                Stream.concat(MariaDbMark.tables(connection, incompleteName).stream(), Stream.of(MariaDbMark.TABLE));
        MariaDbSessions.run(
                connection,
                "RENAME TABLE "
                        + tables.map(MariaDbSessions::quoted)
                                .map(table -> MariaDbSessions.quoted(incompleteName) + "." + table + " TO "
                                        + MariaDbSessions.quoted(name) + "." + table)
                                .collect(Collectors.joining(", ")));
    }

    /** Defaults name the sequence they read with its database, also after that has moved. */
    void mendSequenceDefaults() throws SQLException {
        String old = MariaDbSessions.quoted(incompleteName) + ".";
        String sql = "SELECT concat('ALTER TABLE ', %1$s, '.`', replace(table_name, '`', '``'),"
                + " '` ALTER COLUMN `', replace(column_name, '`', '``'), '` SET DEFAULT ',"
                + " replace(column_default, %2$s, %3$s)) FROM information_schema.columns"
                + " WHERE table_schema = %4$s AND instr(column_default, concat('nextval(', %2$s)) = 1";
        for (String alter : MariaDbSessions.strings(
                connection,
                sql.formatted(
                        MariaDbSessions.literal(MariaDbSessions.quoted(name)),
                        MariaDbSessions.literal(old),
                        MariaDbSessions.literal(MariaDbSessions.quoted(name) + "."),
                        MariaDbSessions.literal(name)))) {
            MariaDbSessions.run(connection, alter);
        }
    }

    /** What an interrupted run has made of the programs; they are made again as a whole. */
    void dropPrograms() throws SQLException {
        dropTriggers(name);
        drop(name, EVENT, "SELECT event_name FROM information_schema.events WHERE event_schema = ");
        drop(
                name,
                "VIEW",
                "SELECT table_name FROM information_schema.tables WHERE table_type = 'VIEW' AND table_schema = ");
        for (String kind : List.of("FUNCTION", "PROCEDURE", "PACKAGE BODY", "PACKAGE")) {
            drop(
                    name,
                    kind,
                    "SELECT routine_name FROM information_schema.routines WHERE routine_type = '" + kind
                            + "' AND routine_schema = ");
        }
    }

    private void drop(String database, String kind, String namesWhere) throws SQLException {
        for (String each : MariaDbSessions.strings(connection, namesWhere + MariaDbSessions.literal(database))) {
            MariaDbSessions.run(
                    connection,
                    "DROP " + kind + " " + MariaDbSessions.quoted(database) + "." + MariaDbSessions.quoted(each));
        }
    }

    /** Drops the database that the tables have left; one that has tables holds something that is not ours. */
    void dropEmptied() throws SQLException {
        if (MariaDbMark.tables(connection, incompleteName).isEmpty()) {
            MariaDbSessions.run(connection, "DROP DATABASE IF EXISTS " + MariaDbSessions.quoted(incompleteName));
        }
    }
}
