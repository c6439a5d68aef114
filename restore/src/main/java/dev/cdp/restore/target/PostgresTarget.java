package dev.cdp.restore.target;

import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database on a PostgreSQL server.
 *
 * <p>While it is incomplete it has another name, {@code <name>__incomplete}, so that nobody uses it by mistake, and the
 * setting {@code cdp.restore} of the database says which plan it belongs to. Both can be seen without connecting to it,
 * and one transaction takes both away. Nothing of ours stands inside the database, where it would fire the source's event
 * triggers and show in a dump; the database's comment is the source's own.
 */
final class PostgresTarget implements TargetDatabase {
    private static final Logger log = LoggerFactory.getLogger(PostgresTarget.class);
    private static final int FLUSH_BYTES = 1 << 16;
    private static final Pattern PLACE = Pattern.compile("line (\\d+)(?:, column ([^:]+))?");

    private final TargetServer server;
    private final String name;
    private final String incompleteName;
    private final PostgresSessions sessions;
    private final PostgresMark mark;
    private @Nullable Connection definitions;
    private @Nullable Connection rows;

    PostgresTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
        this.incompleteName = PostgresSessions.incompleteName(name);
        this.sessions = new PostgresSessions(server);
        this.mark = new PostgresMark(sessions, name);
    }

    @Override
    public Standing standing(String planId) {
        requireCreateRight();
        return mark.read(planId).standing();
    }

    private void requireCreateRight() {
        boolean may = sessions.inMaintenance("show the user's rights", statement -> {
            try (ResultSet row = statement.executeQuery(
                    "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")) {
                return row.next() && row.getBoolean(1);
            }
        });
        if (!may) {
            throw TargetException.mayNotCreate(
                    server, "ALTER ROLE " + PostgresSessions.quoted(server.user()) + " CREATEDB");
        }
    }

    @Override
    public void requireFree(String planId) {
        requireCreateRight();
        freeStanding(planId);
    }

    private Standing freeStanding(String planId) {
        PostgresMark.Finding found = mark.read(planId);
        if (found.standing() == Standing.NOT_EMPTY) {
            throw TargetException.notEmpty(server, name, found.description());
        }
        return found.standing();
    }

    @Override
    public void begin(String planId, DatabaseDefinition definition) {
        Standing standing = freeStanding(planId);
        if (standing == Standing.OWN_INCOMPLETE) {
            dropIncomplete();
            standing = freeStanding(planId);
        }
        boolean takeOver = standing == Standing.EMPTY;
        PostgresCreation creation = new PostgresCreation(server, definition);
        sessions.inMaintenance("make database '" + name + "'", statement -> {
            if (takeOver) { // its owner's settings stay; the name comes back when it is complete
                creation.requireAlike(statement, name);
                rename(statement, name, incompleteName);
            } else {
                creation.make(statement, incompleteName);
            }
            mark.set(statement, planId);
            return planId;
        });
    }

    private void dropIncomplete() {
        close();
        sessions.inMaintenance(
                "drop what an interrupted restore left",
                // The server may not have noticed yet that a killed restore is gone.
                statement -> statement.execute(
                        "DROP DATABASE " + PostgresSessions.quoted(incompleteName) + " WITH (FORCE)"));
        log.info("Dropped {}, which an interrupted restore left", incompleteName);
    }

    @Override
    public void run(List<DefinitionStatement> statements) {
        for (DefinitionStatement each : statements) {
            try (Statement statement = definitions().createStatement()) {
                statement.setEscapeProcessing(false);
                statement.execute(each.sql());
            } catch (SQLException e) {
                String what = "make " + each.kind() + " " + each.object();
                throw each.kind().equals("EXTENSION")
                        ? TargetException.refused(
                                what,
                                e,
                                "Install the extension's package on the server, then run the same plan again: it starts"
                                        + " over")
                        : TargetException.refused(what, e);
            }
        }
    }

    private Connection definitions() throws SQLException {
        if (definitions == null) {
            definitions = sessions.openForDefinitions(incompleteName, DefinitionSession.settings(Engine.POSTGRESQL));
        }
        return definitions;
    }

    /** Another session, since bodies of functions may rely on the search path that values must not be printed under. */
    private Connection rows() throws SQLException {
        if (rows == null) {
            rows = sessions.openForRows(incompleteName);
        }
        return rows;
    }

    /** One COPY: all rows come in, or none. A partition is filled by itself, as it was read. */
    @Override
    public void load(TableSchema table, RowSource source) {
        String columns = columns(table);
        String sql = "COPY " + PostgresSessions.quoted(table.name()) + (columns.isEmpty() ? "" : " (" + columns + ")")
                + " FROM STDIN";
        CopyEncoder text =
                new CopyEncoder(table.columns().stream().map(Column::carrier).toList());
        try {
            CopyIn copy = rows().unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
            try {
                for (RowImage row = source.next(); row != null; row = source.next()) {
                    text.append(row);
                    if (text.length() >= FLUSH_BYTES) {
                        copy.writeToCopy(text.buffer(), 0, text.length());
                        text.clear();
                    }
                }
                copy.writeToCopy(text.buffer(), 0, text.length());
                copy.endCopy();
            } finally {
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw TargetException.refusedRow(PostgresSessions.quoted(table.name()), place(e), e);
        }
    }

    private static String place(SQLException e) {
        ServerErrorMessage message = e instanceof PSQLException failure ? failure.getServerErrorMessage() : null;
        Matcher place = PLACE.matcher(message == null || message.getWhere() == null ? "" : message.getWhere());
        if (!place.find()) {
            return "";
        }
        return ", row " + place.group(1) + (place.group(2) == null ? "" : ", column " + place.group(2));
    }

    @Override
    public void read(TableSchema table, Consumer<RowImage> reader) {
        String sql = "COPY (SELECT " + columns(table) + " FROM ONLY " + PostgresSessions.quoted(table.name())
                + ") TO STDOUT";
        CopyDecoder text =
                new CopyDecoder(table.columns().stream().map(Column::carrier).toList());
        try {
            CopyOut copy = rows().unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                reader.accept(text.decode(line));
            }
        } catch (SQLException e) {
            throw TargetException.refused("read table " + PostgresSessions.quoted(table.name()) + " back", e);
        }
    }

    private static String columns(TableSchema table) {
        return table.columns().stream()
                .map(column -> PostgresSessions.quoted(column.name()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void set(List<SequenceValue> values) {
        try {
            PostgresSequences.set(definitions(), values);
        } catch (SQLException e) {
            throw TargetException.refused("set the sequences", e);
        }
    }

    @Override
    public void analyze() {
        try (Statement statement = definitions().createStatement()) {
            statement.execute("ANALYZE");
        } catch (SQLException e) {
            throw TargetException.refused("gather statistics", e);
        }
    }

    /** Its commit also forces to disk what the others left in memory. */
    @Override
    public void finish() {
        close();
        sessions.inMaintenance("give the complete database the name '" + name + "'", statement -> {
            statement.execute("BEGIN");
            mark.remove(statement);
            rename(statement, incompleteName, name);
            return statement.execute("COMMIT");
        });
    }

    private static void rename(Statement statement, String from, String to) throws SQLException {
        statement.execute(
                "ALTER DATABASE " + PostgresSessions.quoted(from) + " RENAME TO " + PostgresSessions.quoted(to));
    }

    @Override
    public String connectCommand() {
        return "psql -h " + server.host() + " -p " + server.port() + " -U " + server.user() + " -d " + name;
    }

    @Override
    public void close() {
        close(definitions);
        close(rows);
        definitions = null;
        rows = null;
    }

    private void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("A connection to {} did not close cleanly", server, e);
        }
    }
}
