package dev.cdp.app.ddl;

import dev.cdp.app.ddl.PostgresCatalog.Table;
import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** PostgreSQL: a case is a schema, or two. */
final class FuzzedPostgres implements FuzzedDatabase {
    private static final String LOCKED = """
            SELECT c.oid, n.nspname, c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.mode = 'AccessExclusiveLock' AND l.granted AND c.relkind = 'r'
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

    private final TestDatabase database;
    private final Connection eyes;
    private int sessions;
    /** Only one at a time defines: a second one would wait for what the first one does to the publication. */
    private @Nullable Player defining;

    FuzzedPostgres(TestDatabase database) throws SQLException {
        this.database = database;
        PostgresDdlDatabase.makeWitness(database);
        this.eyes = database.connect();
    }

    @Override
    public Optional<Ended> setUp(int caseNumber, Random random, FuzzLog log) throws SQLException {
        try (PostgresPlayer player = new PostgresPlayer(caseNumber, random, log)) {
            return player.setUp();
        }
    }

    @Override
    public Player open(int caseNumber, Random random, FuzzLog log) throws SQLException {
        return new PostgresPlayer(caseNumber, random, log);
    }

    @Override
    public Map<TableName, TableState> look(Witness.Scope scope) throws SQLException {
        Map<TableName, TableState> tables = new HashMap<>();
        List<Long> locked = new ArrayList<>();
        try (Statement statement = eyes.createStatement();
                ResultSet row = statement.executeQuery(LOCKED)) {
            while (row.next()) {
                locked.add(row.getLong(1));
                tables.put(
                        new TableName(row.getString(2), row.getString(3)),
                        new TableState(TableState.Standing.LOCKED, List.of(), List.of()));
            }
        }
        tables.putAll(PostgresDdlDatabase.look(eyes, scope, locked));
        return Map.copyOf(tables);
    }

    @Override
    public Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope scope) throws SQLException {
        return PostgresDdlDatabase.lookIntoRestored(restored, scope);
    }

    @Override
    public OptionalInt caseOf(TableName table) {
        return PostgresDdlDatabase.numberOf(table);
    }

    @Override
    public void close() throws SQLException {
        eyes.close();
    }

    private final class PostgresPlayer implements Player {
        private static final int LONGEST = 7;

        private final String schema;
        private final String name = "session " + ++sessions;
        private final Dice dice;
        private final PostgresStatements statements;
        private final FuzzLog log;
        private final Connection connection = database.connect();
        private final Statement statement = connection.createStatement();
        private final List<String> what = new ArrayList<>();
        private boolean isOpen;
        private boolean survivesErrors;
        private boolean defines;
        private boolean hasSavepoint;
        private int left;

        PostgresPlayer(int caseNumber, Random random, FuzzLog log) throws SQLException {
            this.schema = PostgresDdlDatabase.schema(caseNumber);
            this.dice = new Dice(random);
            this.statements = new PostgresStatements(schema, dice);
            this.log = log;
            statement.setEscapeProcessing(false);
            statement.execute("SET lock_timeout = '20ms'"); // who waits here waits for this very thread
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET search_path = " + schema);
        }

        Optional<Ended> setUp() throws SQLException {
            for (String sql : statements.begin()) {
                execute(sql);
            }
            for (int i = dice.between(2, 4); i > 0; i--) {
                tryAlone(statements.createTable(catalog()));
            }
            for (Table table : catalog()) {
                for (String sql : statements.complete(table)) {
                    tryAlone(sql);
                }
            }
            for (int i = 0; i < 8; i++) {
                tryAlone(statements.change(catalog()));
            }
            connection.setAutoCommit(false);
            isOpen = true;
            attempt("CREATE TABLE " + schema + ".ready (id int PRIMARY KEY)");
            return end();
        }

        private List<Table> catalog() throws SQLException {
            return PostgresCatalog.read(statement, schema);
        }

        private void tryAlone(String sql) {
            try {
                execute(sql);
            } catch (SQLException e) {
                log.failed(name, sql, String.valueOf(e.getMessage()));
            }
        }

        private void execute(String sql) throws SQLException {
            statement.execute(sql);
            log.done(name, sql);
        }

        @Override
        public Optional<Ended> act() throws SQLException {
            if (!isOpen) {
                return begin();
            }
            if (left-- <= 0) {
                return dice.oneIn(6) ? rollBack() : end();
            }
            List<Table> tables = catalog();
            if (dice.oneIn(12)) {
                hasSavepoint = true;
                attempt("SAVEPOINT s");
            } else if (hasSavepoint && dice.oneIn(8)) {
                attempt(dice.pick("ROLLBACK TO s", "RELEASE s"));
            } else if (defines && dice.oneIn(5)) {
                for (String sql : statements.exchange(tables)) {
                    attempt(sql);
                }
            } else if (defines && dice.oneIn(2)) {
                attempt(statements.define(tables));
                completeNew(tables);
            } else {
                attempt(statements.change(tables));
            }
            return Optional.empty();
        }

        private Optional<Ended> begin() throws SQLException {
            if (dice.oneIn(40) && !catalog().isEmpty()) {
                String sql = statements.alone(catalog());
                tryAlone(sql);
                return Optional.of(new Ended(sql, null));
            }
            connection.setAutoCommit(false);
            isOpen = true;
            what.clear();
            hasSavepoint = false;
            survivesErrors = !dice.oneIn(4);
            left = dice.between(1, LONGEST);
            defines = defining == null && dice.oneIn(2);
            if (defines) {
                defining = this;
            }
            return Optional.empty();
        }

        private void completeNew(List<Table> before) throws SQLException {
            if (!isOpen) {
                return;
            }
            List<String> known = before.stream().map(Table::sql).toList();
            for (Table table : catalog()) {
                if (!known.contains(table.sql()) && !dice.oneIn(4)) {
                    for (String sql : statements.complete(table)) {
                        attempt(sql);
                    }
                }
            }
        }

        private void attempt(String sql) throws SQLException {
            if (!isOpen) {
                return;
            }
            boolean guarded = survivesErrors && !sql.matches("(?s)(SAVEPOINT|ROLLBACK TO|RELEASE) .*");
            try {
                if (guarded) {
                    statement.execute("SAVEPOINT guard");
                }
                execute(sql);
                what.add(sql);
                if (guarded && dice.oneIn(2)) {
                    statement.execute("RELEASE guard");
                }
            } catch (SQLException e) {
                log.failed(name, sql, String.valueOf(e.getMessage()));
                if (guarded) {
                    statement.execute("ROLLBACK TO guard");
                } else {
                    rollBack();
                }
            }
        }

        @Override
        public Optional<Ended> end() throws SQLException {
            if (!isOpen) {
                return Optional.empty();
            }
            String id;
            try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id_if_assigned()::text")) {
                row.next();
                id = row.getString(1);
            }
            try {
                commit();
            } catch (SQLException e) { // a constraint that was deferred
                log.failed(name, "COMMIT", String.valueOf(e.getMessage()));
                return rollBack();
            }
            closed();
            return Optional.of(new Ended(String.join("; ", what), id));
        }

        private void commit() throws SQLException {
            if (dice.oneIn(10)) {
                statement.execute("PREPARE TRANSACTION '" + schema + "'");
                connection.setAutoCommit(true);
                execute("COMMIT PREPARED '" + schema + "'");
            } else {
                connection.commit();
            }
        }

        private Optional<Ended> rollBack() throws SQLException {
            connection.rollback();
            log.note(name + " rolled back");
            closed();
            return Optional.empty();
        }

        private void closed() throws SQLException {
            connection.setAutoCommit(true);
            isOpen = false;
            if (defines) {
                defining = null;
                defines = false;
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
