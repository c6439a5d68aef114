package dev.cdp.capture.postgres;

import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** Reads where every sequence stands. The view pg_sequences hides a value set by setval(…, false). */
final class SequenceValues {
    private static final String SEQUENCES = """
        SELECT quote_literal(n.nspname), quote_literal(c.relname), format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname <> 'cdp' ORDER BY 1, 2\
        """;

    private static final int ATTEMPTS = 30;

    /** What a sequence that is listed and dropped, or renamed, before it is looked at leads to. */
    private static final Set<String> VANISHED = Set.of("42P01", "3F000", "XX000");

    private SequenceValues() {}

    /** The application may drop some meanwhile: those that are left are read again. */
    static List<SequenceValue> read(Connection connection) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return readListed(connection);
            } catch (SQLException overtaken) {
                if (attempt == ATTEMPTS || !VANISHED.contains(overtaken.getSQLState())) {
                    throw overtaken;
                }
            }
        }
    }

    private static List<SequenceValue> readListed(Connection connection) throws SQLException {
        StringJoiner each = new StringJoiner(" UNION ALL ");
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SEQUENCES)) {
            while (row.next()) {
                each.add("SELECT " + row.getString(1) + ", " + row.getString(2) + ", last_value, is_called FROM "
                        + row.getString(3));
            }
        }
        List<SequenceValue> values = new ArrayList<>();
        if (each.length() == 0) {
            return values;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(each.toString())) {
            while (row.next()) {
                values.add(new SequenceValue(
                        SequenceValue.Kind.SEQUENCE,
                        row.getString(1),
                        row.getString(2),
                        row.getLong(3),
                        row.getBoolean(4)));
            }
        }
        return values;
    }
}
