package dev.cdp.restore.target;

import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets sequences to where the source's stood, and past every value that stands in the columns they belong to. */
final class PostgresSequences {
    private static final Logger log = LoggerFactory.getLogger(PostgresSequences.class);

    // A sequence that goes round may stand anywhere, so it is left as it was.
    private static final String OWNED = """
            SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', tn.nspname, t.relname), quote_ident(a.attname),
                   s.seqincrement > 0, s.seqmin, s.seqmax
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
            JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
            WHERE NOT s.seqcycle AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            ORDER BY 1, 2, 3""";

    private final Statement statement;

    private PostgresSequences(Statement statement) {
        this.statement = statement;
    }

    static void set(Connection connection, List<SequenceValue> values) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            PostgresSequences sequences = new PostgresSequences(statement);
            for (SequenceValue value : values) {
                sequences.set(value);
            }
            for (Owned owned : sequences.owned()) {
                sequences.pass(owned);
            }
        }
    }

    private void set(SequenceValue value) throws SQLException {
        String name = PostgresSessions.quoted(value.schema()) + "." + PostgresSessions.quoted(value.name());
        String sql = "SELECT setval(c.oid::regclass, " + value.lastValue() + ", " + value.called()
                + ") FROM pg_class c WHERE c.relkind = 'S' AND c.oid = to_regclass(" + PostgresSessions.literal(name)
                + ")";
        try (ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                log.warn("Sequence {} is not part of the restored definition; its value is left out", name);
            }
        }
    }

    /** A sequence that feeds a column. */
    private record Owned(String sequence, String table, String column, boolean rises, long least, long greatest) {}

    private List<Owned> owned() throws SQLException {
        List<Owned> found = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(OWNED)) {
            while (row.next()) {
                found.add(new Owned(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getLong(5),
                        row.getLong(6)));
            }
        }
        return found;
    }

    /** Values outside of the sequence's bounds came from elsewhere and cannot be met. */
    private void pass(Owned owned) throws SQLException {
        String farthest = owned.rises() ? "max" : "min";
        String behind = owned.rises() ? "<" : ">";
        String sql = """
                SELECT setval(%1$s::regclass, column_value, true)
                FROM (SELECT %2$s(%3$s)::bigint AS column_value FROM %4$s WHERE %3$s BETWEEN %5$d AND %6$d) c, %7$s s
                WHERE s.last_value %8$s column_value OR NOT s.is_called AND s.last_value = column_value""".formatted(
                        PostgresSessions.literal(owned.sequence()),
                        farthest,
                        owned.column(),
                        owned.table(),
                        owned.least(),
                        owned.greatest(),
                        owned.sequence(),
                        behind);
        try (ResultSet row = statement.executeQuery(sql)) {
            if (row.next()) {
                log.info(
                        "Sequence {} was moved past the values of {}.{}",
                        owned.sequence(),
                        owned.table(),
                        owned.column());
            }
        }
    }
}
