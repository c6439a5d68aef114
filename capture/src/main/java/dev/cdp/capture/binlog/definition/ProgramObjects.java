package dev.cdp.capture.binlog.definition;

import dev.cdp.capture.binlog.definition.DefinitionText.Program;
import dev.cdp.core.Engine;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Functions, procedures, packages, triggers and events. */
final class ProgramObjects {
    private static final String NAME = "(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[^\\s.`\"]+)";
    private static final String QUALIFIED_NAME = "(" + NAME + "\\s*\\.\\s*)?" + NAME;
    private static final Pattern TRIGGER_HEAD = Pattern.compile(
            "\\A\\s*CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:DEFINER\\s*=\\s*" + NAME + "(?:@" + NAME + ")?\\s+)?TRIGGER\\s+"
                    + "(?:IF\\s+NOT\\s+EXISTS\\s+)?" + QUALIFIED_NAME + "\\s+(?:BEFORE|AFTER)\\s+"
                    + "(?:INSERT|UPDATE|DELETE)\\s+ON\\s+" + QUALIFIED_NAME + "\\s+FOR\\s+EACH\\s+ROW\\s+"
                    + "(?:(?:FOLLOWS|PRECEDES)\\s+" + NAME + "\\s+)?",
            Pattern.CASE_INSENSITIVE);

    private final Catalog catalog;
    private final DefinitionText text;
    private final String privilege;

    ProgramObjects(Catalog catalog, DefinitionText text, Engine engine) {
        this.catalog = catalog;
        this.text = text;
        this.privilege = engine == Engine.MYSQL ? "SHOW_ROUTINE" : "SELECT on mysql.proc";
    }

    void readRoutines() throws SQLException {
        String sql = """
                SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
                ORDER BY field(routine_type, 'FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY'),
                         convert(routine_name USING utf8mb4) COLLATE utf8mb4_bin
                """;
        for (List<String> routine : catalog.rows(sql, row -> List.of(row.getString(1), row.getString(2)))) {
            String kind = routine.get(0);
            String name = routine.get(1);
            catalog.rowsUnlessGone("SHOW CREATE " + kind + " " + SqlScanner.quoted(name), row -> {
                String create = row.getString(3);
                if (create == null) {
                    return warn(kind, name, "because its text is hidden from this user; grant " + privilege);
                }
                return add(Phase.BEFORE_DATA, kind, new Program(name, null, create, SessionContext.of(row, null)));
            });
        }
    }

    void readTriggers() throws SQLException {
        // Made in the order in which they run, each runs where it ran before.
        String sql = """
                SELECT trigger_name, event_object_table, action_timing, event_manipulation, definer, action_statement
                FROM information_schema.triggers WHERE trigger_schema = DATABASE()
                ORDER BY convert(event_object_table USING utf8mb4) COLLATE utf8mb4_bin, action_timing,
                         event_manipulation, action_order
                """;
        for (Trigger trigger : catalog.rows(sql, Trigger::of)) {
            catalog.rowsUnlessGone("SHOW CREATE TRIGGER " + SqlScanner.quoted(trigger.name()), row -> {
                String create = trigger.statement(row.getString("SQL Original Statement"));
                Program program = new Program(trigger.name(), trigger.table(), create, SessionContext.of(row, null));
                return add(Phase.AFTER_DATA, "TRIGGER", program);
            });
        }
    }

    private record Trigger(String name, String table, String moment, String definer, String shownBody) {

        static Trigger of(ResultSet row) throws SQLException {
            return new Trigger(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3) + " " + row.getString(4),
                    row.getString(5),
                    row.getString(6));
        }

        /** The trigger as it was written; its head is written anew if it has database names in it. */
        String statement(String written) {
            Matcher matcher = TRIGGER_HEAD.matcher(written);
            if (!matcher.lookingAt()) {
                return head() + shownBody;
            }
            boolean namesDatabase = matcher.group(1) != null || matcher.group(2) != null;
            return namesDatabase ? head() + written.substring(matcher.end()) : written;
        }

        private String head() {
            int at = definer.lastIndexOf('@');
            String user = at < 0
                    ? SqlScanner.quoted(definer)
                    : SqlScanner.quoted(definer.substring(0, at)) + "@" + SqlScanner.quoted(definer.substring(at + 1));
            return "CREATE DEFINER=" + user + " TRIGGER " + SqlScanner.quoted(name) + " " + moment + " ON "
                    + SqlScanner.quoted(table) + " FOR EACH ROW ";
        }
    }

    void readEvents() throws SQLException {
        String sql = """
                SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()
                ORDER BY convert(event_name USING utf8mb4) COLLATE utf8mb4_bin
                """;
        for (String name : catalog.texts(sql)) {
            catalog.rowsUnlessGone("SHOW CREATE EVENT " + SqlScanner.quoted(name), row -> {
                SessionContext context = SessionContext.of(row, row.getString("time_zone"));
                return add(Phase.AFTER_DATA, "EVENT", new Program(name, null, row.getString("Create Event"), context));
            });
        }
    }

    private boolean add(Phase phase, String kind, Program program) {
        text.addProgram(phase, kind, program);
        String database = catalog.database();
        boolean namesDatabase = program.sql().contains(SqlScanner.quoted(database) + ".")
                || Pattern.compile("\\b" + Pattern.quote(database) + "\\s*\\.\\s*[\\w`\"]")
                        .matcher(program.sql())
                        .find();
        if (namesDatabase) {
            text.warn("Names its database: " + kind.toLowerCase(Locale.ROOT) + " " + program.name() + " may act on "
                    + database + " itself when it runs in a database restored beside it");
        }
        return true;
    }

    private boolean warn(String kind, String name, String reason) {
        text.warn("Not protected: " + kind.toLowerCase(Locale.ROOT) + " " + name + ", " + reason);
        return false;
    }
}
