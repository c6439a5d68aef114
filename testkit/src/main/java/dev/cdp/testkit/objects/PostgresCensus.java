package dev.cdp.testkit.objects;

import dev.cdp.testkit.services.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;

/**
 * All that a PostgreSQL server of any version says of one database: its catalog, as the server's own functions print it,
 * and a sorted {@code COPY} of every table. The schema {@code cdp} and what else is ours are left out, and so are rows of
 * tables that are not logged and where sequences stand.
 */
public final class PostgresCensus {
    private static final String SESSION = "SET search_path = pg_catalog; SET DateStyle = 'ISO, YMD';"
            + " SET IntervalStyle = 'iso_8601'; SET TimeZone = 'America/St_Johns'; SET extra_float_digits = 1;"
            + " SET row_security = off";
    private static final Pattern KEPT = Pattern.compile("@kept\\((.*?)\\)");
    private static final Pattern OWN = Pattern.compile("@own\\((\\w+), (.*?)\\)");
    private static final Pattern PRIVILEGES = Pattern.compile("@acl\\(([^,]+), (.+?), ([^,)]+)\\)");
    private static final String TABLES = """
            SELECT c.oid::regclass::text FROM pg_class c WHERE @kept(c.relnamespace) AND @own(pg_class, c.oid)
                AND (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND c.relpersistence = 'p' ORDER BY 1""";
    private static final String SEQUENCES = """
            SELECT c.oid::regclass::text, s.last_value FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
            JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
            WHERE s.last_value IS NOT NULL AND @kept(c.relnamespace)""";

    private PostgresCensus() {}

    /** Lines that two databases have in common if they are the same; none of them names the database. */
    public static List<String> of(TestDatabase database) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
            for (String query : queries()) {
                lines.addAll(answer(statement, query));
            }
            for (String table : column(statement, TABLES)) {
                lines.addAll(rows(connection, table));
            }
        }
        return lines;
    }

    /** Where every sequence stands that was used. */
    public static Map<String, Long> sequences(TestDatabase database) throws SQLException {
        Map<String, Long> sequences = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
            try (ResultSet row = statement.executeQuery(expanded(SEQUENCES))) {
                while (row.next()) {
                    sequences.put(row.getString(1), row.getLong(2));
                }
            }
        }
        return sequences;
    }

    private static List<String> queries() {
        try (InputStream text = PostgresCensus.class.getResourceAsStream("postgresql-census.sql")) {
            String all = new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(all.split("\n\n"))
                    .filter(part -> part.contains("SELECT"))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read the queries", e);
        }
    }

    /** A line of comment, which names what is asked for, and a query. */
    private static List<String> answer(Statement statement, String titled) throws SQLException {
        String title = titled.substring(0, titled.indexOf('\n')).replaceFirst("-+ ", "");
        List<String> lines = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(expanded(titled))) {
            while (row.next()) {
                StringJoiner line = new StringJoiner(" | ", title + ": ", "");
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    line.add(String.valueOf(row.getString(i)));
                }
                lines.add(line.toString());
            }
        } catch (SQLException e) {
            throw new SQLException(e.getMessage() + " when asked for " + title, e);
        }
        lines.sort(null);
        return lines;
    }

    private static String expanded(String sql) {
        String kept = KEPT.matcher(sql)
                .replaceAll(found -> Matcher.quoteReplacement("(" + found.group(1)
                        + " NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('information_schema', 'cdp')"
                        + " OR nspname ~ '^pg_'))"));
        String own = OWN.matcher(kept)
                .replaceAll(found -> Matcher.quoteReplacement("NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '"
                        + found.group(1) + "'::regclass AND x.objid = " + found.group(2) + " AND x.deptype = 'e')"));
        return PRIVILEGES
                .matcher(own)
                .replaceAll(found -> Matcher.quoteReplacement(
                        "(SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE \"C\") FROM unnest(coalesce("
                                + found.group(1) + ", acldefault(" + found.group(2) + ", " + found.group(3)
                                + "))) a)"));
    }

    private static List<String> column(Statement statement, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(expanded(sql))) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private static List<String> rows(Connection connection, String table) throws SQLException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (SELECT * FROM ONLY " + table + ") TO STDOUT", bytes);
        } catch (IOException e) {
            throw new SQLException("Cannot copy " + table, e);
        }
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .sorted()
                .map(row -> "row of " + table + ": " + row)
                .toList();
    }
}
