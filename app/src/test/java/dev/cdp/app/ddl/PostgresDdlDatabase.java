package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL: a case is a schema. A lock that every transaction takes last and holds over its commit puts them in order;
 * before it they overlap as they like. Writers that get in the way of a statement are the ones to give in.
 */
final class PostgresDdlDatabase implements WitnessedDatabase {
    static final List<String> USUAL = List.of(
            "CREATE TABLE t (id int PRIMARY KEY, v text);",
            "INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 4) i;");

    private static final Pattern CASE = Pattern.compile("c(\\d\\d)(_.*)?");
    private static final String WITNESS = """
        CREATE FUNCTION witness.state(cases text, locked oid[]) RETURNS TABLE (s text, t text, ours bool, cols text[], content text[])
        LANGUAGE plpgsql SET TimeZone = 'UTC' SET search_path = pg_catalog AS $f$
        DECLARE
            one record;
            printed text;
        BEGIN
            FOR one IN SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname ~ ('^(' || cases || ')(_|$)')
                    AND c.oid <> ALL (locked) LOOP
                SELECT coalesce(array_agg(attname || ' ' || format_type(atttypid, atttypmod) ORDER BY attnum), '{}'),
                    coalesce(string_agg(format('CASE WHEN %1$I IS NOT DISTINCT FROM NULL THEN ''~'' ELSE format(''%%s'', %1$I) END',
                        attname), ' || ''|'' || ' ORDER BY attnum), '''''::text')
                INTO cols, printed FROM pg_attribute
                WHERE attrelid = one.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
                EXECUTE format('SELECT coalesce(array_agg(%s), ''{}'') FROM ONLY %I.%I', printed, one.nspname, one.relname)
                    INTO content;
                s := one.nspname; t := one.relname; ours := cdp.can_protect(one.oid);
                RETURN NEXT;
            END LOOP;
        END $f$\
        """;

    private final TestDatabase database;
    private volatile Witness.Scope scope = new Witness.Scope(0, 0);

    PostgresDdlDatabase(TestDatabase database) throws SQLException {
        this.database = database;
        makeWitness(database);
    }

    static void makeWitness(TestDatabase database) throws SQLException {
        database.execute("CREATE SCHEMA witness", "CREATE TABLE witness.turn (nobody int)", WITNESS);
    }

    static String schema(int caseNumber) {
        return "c%02d".formatted(caseNumber);
    }

