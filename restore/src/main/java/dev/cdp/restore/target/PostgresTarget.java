package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database on a PostgreSQL server.
 *
 * <p>While it is incomplete it has another name, {@code <name>__incomplete}, so that nobody uses it by mistake, those who
 * may connect to any database may not connect to it, and its comment is the journal ({@link PostgresMark}). One
 * transaction takes all of that away. Every step commits together with the journal's word of it. Nothing of ours stands
 * inside the database, where it would fire the source's event triggers and show in a dump.
 */
final class PostgresTarget implements TargetDatabase {
    private static final Logger log = LoggerFactory.getLogger(PostgresTarget.class);
    private static final String TABLES = "tables";
    private static final String ALL_TABLES = """
            SELECT count(*) || ' ' || md5(coalesce(string_agg(c.oid || ' ' || n.nspname || '.' || c.relname, ',' ORDER BY c.oid), ''))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
                  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'""";
    private static final Pattern PLACE = Pattern.compile("line (\\d+)(?:, column ([^:]+))?");

    private final TargetServer server;
    private final String name;
    private final String incompleteName;
    private final PostgresSessions sessions;
    private final PostgresMark mark;
    private @Nullable DatabaseDefinition definition;
    private @Nullable Journal journal;
    private boolean goesOn;
    private String opened;
    private @Nullable Connection definitions;
    private @Nullable Connection rows;

    PostgresTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
        this.incompleteName = IncompleteName.of(Engine.POSTGRESQL, name);
        this.opened = incompleteName;
        this.sessions = new PostgresSessions(server);
        this.mark = new PostgresMark(sessions, name);
    }

    @Override
    public Standing standing(String plan) {
        requireCreateRight();
        return mark.read(plan).standing();
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
    public void requireFree(String plan) {
        requireCreateRight();
        freeStanding(plan);
    }

    private PostgresMark.Finding freeStanding(String plan) {
        PostgresMark.Finding found = mark.read(plan);
        if (found.standing() == Standing.NOT_EMPTY) {
            throw TargetException.notEmpty(server, name, found.description());
        }
        return found;
    }

    @Override
    public void begin(String plan, DatabaseDefinition definition) {
        close();
        this.definition = definition;
        this.opened = incompleteName;
        PostgresMark.Finding found = freeStanding(plan);
        goesOn = found.journal() != null;
        if (goesOn) {
            endSessions();
            journal = freeStanding(plan).journal(); // those sessions may have gone on until now
            requireUntouched();
            log.info("Going on with {}, which an interrupted restore left", incompleteName);
            return;
        }
        if (found.standing() == Standing.OWN_INCOMPLETE) {
            dropUnmarked();
        }
        make(plan, definition, freeStanding(plan).standing() == Standing.EMPTY);
    }

    private void make(String plan, DatabaseDefinition definition, boolean takeOver) {
        PostgresCreation creation = new PostgresCreation(server, definition);
        journal = sessions.inMaintenance("make database '" + name + "'", statement -> {
            if (takeOver) {
                creation.requireAlike(statement, name);
            } else {
                creation.make(statement, incompleteName);
                CrashPoint.RESTORE_DATABASE_MADE.reached();
            }
            statement.execute("BEGIN");
            if (takeOver) { // its owner's settings stay; the name comes back when it is complete
                rename(statement, name, incompleteName);
            }
            Journal begun = mark.set(statement, plan);
            statement.execute("COMMIT");
            return begun;
        });
    }

    private void dropUnmarked() {
        sessions.inMaintenance(
                "drop what an interrupted restore left",
                // The server may not have noticed yet that a killed restore is gone.
                statement -> statement.execute(
                        "DROP DATABASE " + PostgresSessions.quoted(incompleteName) + " WITH (FORCE)"));
        log.info("Dropped {}, which a restore left before it had marked it", incompleteName);
    }

    /** Of an interrupted run: it may be paused, and the server may not have noticed yet that it is gone. */
    private void endSessions() {
        sessions.inMaintenance("end the sessions of the interrupted restore", statement -> {
            return statement.execute("SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname ="
                    + PostgresSessions.literal(incompleteName)
                    + " AND usename = current_user AND pid <> pg_backend_pid()");
        });
    }

    private void requireUntouched() {
        String known = known().entry(TABLES);
        if (known != null && !known.equals(tables())) {
            throw TargetException.touched(
                    server, incompleteName, "has other tables than the interrupted restore made", dropCommand());
        }
    }

    private String tables() {
        try (Statement statement = definitions().createStatement()) {
            return tables(statement);
        } catch (SQLException e) {
            throw TargetException.refused("show its tables", e);
        }
    }

    private static String tables(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(ALL_TABLES)) {
            row.next();
            return row.getString(1);
        }
    }

    private String dropCommand() {
        return "DROP DATABASE " + PostgresSessions.quoted(incompleteName) + " WITH (FORCE)";
    }

    private Journal known() {
        return Objects.requireNonNull(journal, "A restore begins before it goes on");
    }

    @Override
    public void openComplete() {
        opened = name;
    }

    @Override
    public void run(Phase phase) {
        List<DefinitionStatement> statements =
                Objects.requireNonNull(definition).in(phase);
        int done = known().statementsRun(phase);
        try {
            while (done < statements.size()) {
                done = new PostgresBatch(definitions()).run(statements, done, (statement, runTo) -> {
                    Journal next = known().with(phase.name(), Integer.toString(runTo));
                    boolean tablesMade = phase == Phase.BEFORE_DATA && runTo == statements.size();
                    journal = mark.write(statement, tablesMade ? next.with(TABLES, tables(statement)) : next);
                });
                CrashPoint.RESTORE_BATCH_RUN.reached();
            }
        } catch (SQLException e) {
            throw TargetException.refused("run the statements " + phase, e);
        }
    }

    @Override
    public List<String> columns(TableName table) {
        try {
            return PostgresSessions.columns(rows(), table);
        } catch (SQLException e) {
            throw TargetException.refused("show the columns of " + PostgresSessions.quoted(table), e);
        }
    }

    @Override
    public Optional<TableContent> loaded(TableName table) {
        return known().loaded(table);
    }

    private Connection definitions() throws SQLException {
        if (definitions == null) {
            definitions = sessions.openForDefinitions(opened, DefinitionSession.settings(Engine.POSTGRESQL));
        }
        return definitions;
    }

    /** Another session, since bodies of functions may rely on the search path that values must not be printed under. */
    private Connection rows() throws SQLException {
        if (rows == null) {
            rows = sessions.openForRows(opened);
        }
        return rows;
    }

    /** One COPY and the journal's word of it: all of that comes in, or nothing. A partition is filled by itself. */
    @Override
    public void load(TableSchema table, RowSource source, Supplier<TableContent> content) {
        String name = PostgresSessions.quoted(table.name());
        try {
            Connection connection = rows();
            if (goesOn) {
                requireEmpty(connection, name);
            }
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                copyIn(connection, table, source);
                Journal next = known().with(
                                Journal.loadedKey(table.name()), content.get().toString());
                journal = mark.write(statement, next);
                connection.commit();
            } finally {
                PostgresSessions.endTransaction(connection);
            }
        } catch (SQLException e) {
            throw TargetException.refusedRow(name, place(e), e);
        }
    }

    private void requireEmpty(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM ONLY " + table + ")")) {
            if (row.next() && row.getBoolean(1)) {
                throw TargetException.touched(
                        server, incompleteName, "has rows in " + table + " that no restore loaded", dropCommand());
            }
        }
    }

    private static void copyIn(Connection connection, TableSchema table, RowSource source) throws SQLException {
        String columns = columns(table);
        String sql = "COPY " + PostgresSessions.quoted(table.name()) + (columns.isEmpty() ? "" : " (" + columns + ")")
                + " FROM STDIN";
        PostgresCopy.in(connection, sql, table, source);
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
        try {
            PostgresCopy.out(rows(), sql, table, reader);
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
            mark.remove(statement, known());
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
