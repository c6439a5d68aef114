package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.restore.target.TargetDatabase.Standing;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells a database that a restore is filling from all others, and holds the restore's journal: the database's
 * comment. It can be read without connecting to the database, whoever owns the database may write it, it changes in the
 * transaction of the work it tells of, and no event trigger hears of it. A comment of the source's own waits in the
 * journal until the database is complete.
 */
final class PostgresMark {
    private static final String OURS = "Incomplete: cdp is restoring this database. ";
    private static final String COMMENT = "comment";
    private static final String CLOSED = "closed";
    private static final String MARKED = """
            SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname IN (%s, %s)""";
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
        this.incompleteName = IncompleteName.of(Engine.POSTGRESQL, name);
    }

    /**
     * What stands under a name.
     *
     * @param description of what is not empty and not ours, to follow the database's name; else empty
     * @param journal of what an interrupted run of the same plan left; null when it had not begun one
     */
    record Finding(
            Standing standing, String description, @Nullable Journal journal) {}

    Finding read(String plan) {
        Map<String, String> comments = comments();
        boolean present = comments.containsKey(name);
        Optional<String> contents = present ? contents(name) : Optional.empty();
        if (contents.isPresent()) {
            return new Finding(Standing.NOT_EMPTY, "exists and is not empty: it has " + contents.get(), null);
        }
        String mark = comments.get(incompleteName);
        if (mark == null) {
            return new Finding(present ? Standing.EMPTY : Standing.ABSENT, "", null);
        }
        if (mark.startsWith(OURS)) {
            Journal journal = journal(mark);
            return journal.plan().equals(plan)
                    ? new Finding(Standing.OWN_INCOMPLETE, "", journal)
                    : new Finding(
                            Standing.NOT_EMPTY,
                            "holds the interrupted restore of plan " + journal.plan() + ", under the name '"
                                    + incompleteName + "'",
                            null);
        }
        // Whoever was killed before setting the mark had made nothing inside yet.
        return contents(incompleteName)
                .map(found -> new Finding(
                        Standing.NOT_EMPTY, "cannot be made: '" + incompleteName + "' exists and has " + found, null))
                .orElse(new Finding(Standing.OWN_INCOMPLETE, "", null));
    }

    @SuppressWarnings("unchecked")
    private static Journal journal(String mark) {
        return new Journal(Json.read(mark.substring(OURS.length()), Map.class));
    }

    /** The comment, empty without one, of each of the two names that exists. */
    private Map<String, String> comments() {
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

    /** Marks the database in the open transaction, and keeps everybody out who may not connect to every database. */
    Journal set(Statement statement, String plan) throws SQLException {
        Journal journal = Journal.of(plan);
        try (ResultSet row = statement.executeQuery("SELECT has_database_privilege('public',"
                + PostgresSessions.literal(incompleteName) + ", 'CONNECT')")) {
            row.next();
            journal = journal.with(CLOSED, row.getBoolean(1) ? "from public" : null);
        }
        if (journal.entry(CLOSED) != null) {
            statement.execute("REVOKE CONNECT ON DATABASE " + PostgresSessions.quoted(incompleteName) + " FROM PUBLIC");
        }
        return write(statement, journal);
    }

    /** Writes the journal in the open transaction. @return it, with what it took over from the database's comment */
    Journal write(Statement statement, Journal journal) throws SQLException {
        Journal complete = journal;
        String sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname ="
                + PostgresSessions.literal(incompleteName);
        try (ResultSet row = statement.executeQuery(sql)) {
            String comment = row.next() ? row.getString(1) : null;
            if (comment == null || !comment.startsWith(OURS)) {
                complete = journal.with(COMMENT, comment);
            }
        }
        comment(statement, PostgresSessions.literal(OURS + Json.write(complete.entries())));
        return complete;
    }

    /** Gives the database back to everybody, in the open transaction. */
    void remove(Statement statement, Journal journal) throws SQLException {
        String own = journal.entry(COMMENT);
        comment(statement, own == null ? " NULL" : PostgresSessions.literal(own));
        if (journal.entry(CLOSED) != null) {
            statement.execute("GRANT CONNECT ON DATABASE " + PostgresSessions.quoted(incompleteName) + " TO PUBLIC");
        }
    }

    private void comment(Statement statement, String literal) throws SQLException {
        statement.execute("COMMENT ON DATABASE " + PostgresSessions.quoted(incompleteName) + " IS" + literal);
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
