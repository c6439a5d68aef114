package dev.cdp.restore.target;

import dev.cdp.core.Column;
import dev.cdp.core.Engine;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionSession;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.SequenceValue;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * A database on a PostgreSQL server.
 *
 * <p>While it is incomplete it has another name, {@code <name>__incomplete}, and its comment says which plan it belongs
 * to. Renaming is the last step: PostgreSQL does it at once, or not at all, and nobody can mistake one for the other.
 */
final class PostgresTarget implements TargetDatabase {
    private static final String MAINTENANCE_DATABASE = "postgres";
    static final String SUFFIX = "__incomplete";
    private static final int LONGEST_NAME = 63;
    private static final int COPY_BYTES = 64 << 10;
    /** As the values in the archive were printed. */
    private static final List<String> PINNED = List.of(
            "SET TimeZone = 'UTC'",
            "SET extra_float_digits = 1",
            "SET bytea_output = 'hex'",
            "SET lc_monetary = 'C'",
            "SET client_encoding = 'UTF8'",
            "SET synchronous_commit = off");

    private final TargetServer server;
    private final String name;
    private final String incompleteName;
    private @Nullable Connection connection;

    PostgresTarget(TargetServer server, String name) {
        this.server = server;
        this.name = name;
        String start = name.length() > LONGEST_NAME - SUFFIX.length()
                ? name.substring(0, LONGEST_NAME - SUFFIX.length())
                : name;
        this.incompleteName = start + SUFFIX;
    }

