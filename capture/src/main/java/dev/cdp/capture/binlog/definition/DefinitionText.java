package dev.cdp.capture.binlog.definition;

import dev.cdp.core.TableName;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects the statements of a definition and the sentences on what is not in it. */
final class DefinitionText {
    private static final String KEEP_SESSION =
            "SET @cdp_sql_mode = @@sql_mode, @cdp_character_set = @@character_set_client,"
                    + " @cdp_collation = @@collation_connection, @cdp_time_zone = @@time_zone";
    private static final String USUAL_SESSION =
            "SET sql_mode = @cdp_sql_mode, character_set_client = @cdp_character_set,"
                    + " collation_connection = @cdp_collation, time_zone = @cdp_time_zone";
    private static final String SESSION = "SESSION";

    private final String database;
    private final List<DefinitionStatement> statements = new ArrayList<>();
    private final Set<String> unprotected = new TreeSet<>();
    private @Nullable SessionContext current;
    private Phase currentPhase = Phase.BEFORE_DATA;

    DefinitionText(String database) {
        this.database = database;
    }

    void add(Phase phase, String kind, String name, @Nullable String table, String sql) {
        useUsualSession();
        append(phase, kind, name, table, sql);
    }

    /** Adds a statement that must be sent with the session settings stored beside its object. */
    void addProgram(Phase phase, String kind, Program program) {
        SessionContext context = program.context().toSend();
        if (current == null) {
            append(phase, SESSION, "kept", null, KEEP_SESSION);
        }
        if (!context.equals(current)) {
            append(phase, SESSION, program.name(), null, context.statement());
            current = context;
        }
        append(phase, kind, program.name(), program.table(), program.sql());
        if (!context.equals(program.context())) {
            warn("Not kept: the client character set " + program.context().characterSet() + " of "
                    + kind.toLowerCase(Locale.ROOT) + " " + program.name() + "; its text is sent as UTF-8");
        }
    }

    /** An object whose text depends on session settings. */
    record Program(String name, @Nullable String table, String sql, SessionContext context) {}

    /** Gives the connection back the settings it had: rows may be loaded over it next. */
    void useUsualSession() {
        if (current != null) {
            append(currentPhase, SESSION, "usual", null, USUAL_SESSION);
            current = null;
        }
    }

    void warn(String sentence) {
        unprotected.add(sentence);
    }

    List<DefinitionStatement> statements() {
        return statements.stream()
                .sorted(Comparator.comparing(DefinitionStatement::phase))
                .toList();
    }

    List<String> unprotected() {
        return List.copyOf(unprotected);
    }

    private void append(Phase phase, String kind, String name, @Nullable String table, String sql) {
        currentPhase = phase;
        TableName tableName = table == null ? null : new TableName(database, table);
        statements.add(new DefinitionStatement(phase, kind, SqlScanner.quoted(name), tableName, sql));
    }
}
