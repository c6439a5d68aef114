package dev.cdp.restore.target;

import dev.cdp.restore.target.TargetDatabase.Standing;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What tells a database that a restore is filling from all others. */
final class PostgresMark {
    private static final String SETTING = "cdp.restore";
    private static final String MARKED = """
            SELECT d.datname, coalesce((SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s, unnest(s.setconfig) c
                                        WHERE s.setdatabase = d.oid AND s.setrole = 0 AND c LIKE 'cdp.restore=%%'), '')
            FROM pg_database d WHERE d.datname IN (%s, %s)""";
    private static final String CONTENTS = """
            WITH of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
            own AS (SELECT oid, nspname FROM pg_namespace
                    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
            found AS (
                SELECT 'pg_class'::regclass AS class, c.oid, own.nspname || '.' || c.relname AS name
                FROM pg_class c JOIN own ON own.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
                UNION ALL
                SELECT 'pg_proc'::regclass, p.oid, own.nspname || '.' || p.proname
                FROM pg_proc p JOIN own ON own.oid = p.pronamespace
                UNION ALL
                SELECT 'pg_type'::regclass, t.oid, own.nspname || '.' || t.typname
                FROM pg_type t JOIN own ON own.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r')
                UNION ALL
                SELECT 'pg_namespace'::regclass, oid, nspname FROM own WHERE nspname <> 'public'
                UNION ALL
                SELECT 'pg_largeobject'::regclass, oid, 'large object ' || oid FROM pg_largeobject_metadata)
            SELECT count(*), min(name) FROM found
            WHERE (class, oid) NOT IN (SELECT classid, objid FROM of_extensions)""";

    private final PostgresSessions sessions;
    private final String name;
    private final String incompleteName;

    PostgresMark(PostgresSessions sessions, String name) {
        this.sessions = sessions;
        this.name = name;
        this.incompleteName = PostgresSessions.incompleteName(name);
    }

    /**
     * What stands under a name.
     *
     * @param description of what is not empty and not ours, to follow the database's name; else empty
     */
    record Finding(Standing standing, String description) {}

    void set(Statement statement, String planId) throws SQLException {
        statement.execute("ALTER DATABASE " + PostgresSessions.quoted(incompleteName) + " SET " + SETTING + " TO"
                + PostgresSessions.literal(planId));
    }

    void remove(Statement statement) throws SQLException {
        statement.execute("ALTER DATABASE " + PostgresSessions.quoted(incompleteName) + " RESET " + SETTING);
    }

    Finding read(String planId) {
        Map<String, String> marks = marks();
        boolean present = marks.containsKey(name);
        Optional<String> contents = present ? contents(name) : Optional.empty();
        if (contents.isPresent()) {
            return new Finding(Standing.NOT_EMPTY, "exists and is not empty: it has " + contents.get());
        }
        String markedPlan = marks.get(incompleteName);
        if (markedPlan == null) {
            return new Finding(present ? Standing.EMPTY : Standing.ABSENT, "");
        }
        if (markedPlan.equals(planId)) {
            return new Finding(Standing.OWN_INCOMPLETE, "");
        }
        if (!markedPlan.isEmpty()) {
            return new Finding(
                    Standing.NOT_EMPTY,
                    "holds the interrupted restore of plan " + markedPlan + ", under the name '" + incompleteName
                            + "'");
        }
        // Whoever was killed before setting the mark had made nothing inside yet.
        return contents(incompleteName)
                .map(found -> new Finding(
                        Standing.NOT_EMPTY, "cannot be made: '" + incompleteName + "' exists and has " + found))
                .orElse(new Finding(Standing.OWN_INCOMPLETE, ""));
    }

    /** The plan's id, empty without a mark, for each of the two names that exists. */
    private Map<String, String> marks() {
        String sql = MARKED.formatted(PostgresSessions.literal(name), PostgresSessions.literal(incompleteName));
        return sessions.inMaintenance("say what stands under '" + name + "'", statement -> {
            Map<String, String> found = new HashMap<>();
            try (ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    found.put(row.getString(1), row.getString(2));
                }
            }
            return found;
        });
    }

    /** Empty when there is no object that somebody made. */
    private Optional<String> contents(String database) {
        try (Connection connection = sessions.openForRows(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(CONTENTS)) {
            row.next();
            long count = row.getLong(1);
            return count == 0
                    ? Optional.empty()
                    : Optional.of(count + (count == 1 ? " object, " : " objects, such as ") + row.getString(2));
        } catch (SQLException e) {
            throw TargetException.refused("show what is in database '" + database + "'", e);
        }
    }
}