    @Override
    public Standing standing(String planId) {
        try (Connection maintenance = connect(MAINTENANCE_DATABASE)) {
            if (!flag(maintenance, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")) {
                throw TargetException.mayNotCreate(server, "ALTER ROLE " + quote(server.user()) + " CREATEDB");
            }
            if (exists(maintenance, name)) {
                return isEmpty() ? Standing.EMPTY : Standing.NOT_EMPTY;
            }
            if (!exists(maintenance, incompleteName)) {
                return Standing.ABSENT;
            }
            return comment(planId).equals(commentOf(maintenance)) ? Standing.OWN_INCOMPLETE : Standing.NOT_EMPTY;
        } catch (SQLException e) {
            throw TargetException.refused("say what stands under '" + name + "'", e);
        }
    }

    private boolean isEmpty() throws SQLException {
        try (Connection existing = connect(name)) {
            return flag(
                    existing,
                    "SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%')");
        }
    }

    private @Nullable String commentOf(Connection maintenance) throws SQLException {
        try (PreparedStatement query = maintenance.prepareStatement(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ?")) {
            query.setString(1, incompleteName);
            try (ResultSet result = query.executeQuery()) {
                return result.next() ? result.getString(1) : null;
            }
        }
    }

    private static String comment(String planId) {
        return "cdp restore " + planId + ": incomplete";
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
        try (Connection maintenance = connect(MAINTENANCE_DATABASE)) {
            if (standing == Standing.EMPTY) { // its owner's settings stay; the name comes back when it is complete
                run(maintenance, "ALTER DATABASE " + quote(name) + " RENAME TO " + quote(incompleteName));
            } else {
                if (standing == Standing.OWN_INCOMPLETE) {
                    run(maintenance, "DROP DATABASE " + quote(incompleteName) + " WITH (FORCE)");
                }
                run(maintenance, create(definition.databaseSettings(), serverVersion(maintenance)));
            }
            run(maintenance, "COMMENT ON DATABASE " + quote(incompleteName) + " IS " + literal(comment(planId)));
            connection = connect(incompleteName);
            for (String setting : DefinitionSession.settings(Engine.POSTGRESQL)) {
                run(connection, setting);
            }
            for (String setting : PINNED) {
                run(connection, setting);
            }
        } catch (SQLException e) {
            throw TargetException.refused("make database " + quote(name), e);
        }
    }

    /** From template0, which alone may have another encoding than the server's own. */
    private String create(Map<String, String> settings, int version) {
        StringBuilder sql = new StringBuilder("CREATE DATABASE ")
                .append(quote(incompleteName))
                .append(" TEMPLATE template0");
        Map<String, String> options = Map.of(
                "encoding", "ENCODING",
                "lc_collate", "LC_COLLATE",
                "lc_ctype", "LC_CTYPE",
                "locale_provider", "LOCALE_PROVIDER",
                "locale", version >= 17 ? "LOCALE" : "ICU_LOCALE",
                "icu_rules", "ICU_RULES");
        options.forEach((setting, option) -> {
            String value = settings.get(setting);
            boolean known = version >= 15 || !option.startsWith("LOCALE") && !option.startsWith("ICU");
            if (value != null && known) {
                String spelled = "icu".equals(settings.get("locale_provider")) && option.equals("LOCALE")
                        ? "ICU_LOCALE"
                        : option;
                sql.append(' ').append(spelled).append(' ').append(literal(value));
            }
        });
        return sql.toString();
    }

    @Override
    public void run(List<DefinitionStatement> statements) {
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
        CopyText text = new CopyText(table);
        String sql = "COPY " + quote(table.name()) + " (" + columns(table) + ") FROM STDIN";
        try {
            CopyIn copy = open().unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
            try {
                ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * COPY_BYTES);
                for (RowImage row = rows.next(); row != null; row = rows.next()) {
                    text.write(row, buffer);
                    if (buffer.size() >= COPY_BYTES) {
                        send(copy, buffer);
                    }
                }
                send(copy, buffer);
                copy.endCopy();
            } finally {
                if (copy.isActive()) {
                    copy.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw TargetException.refused("load table " + quote(table.name()), e);
        }
    }

    private static void send(CopyIn copy, ByteArrayOutputStream buffer) throws SQLException {
        byte[] bytes = buffer.toByteArray();
        copy.writeToCopy(bytes, 0, bytes.length);
        buffer.reset();
    }

    @Override
    public void read(TableSchema table, Consumer<RowImage> rows) {
        CopyText text = new CopyText(table);
        String sql = "COPY (SELECT " + columns(table) + " FROM ONLY " + quote(table.name()) + ") TO STDOUT";
        try {
            CopyOut copy = open().unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                rows.accept(text.read(line));
            }
        } catch (SQLException e) {
            throw TargetException.refused("read table " + quote(table.name()) + " back", e);
        }
    }

    @Override
    public void set(List<SequenceValue> values) {
        for (SequenceValue value : values) {
            String sequence = quote(new TableName(value.schema(), value.name()));
            try (PreparedStatement statement =
                    open().prepareStatement("SELECT setval(to_regclass(?), ?, ?) WHERE to_regclass(?) IS NOT NULL")) {
                statement.setString(1, sequence);
                statement.setLong(2, value.lastValue());
                statement.setBoolean(3, value.called());
                statement.setString(4, sequence);
                statement.execute();
            } catch (SQLException e) {
                throw TargetException.refused("set sequence " + sequence, e);
            }
        }
    }

    @Override
    public void analyze() {
        try {
            run(open(), "ANALYZE");
        } catch (SQLException e) {
            throw TargetException.refused("gather statistics", e);
        }
    }

    @Override
    public void finish() {
        close();
        try (Connection maintenance = connect(MAINTENANCE_DATABASE)) {
            run(maintenance, "COMMENT ON DATABASE " + quote(incompleteName) + " IS NULL");
            run(maintenance, "ALTER DATABASE " + quote(incompleteName) + " RENAME TO " + quote(name));
        } catch (SQLException e) {
            throw TargetException.refused("name the complete database " + quote(name), e);
        }
    }

    @Override
    public String connectCommand() {
        return "psql -h " + server.host() + " -p " + server.port() + " -U " + server.user() + " -d " + name;
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
        properties.setProperty("ApplicationName", "cdp restore");
        properties.setProperty("connectTimeout", "10");
        try {
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + server.host() + ":" + server.port() + "/"
                            + java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8),
                    properties);
        } catch (SQLException e) {
            throw TargetException.unreachable(server, e);
        }
    }

    private static int serverVersion(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    private static boolean exists(Connection maintenance, String database) throws SQLException {
        return flag(maintenance, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = " + literal(database) + ")");
    }

    private static boolean flag(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
        }
    }

    /** Statements of definitions run as they stand: bodies hold braces and question marks. */
    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    private static String columns(TableSchema table) {
        return table.columns().stream()
                .map(Column::name)
                .map(PostgresTarget::quote)
                .collect(Collectors.joining(", "));
    }

    private static String quote(TableName table) {
        return quote(table.schema()) + "." + quote(table.name());
    }

    private static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
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
