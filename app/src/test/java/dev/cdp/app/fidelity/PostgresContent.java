package dev.cdp.app.fidelity;

import dev.cdp.testkit.services.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.postgresql.PGConnection;

/** What the server itself prints of a table, by the output functions of the types. */
final class PostgresContent {
    private static final int SHOWN = 3;
    private static final int SHOWN_CHARACTERS = 500;
    private static final String SESSION = "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres_verbose';"
            + " SET TimeZone = 'Asia/Kathmandu'; SET extra_float_digits = 3; SET bytea_output = 'escape'";

    private PostgresContent() {}

    /** The column's names, then every row, sorted. */
    static List<String> printed(TestDatabase database, String table) throws SQLException {
        String text = copied(database, "COPY (SELECT * FROM ONLY " + table + ") TO STDOUT");
        List<String> rows = new ArrayList<>();
        rows.add(header(database, table));
        text.lines().sorted().forEach(rows::add);
        return rows;
    }

    /** As {@code COPY} prints it from version 15 on. */
    private static String header(TestDatabase database, String table) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM ONLY " + table + " LIMIT 0")) {
            StringJoiner names = new StringJoiner("\t");
            for (int i = 1; i <= none.getMetaData().getColumnCount(); i++) {
                names.add(none.getMetaData()
                        .getColumnName(i)
                        .replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t"));
            }
            return names.toString();
        }
    }

    /** Bytes as characters of the same number, so that none is lost. */
    private static String copied(TestDatabase database, String copy) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy, bytes);
            return bytes.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some of what differs, by column where rows stand beside each other; the column {@code ""} where they do not. */
    static Map<String, String> differences(List<String> expected, List<String> actual) {
        Map<String, String> differences = new LinkedHashMap<>();
        if (expected.size() != actual.size() || !expected.get(0).equals(actual.get(0))) {
            differences.put("", first(expected, actual));
            return differences;
        }
        String[] names = expected.get(0).split("\t");
        for (int row = 1; row < expected.size(); row++) {
            String[] wanted = expected.get(row).split("\t", -1);
            String[] found = actual.get(row).split("\t", -1);
            for (int i = 0; i < names.length; i++) {
                if (!wanted[i].equals(found[i])) {
                    differences.putIfAbsent(
                            names[i], shown(wanted[i]) + " became " + shown(found[i]) + " in the row " + wanted[0]);
                }
            }
        }
        return differences;
    }

    private static String first(List<String> expected, List<String> actual) {
        List<String> missing = new ArrayList<>(expected);
        actual.forEach(missing::remove);
        List<String> more = new ArrayList<>(actual);
        expected.forEach(more::remove);
        return missing.size() + " missing " + some(missing) + ", " + more.size() + " more " + some(more);
    }

    private static List<String> some(List<String> rows) {
        return rows.stream().limit(SHOWN).map(PostgresContent::shown).toList();
    }

    private static String shown(String text) {
        return text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
    }
}
