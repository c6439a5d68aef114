package dev.cdp.restore.target;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database on a MariaDB server.
 *
 * <p>MariaDB cannot rename a database, and tables cannot move once triggers stand on them. So the database has its name
 * from the start, and a table {@code cdp_restore_incomplete} that names the plan stands in it until the last step
 * drops it.
 */
final class MariaDbTarget implements TargetDatabase {
    private static final String JOURNAL = "cdp_restore_incomplete";
    private static final int UNKNOWN_DATABASE = 1049;
    /** Takes every value that some mode once took, zero dates among them; checks come after the rows. */
    private static final List<String> LOADING = List.of(
            "SET SESSION time_zone = '+00:00'", "SET SESSION foreign_key_checks = 0", "SET SESSION unique_checks = 0");

    private final TargetServer server;
    private final String name;
    private @Nullable Connection connection;

    MariaDbTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
    }

    @Override
    public Standing standing(String planId) {
        try (Connection maintenance = connect("")) {
            if (!exists(maintenance)) {
                requireCreate(maintenance);
                return Standing.ABSENT;
            }
            List<String> objects = strings(
                    maintenance,
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = ? UNION ALL"
                            + " SELECT routine_name FROM information_schema.routines WHERE routine_schema = '"
                            + name.replace("\\", "\\\\").replace("'", "''") + "'");
            if (objects.isEmpty()) {
                return Standing.EMPTY;
            }
            boolean own = objects.contains(JOURNAL)
                    && strings(
                                    maintenance,
                                    "SELECT plan_id FROM " + quote(name) + "." + quote(JOURNAL) + " WHERE '' <> ?")
                            .contains(planId);
            return own ? Standing.OWN_INCOMPLETE : Standing.NOT_EMPTY;
        } catch (SQLException e) {
            throw TargetException.refused("say what stands under '" + name + "'", e);
        }
    }

    private boolean exists(Connection maintenance) throws SQLException {
        return !strings(maintenance, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ?")
                .isEmpty();
    }

    /** The server tells its own rights best, whatever they were granted through. */
    private void requireCreate(Connection maintenance) throws SQLException {
        List<String> grants = new ArrayList<>();
        try (Statement statement = maintenance.createStatement();
                ResultSet result = statement.executeQuery("SHOW GRANTS")) {
            while (result.next()) {
                grants.add(result.getString(1).toUpperCase(Locale.ROOT));
            }
        }
        boolean may = grants.stream()
                .anyMatch(grant -> grant.startsWith("GRANT ALL PRIVILEGES ON ")
                        || grant.matches("(?s)GRANT [^`]*\\bCREATE(,| ON ).*")
                        || grant.startsWith("GRANT `"));
        if (!may) {
            throw TargetException.mayNotCreate(
                    server, "GRANT ALL PRIVILEGES ON " + quote(name) + ".* TO '" + server.user() + "'");
        }
    }

    @Override
    public void requireFree(String planId) {
        if (standing(planId) == Standing.NOT_EMPTY) {
            throw TargetException.notEmpty(server, name, "exists and is not empty");
        }
    }

    @Override
    public void begin(String planId, DatabaseDefinition definition) {
        requireFree(planId);
        Standing standing = standing(planId);
        try (Connection maintenance = connect("")) {
            if (standing == Standing.OWN_INCOMPLETE) {
                run(maintenance, "DROP DATABASE " + quote(name));
            }
            if (standing != Standing.EMPTY) {
                run(maintenance, "CREATE DATABASE " + quote(name) + options(definition.databaseSettings()));
            }
            run(
                    maintenance,
                    "CREATE TABLE " + quote(name) + "." + quote(JOURNAL)
                            + " (plan_id VARCHAR(200) CHARACTER SET utf8mb4 NOT NULL, started_at TIMESTAMP NOT NULL DEFAULT current_timestamp())"
                            + " ENGINE=InnoDB COMMENT='This database is being restored and is incomplete'");
            try (PreparedStatement insert = maintenance.prepareStatement(
                    "INSERT INTO " + quote(name) + "." + quote(JOURNAL) + " (plan_id) VALUES (?)")) {
                insert.setString(1, planId);
                insert.execute();
            }
            connection = connect(name);
            prepare();
        } catch (SQLException e) {
            if (e.getErrorCode() == 1044) { // ER_DBACCESS_DENIED_ERROR
                throw TargetException.mayNotCreate(
                        server, "GRANT ALL PRIVILEGES ON " + quote(name) + ".* TO '" + server.user() + "'");
            }
            throw TargetException.refused("make database " + quote(name), e);
        }
    }

    private void prepare() throws SQLException {
        for (String setting : DefinitionSession.settings(Engine.MARIADB)) {
            run(open(), setting);
        }
        for (String setting : LOADING) {
            run(open(), setting);
        }
    }

    private static String options(Map<String, String> settings) {
        String characterSet = settings.get("character_set");
        String collation = settings.get("collation");
        String comment = settings.get("comment");
        return (characterSet == null ? "" : " CHARACTER SET " + characterSet)
                + (collation == null ? "" : " COLLATE " + collation)
                + (comment == null || comment.isEmpty()
                        ? ""
                        : " COMMENT '" + comment.replace("\\", "\\\\").replace("'", "''") + "'");
    }

    @Override
    public void run(List<DefinitionStatement> statements) {
        try {
            boolean afterData = statements.stream().anyMatch(statement -> statement.phase() == Phase.AFTER_DATA);
            run(open(), "SET SESSION foreign_key_checks = " + (afterData ? 1 : 0)); // keys are validated, not trusted
        } catch (SQLException e) {
            throw TargetException.refused("prepare the session", e);
        }
        for (DefinitionStatement statement : statements) {
            try {
                run(open(), statement.sql());
            } catch (SQLException e) {
                throw TargetException.refused("make " + statement.kind() + " " + statement.object(), e);
            }
        }
    }

    @Override
    public void load(TableSchema table, RowSource rows) {
        List<String> targets = new ArrayList<>();
        List<String> assignments = new ArrayList<>();
        for (int i = 0; i < table.columns().size(); i++) {
            Column column = table.columns().get(i);
            if (column.carrier() == Carrier.BYTES) {
                targets.add("@c" + i);
                assignments.add(quote(column.name()) + " = UNHEX(@c" + i + ")");
            } else {
                targets.add(quote(column.name()));
            }
        }
        String sql =
                "LOAD DATA LOCAL INFILE 'rows' INTO TABLE " + quote(table.name().name())
                        + " CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ("
                        + String.join(", ", targets) + ")"
                        + (assignments.isEmpty() ? "" : " SET " + String.join(", ", assignments));
        try (Statement statement = open().createStatement()) {
            statement
                    .unwrap(org.mariadb.jdbc.Statement.class)
                    .setLocalInfileInputStream(new LoadDataStream(table, rows));
            statement.execute(sql);
        } catch (SQLException e) {
            throw TargetException.refused("load table " + quote(table.name().name()), e);
        }
    }

    @Override
    public void read(TableSchema table, Consumer<RowImage> rows) {
        String sql = "SELECT "
                + table.columns().stream().map(MariaDbTarget::readable).collect(Collectors.joining(", ")) + " FROM "
                + quote(table.name().name());
        try (Statement statement = open().createStatement()) {
            statement.setFetchSize(1000);
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    Object[] values = new Object[table.columns().size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = value(table.columns().get(i).carrier(), result, i + 1);
                    }
                    rows.accept(RowImage.of(values));
                }
            }
        } catch (SQLException e) {
            throw TargetException.refused("read table " + quote(table.name().name()) + " back", e);
        }
    }

    /**
     * As the values in the archive were printed: FLOAT prints six digits only, so it is read as DOUBLE, and numbers
     * lose the zeros that ZEROFILL prints before them.
     */
    private static String readable(Column column) {
        String name = quote(column.name());
        String type = column.sourceType().toLowerCase(Locale.ROOT);
        return switch (column.carrier()) {
            case BOOLEAN, INT64, FLOAT64, BYTES -> name;
            case FLOAT32 -> "CAST(" + name + " AS DOUBLE)";
            case TEXT -> {
                if (type.startsWith("bigint")) {
                    yield "CAST(CAST(" + name + " AS UNSIGNED) AS CHAR)";
                }
                if (type.startsWith("decimal(") && type.contains("zerofill")) {
                    String precision = type.substring(type.indexOf('('), type.indexOf(')') + 1);
                    yield "CAST(CAST(" + name + " AS DECIMAL" + precision + ") AS CHAR)";
                }
                yield "CAST(" + name + " AS CHAR CHARACTER SET utf8mb4)";
            }
        };
    }

    private static @Nullable Object value(Carrier carrier, ResultSet result, int index) throws SQLException {
        Object value =
                switch (carrier) {
                    case BOOLEAN -> result.getBoolean(index);
                    case INT64 -> result.getLong(index);
                    case FLOAT32 -> (float) result.getDouble(index);
                    case FLOAT64 -> result.getDouble(index);
                    case BYTES -> result.getBytes(index);
                    case TEXT -> result.getString(index);
                };
        return result.wasNull() ? null : value;
    }

    @Override
    public void set(List<SequenceValue> values) {
        for (SequenceValue value : values) {
            String sql =
                    switch (value.kind()) {
                        case SEQUENCE ->
                            "SELECT SETVAL(" + quote(value.name()) + ", " + value.lastValue() + ", "
                                    + (value.called() ? 1 : 0) + ")";
                        case AUTO_INCREMENT ->
                            "ALTER TABLE " + quote(value.name()) + " AUTO_INCREMENT = " + value.lastValue();
                    };
            try {
                if (hasTable(value.name())) {
                    run(open(), sql);
                }
            } catch (SQLException e) {
                throw TargetException.refused("set the counter of " + quote(value.name()), e);
            }
        }
    }

    private boolean hasTable(String table) throws SQLException {
        try (PreparedStatement query = open().prepareStatement(
                        "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = ?")) {
            query.setString(1, table);
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
    }

    @Override
    public void analyze() {
        try {
            List<String> tables = strings(
                    open(),
                    "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = ?");
            tables.remove(JOURNAL);
            if (!tables.isEmpty()) {
                run(
                        open(),
                        "ANALYZE TABLE "
                                + tables.stream().map(MariaDbTarget::quote).collect(Collectors.joining(", ")));
            }
        } catch (SQLException e) {
            throw TargetException.refused("gather statistics", e);
        }
    }

    @Override
    public void finish() {
        try {
            run(open(), "DROP TABLE " + quote(JOURNAL));
        } catch (SQLException e) {
            throw TargetException.refused("mark database " + quote(name) + " as complete", e);
        }
        close();
    }

    @Override
    public String connectCommand() {
        return "mariadb -h " + server.host() + " -P " + server.port() + " -u " + server.user() + " -p " + name;
    }

    private Connection open() {
        Connection current = connection;
        if (current == null) {
            throw new IllegalStateException("Database '" + name + "' was not begun");
        }
        return current;
    }

    private Connection connect(String database) {
        Properties properties = new Properties();
        properties.putAll(server.properties());
        properties.setProperty("user", server.user());
        properties.setProperty("password", server.password().reveal());
        properties.setProperty("allowLocalInfile", "true");
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tinyInt1isBit", "false");
        try {
            Connection opened = DriverManager.getConnection(
                    "jdbc:mariadb://" + server.host() + ":" + server.port() + "/", properties);
            if (!database.isEmpty()) {
                opened.setCatalog(database);
            }
            return opened;
        } catch (SQLException e) {
            if (e.getErrorCode() == UNKNOWN_DATABASE) {
                throw TargetException.refused("use database " + quote(database), e);
            }
            throw TargetException.unreachable(server, e);
        }
    }

    /** The first column of a query with one parameter, this database's name. */
    private List<String> strings(Connection on, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (PreparedStatement query = on.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    found.add(result.getString(1));
                }
            }
        }
        return found;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private static String quote(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        } catch (SQLException e) {
            throw TargetException.refused("end the connection", e);
        }
    }
}