    @Override
    public void setUp(int caseNumber, DdlCase one) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema(caseNumber));
            statement.execute("SET search_path = " + schema(caseNumber));
            for (String sql : one.setUp()) {
                statement.execute(sql.replace("@", schema(caseNumber)));
            }
        }
    }

    @Override
    public void lookAt(Witness.Scope cases) {
        scope = cases;
    }

    @Override
    public Session open() throws SQLException {
        return new PostgresSession(new Random(0), "2min");
    }

    @Override
    public Session openWriter(long seed) throws SQLException {
        return new PostgresSession(new Random(seed), "40ms");
    }

    @Override
    public OptionalInt caseOf(TableName table) {
        return numberOf(table);
    }

    @Override
    public Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope looked) throws SQLException {
        return lookIntoRestored(restored, looked);
    }

    /** The function that looks came along; what it asks whether a table is protected did not. */
    static Map<TableName, TableState> lookIntoRestored(TestDatabase restored, Witness.Scope looked)
            throws SQLException {
        restored.execute(
                "CREATE SCHEMA cdp",
                "CREATE FUNCTION cdp.can_protect(oid) RETURNS boolean LANGUAGE sql AS 'SELECT true'");
        try (Connection connection = restored.connect()) {
            return look(connection, looked, List.of());
        }
    }

    static OptionalInt numberOf(TableName table) {
        Matcher matcher = CASE.matcher(table.schema());
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /** What a session sees in the tables of some cases. @param locked tables that it must not touch, by oid */
    static Map<TableName, TableState> look(Connection connection, Witness.Scope looked, List<Long> locked)
            throws SQLException {
        Map<TableName, TableState> tables = new HashMap<>();
        StringBuilder cases = new StringBuilder();
        for (int i = looked.first(); i <= looked.last(); i++) {
            cases.append(cases.isEmpty() ? "" : "|").append(schema(i));
        }
        try (PreparedStatement look = connection.prepareStatement("SELECT * FROM witness.state(?, ?::oid[])")) {
            look.setString(1, cases.toString());
            look.setString(2, locked.toString().replace('[', '{').replace(']', '}'));
            try (ResultSet row = look.executeQuery()) {
                while (row.next()) {
                    tables.put(
                            new TableName(row.getString(1), row.getString(2)),
                            new TableState(
                                    row.getBoolean(3) ? TableState.Standing.PROTECTED : TableState.Standing.LEFT_OUT,
                                    texts(row, 4),
                                    texts(row, 5)));
                }
            }
        }
        return Map.copyOf(tables);
    }

    private static List<String> texts(ResultSet row, int column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private final class PostgresSession implements Session {
        private final Random random;
        private final Connection connection = database.connect();
        private final Statement statement = connection.createStatement();

        PostgresSession(Random random, String givesInAfter) throws SQLException {
            this.random = random;
            statement.execute("SET deadlock_timeout = '1min'"); // nobody is made to give in by it
            statement.execute("SET lock_timeout = '" + givesInAfter + "'");
            statement.execute("SET TimeZone = 'UTC'");
        }

        @Override
        public void run(int caseNumber, DdlCase.Step step, Consumer<Witness> into) throws SQLException {
            connection.setAutoCommit(true);
            statement.execute("SET search_path = " + schema(caseNumber));
            String what = String.join("; ", step.statements());
            if (step.form() == DdlCase.Form.FAILED) {
                throw new IllegalArgumentException("Nothing is expected to fail here: " + what);
            }
            if (step.form() == DdlCase.Form.ALONE) {
                statement.execute(what.replace("@", schema(caseNumber)));
            }
            connection.setAutoCommit(false);
            if (step.form() != DdlCase.Form.ALONE) {
                for (String sql : step.statements()) {
                    statement.execute(sql.replace("@", schema(caseNumber)));
                }
            }
            if (step.form() == DdlCase.Form.ROLLED_BACK) {
                connection.rollback();
            }
            commit(caseNumber, what, into);
        }

        @Override
        public boolean writeSomething(int caseNumber, Consumer<Witness> into) throws SQLException {
            connection.setAutoCommit(true);
            statement.execute("SET search_path = " + schema(caseNumber));
            connection.setAutoCommit(false);
            StringBuilder what = new StringBuilder("writer");
            try {
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    what.append("; ").append(change());
                }
                commit(caseNumber, what.toString(), into);
                return true;
            } catch (SQLException e) {
                connection.rollback();
                return false;
            }
        }

        /** Tables may lack what it wants to change by now: then it changes nothing. */
        private String change() throws SQLException {
            int some = 1 + random.nextInt(12);
            String sql =
                    switch (random.nextInt(6)) {
                        case 0, 1 -> "INSERT INTO t (id) VALUES (" + (100 + random.nextInt(200)) + ")";
                        case 2 -> "UPDATE t SET v = v WHERE id < " + some;
                        case 3 -> "UPDATE t SET v = left(v || 'x', 20000) WHERE id < " + some;
                        case 4 -> "UPDATE t SET id = id + 100 WHERE id = " + (100 + random.nextInt(100));
                        default -> "DELETE FROM t WHERE id > " + (150 + random.nextInt(200)) + " AND id < 400";
                    };
            statement.execute("SAVEPOINT change");
            try {
                statement.execute(sql);
                return sql;
            } catch (SQLException e) {
                statement.execute("ROLLBACK TO change");
                return "";
            }
        }

        private void commit(int caseNumber, String what, Consumer<Witness> into) throws SQLException {
            statement.execute("LOCK TABLE witness.turn IN EXCLUSIVE MODE");
            Witness.Scope looked = scope;
            Map<TableName, TableState> tables = look(connection, looked, List.of());
            into.accept(new Witness(caseNumber, what, transaction(), looked, tables));
            connection.commit();
        }

        private @Nullable String transaction() throws SQLException {
            try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id_if_assigned()::text")) {
                row.next();
                return row.getString(1);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
