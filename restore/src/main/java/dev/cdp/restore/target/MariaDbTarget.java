package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.archive.Sha256;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database on a MariaDB or MySQL server; where the two differ, {@link SqlDialect} knows how.
 *
 * <p>While it is incomplete it is another database, {@code <name>__incomplete}, in which a table names the plan and holds
 * the journal ({@link MariaDbMark}). Neither can rename a database: in the last step the tables move
 * ({@link MariaDbMove}). A definition statement commits by itself, and the journal's word of it after it; so a step of
 * unknown outcome is made again from its begin, or known by the server's word that it is there.
 *
 * <p>What is written stands in the server's binary log: a replica that lacked the database would stop at the first
 * change of it later on.
 */
final class MariaDbTarget implements TargetDatabase {
    private static final Logger log = LoggerFactory.getLogger(MariaDbTarget.class);
    private static final String TABLES = "tables";
    private static final Pattern PLACE = Pattern.compile("for column (.+) at row (\\d+)", Pattern.DOTALL);
    private static final int DUPLICATE_KEY_NAME = 1061;
    private static final int DUPLICATE_FOREIGN_KEY = 1826;
    private static final int CANNOT_CREATE = 1005;

    private final TargetServer server;
    private final String name;
    private final String incompleteName;
    private final MariaDbSessions sessions;
    private final MariaDbMark mark;
    private @Nullable DatabaseDefinition definition;
    private @Nullable Journal journal;
    private boolean goesOn;
    private String opened;
    private @Nullable Connection definitions;
    private @Nullable Connection rows;

    MariaDbTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
        this.incompleteName = IncompleteName.of(Engine.MARIADB, name);
        this.opened = incompleteName;
        this.sessions = new MariaDbSessions(server);
        this.mark = new MariaDbMark(name);
    }

    @Override
    public Standing standing(String plan) {
        return find(plan).standing();
    }

    private MariaDbMark.Finding find(String plan) {
        return sessions.inMaintenance("say what stands under '" + name + "'", connection -> {
            MariaDbMark.Finding found = mark.read(connection, plan);
            if (found.standing() == Standing.ABSENT) {
                if (!MariaDbSessions.mayCreate(connection)) {
                    throw mayNotCreate();
                }
            }
            return found;
        });
    }

    private TargetException mayNotCreate() {
        String grant = "GRANT ALL PRIVILEGES ON %s.* TO '" + server.user() + "'";
        return TargetException.mayNotCreate(
                server,
                grant.formatted(MariaDbSessions.quoted(name)) + "; "
                        + grant.formatted(MariaDbSessions.quoted(incompleteName)));
    }

    @Override
    public void requireFree(String plan) {
        freeStanding(plan);
    }

    private MariaDbMark.Finding freeStanding(String plan) {
        MariaDbMark.Finding found = find(plan);
        if (found.standing() == Standing.NOT_EMPTY) {
            throw TargetException.notEmpty(server, name, found.description());
        }
        return found;
    }

    @Override
    public void begin(String plan, DatabaseDefinition definition) {
        close();
        this.definition = definition;
        MariaDbMark.Finding found = freeStanding(plan);
        if (found.standing() == Standing.OWN_INCOMPLETE) {
            sessions.endOthers(name, incompleteName);
            found = freeStanding(plan); // those sessions may have gone on until now
        }
        opened = found.database();
        journal = found.journal();
        goesOn = journal != null && journal.entry(TABLES) != null;
        if (goesOn) {
            requireUntouched();
            log.info("Going on with {}, which an interrupted restore left", opened);
            return;
        }
        boolean left = found.standing() == Standing.OWN_INCOMPLETE; // without rows: it is made again
        sessions.inMaintenance("make database '" + incompleteName + "'", connection -> {
            try {
                make(connection, left, plan);
                return plan;
            } catch (SQLException e) {
                if (e.getErrorCode() == 1044) { // ER_DBACCESS_DENIED_ERROR
                    throw mayNotCreate();
                }
                throw e;
            }
        });
    }

    private void make(Connection maintenance, boolean dropFirst, String plan) throws SQLException {
        String database = MariaDbSessions.quoted(incompleteName);
        if (dropFirst) {
            MariaDbSessions.run(maintenance, "DROP DATABASE " + database);
            log.info("Dropped {}, which an interrupted restore left without rows", incompleteName);
        }
        MariaDbSessions.run(maintenance, "CREATE DATABASE " + database + options());
        journal = mark.make(maintenance, plan);
    }

    private String options() {
        Map<String, String> settings = Objects.requireNonNull(definition).databaseSettings();
        String characterSet = settings.get("character_set");
        String collation = settings.get("collation");
        String comment = settings.get("comment");
        return (characterSet == null ? "" : " CHARACTER SET " + characterSet)
                + (collation == null ? "" : " COLLATE " + collation)
                + (comment == null || comment.isEmpty() ? "" : " COMMENT " + MariaDbSessions.literal(comment));
    }

    private void requireUntouched() {
        try {
            String now = String.join("/", MariaDbMark.tables(definitions(), opened));
            if (!sha256(now).equals(known().entry(TABLES))) {
                throw touched("has other tables than the interrupted restore made");
            }
        } catch (SQLException e) {
            throw TargetException.refused("show its tables", e);
        }
    }

    private TargetException touched(String what) {
        return TargetException.touched(server, opened, what, "DROP DATABASE " + MariaDbSessions.quoted(opened));
    }

    private static String sha256(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private Journal known() {
        return Objects.requireNonNull(journal, "A restore begins before it goes on");
    }

    private void keep(Connection connection, String entry, String content) throws SQLException {
        MariaDbMark.write(connection, opened, entry, content);
        journal = known().with(entry, content);
    }

    @Override
    public void openComplete() {
        opened = name;
    }

    /** Triggers and events are made in the last step. */
    @Override
    public void run(Phase phase) {
        List<DefinitionStatement> statements = Objects.requireNonNull(definition).in(phase).stream()
                .filter(statement -> phase == Phase.BEFORE_DATA || !MariaDbMove.isProgram(statement))
                .toList();
        int done = known().statementsRun(phase);
        if (done == statements.size() && (phase != Phase.BEFORE_DATA || goesOn)) {
            return;
        }
        try {
            Connection connection = definitions();
            // Foreign keys are validated, not trusted.
            MariaDbSessions.run(connection, "SET foreign_key_checks = " + (phase == Phase.AFTER_DATA ? 1 : 0));
            for (int next = done; next < statements.size(); next++) {
                make(statements.get(next), goesOn && next == done);
                CrashPoint.RESTORE_STATEMENT_RUN.reached();
                if (phase != Phase.BEFORE_DATA) { // which is made again as a whole
                    keep(connection, phase.name(), Integer.toString(next + 1));
                }
            }
            if (phase == Phase.BEFORE_DATA) {
                keep(connection, phase.name(), Integer.toString(statements.size()));
                keep(connection, TABLES, sha256(String.join("/", MariaDbMark.tables(connection, opened))));
            }
        } catch (SQLException e) {
            throw TargetException.refused("run the statements " + phase, e);
        }
    }

    /** @param mayBeThere whether an interrupted run may have made it without saying so */
    private void make(DefinitionStatement statement, boolean mayBeThere) {
        try {
            MariaDbSessions.run(definitions(), statement.sql());
        } catch (SQLException e) {
            if (!mayBeThere || !saysItIsThere(e)) {
                throw TargetException.refused("make " + statement.kind() + " " + statement.object(), e);
            }
            log.info("{} {} is there already", statement.kind(), statement.object());
        }
    }

    private static boolean saysItIsThere(SQLException e) {
        return e.getErrorCode() == DUPLICATE_KEY_NAME
                || e.getErrorCode() == DUPLICATE_FOREIGN_KEY
                || e.getErrorCode() == CANNOT_CREATE
                        && String.valueOf(e.getMessage()).contains("errno: 121");
    }

    private Connection definitions() throws SQLException {
        if (definitions == null) {
            definitions = sessions.openForDefinitions(opened);
        }
        return definitions;
    }

    private MariaDbRows rows() throws SQLException {
        if (rows == null) {
            rows = sessions.openForRows(opened);
        }
        return new MariaDbRows(rows);
    }

    @Override
    public List<String> columns(TableName table) {
        try {
            return MariaDbSessions.columns(definitions(), table.name());
        } catch (SQLException e) {
            throw TargetException.refused("show the columns of " + MariaDbSessions.quoted(table.name()), e);
        }
    }

    @Override
    public Optional<TableContent> loaded(TableName table) {
        return known().loaded(table);
    }

    @Override
    public void load(TableSchema table, RowSource source, Supplier<TableContent> content) {
        try {
            MariaDbRows loader = rows();
            Connection connection = Objects.requireNonNull(rows);
            if (goesOn) {
                MariaDbSessions.run(
                        connection,
                        "TRUNCATE TABLE " + MariaDbSessions.quoted(table.name().name()));
            }
            loader.load(table, source);
            CrashPoint.RESTORE_ROWS_UNRECORDED.reached();
            keep(connection, Journal.loadedKey(table.name()), content.get().toString());
        } catch (SQLException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            String column = place.find() ? ", column " + place.group(1) : "";
            throw TargetException.refusedRow(MariaDbSessions.quoted(table.name().name()), column, e);
        }
    }

    @Override
    public void read(TableSchema table, Consumer<RowImage> reader) {
        try {
            rows().read(table, reader);
        } catch (SQLException e) {
            throw TargetException.refused(
                    "read table " + MariaDbSessions.quoted(table.name().name()) + " back", e);
        }
    }

    @Override
    public void set(List<SequenceValue> values) {
        try {
            MariaDbCounters.set(definitions(), values);
        } catch (SQLException e) {
            throw TargetException.refused("set the counters", e);
        }
    }

    @Override
    public void analyze() {
        try {
            List<String> tables = MariaDbSessions.strings(
                    definitions(),
                    "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                            + " AND table_schema = database()");
            tables.remove(MariaDbMark.TABLE);
            if (!tables.isEmpty()) {
                MariaDbSessions.run(definitions(), "ANALYZE TABLE " + MariaDbSessions.quoted(tables));
            }
        } catch (SQLException e) {
            throw TargetException.refused("gather statistics", e);
        }
    }

    /** From the move on the database has its name, and its mark until it has all else. */
    @Override
    public void finish() {
        try {
            if (opened.equals(incompleteName)) {
                tryTriggers();
                move();
            }
            MariaDbMove move = new MariaDbMove(definitions(), incompleteName, name);
            move.dropPrograms();
            move.mendSequenceDefaults();
            make(statement -> MariaDbMove.isProgram(statement));
            CrashPoint.RESTORE_PROGRAMS_MADE.reached();
            move.dropEmptied();
            MariaDbSessions.run(definitions(), "DROP TABLE " + MariaDbMark.table(name));
        } catch (SQLException e) {
            throw TargetException.refused("complete database '" + name + "'", e);
        }
        close();
    }

    /** What the server refuses to make is better refused before anything has its name. */
    private void tryTriggers() throws SQLException {
        MariaDbMove move = new MariaDbMove(definitions(), incompleteName, name);
        move.dropTriggers(incompleteName);
        make(statement -> MariaDbMove.isProgram(statement)
                && statement.phase() == Phase.AFTER_DATA
                && !MariaDbMove.isEvent(statement));
        move.dropTriggers(incompleteName);
    }

    private void move() throws SQLException {
        Connection connection = definitions();
        List<String> there = MariaDbSessions.strings(
                connection,
                "SELECT schema_name FROM information_schema.schemata WHERE schema_name = "
                        + MariaDbSessions.literal(name));
        String options = options();
        if (there.isEmpty()) {
            MariaDbSessions.run(connection, "CREATE DATABASE " + MariaDbSessions.quoted(name) + options);
        } else {
            requireFree(known().plan());
            if (!options.isEmpty()) {
                MariaDbSessions.run(connection, "ALTER DATABASE " + MariaDbSessions.quoted(name) + options);
            }
        }
        new MariaDbMove(connection, incompleteName, name).moveTables();
        CrashPoint.RESTORE_TABLES_MOVED.reached();
        close();
        opened = name;
    }

    private void make(Predicate<DefinitionStatement> chosen) {
        Objects.requireNonNull(definition).statements().stream().filter(chosen).forEach(each -> make(each, false));
    }

    @Override
    public String connectCommand() {
        return sessions.dialect().client() + " -h " + server.host() + " -P " + server.port() + " -u " + server.user()
                + " -p " + name;
    }

    @Override
    public void close() {
        sessions.close(definitions);
        sessions.close(rows);
        definitions = null;
        rows = null;
    }
}
