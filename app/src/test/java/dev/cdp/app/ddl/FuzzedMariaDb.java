package dev.cdp.app.ddl;

import dev.cdp.app.ddl.MariaDbStatements.Table;
import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** MariaDB: the tables of a case have a prefix. Statements that define commit what is open, and themselves. */
final class FuzzedMariaDb implements FuzzedDatabase {
    private final TestDatabase database;
    private final Connection eyes; // from which temporary tables hide nothing
    private int sessions;

    FuzzedMariaDb(TestDatabase database) throws SQLException {
        this.database = database;
        this.eyes = database.connect();
    }

    @Override
    public Optional<Ended> setUp(int caseNumber, Random random, FuzzLog log) throws SQLException {
        try (MariaDbPlayer player = new MariaDbPlayer(caseNumber, random, log)) {
            return player.setUp();
        }
    }

    @Override
    public Player open(int caseNumber, Random random, FuzzLog log) throws SQLException {
        return new MariaDbPlayer(caseNumber, random, log);
    }

    @Override
    public Map<TableName, TableState> look(Witness.Scope scope) throws SQLException {
        return look(eyes, scope);
    }

    @Override
    public Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope scope) throws SQLException {
        try (Connection connection = restored.connect()) {
            return look(connection, scope);
        }
    }

    private Map<TableName, TableState> look(Connection connection, Witness.Scope scope) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            return MariaDbLook.look(statement, database.name(), scope);
        }
    }

    @Override
    public OptionalInt caseOf(TableName table) {
        return MariaDbLook.numberOf(table);
    }

    @Override
    public void close() throws SQLException {
        eyes.close();
    }

    private enum Form {
        NONE,
        USUAL,
        XA
    }

    private final class MariaDbPlayer implements Player {
        private static final int LONGEST = 7;

        private final String name = "session " + ++sessions;
        private final String xid;
        private final Dice dice;
        private final MariaDbStatements statements;
        private final FuzzLog log;
        private final Connection connection = database.connect();
        private final Statement statement = connection.createStatement();
        private final List<String> what = new ArrayList<>();
        private Form open = Form.NONE;
        private boolean hasSavepoint;
        private int left;
        private String lastGtid = "";

        MariaDbPlayer(int caseNumber, Random random, FuzzLog log) throws SQLException {
            this.xid = "'" + database.name() + " " + name + "'";
            this.dice = new Dice(random);
            this.statements = new MariaDbStatements(MariaDbLook.prefix(caseNumber), dice);
            this.log = log;
            statement.setEscapeProcessing(false);
            statement.execute(
                    "SET SESSION TRANSACTION ISOLATION LEVEL " + dice.pick("READ COMMITTED", "REPEATABLE READ"));
            statement.execute(
                    "SET lock_wait_timeout = 0, innodb_lock_wait_timeout = 0"); // it would wait for this very thread
            statement.execute("SET time_zone = '+02:00'");
        }

        Optional<Ended> setUp() throws SQLException {
            for (int i = dice.between(2, 4); i > 0; i--) {
                attempt(statements.createTable(catalog()));
            }
            for (int i = 0; i < 8; i++) {
                attempt(statements.change(catalog()));
            }
            return ended();
        }

        private List<Table> catalog() throws SQLException {
            return statements.catalog(statement);
        }

        private void attempt(String sql) {
            try {
                statement.execute(sql);
                log.done(name, sql);
                what.add(sql);
            } catch (SQLException e) {
                log.failed(name, sql, String.valueOf(e.getMessage()));
            }
        }

        @Override
        public Optional<Ended> act() throws SQLException {
            if (open == Form.NONE) {
                return begin();
            }
            if (left-- <= 0) {
                return dice.oneIn(6) ? rollBack() : end();
            }
            if (open == Form.USUAL && dice.oneIn(25)) {
                attempt(statements.define(catalog()));
                return ended(); // also where it failed
            }
            if (dice.oneIn(10)) {
                hasSavepoint = true;
                attempt("SAVEPOINT s");
            } else if (hasSavepoint && dice.oneIn(5)) {
                attempt(dice.pick("ROLLBACK TO s", "SAVEPOINT s"));
            } else if (open == Form.USUAL && dice.oneIn(40)) {
                attempt("CREATE TEMPORARY TABLE IF NOT EXISTS seen_by_one (v int)");
                attempt("INSERT INTO seen_by_one VALUES (1)");
            } else {
                attempt(statements.change(catalog()));
            }
            return open == Form.USUAL && !isInTransaction() ? ended() : Optional.empty();
        }

        /** What changes rows makes a table where there is none, which commits; some errors roll back. */
        private boolean isInTransaction() throws SQLException {
            try (ResultSet row = statement.executeQuery("SELECT @@in_transaction")) {
                return row.next() && row.getBoolean(1);
            }
        }

        private Optional<Ended> begin() throws SQLException {
            what.clear();
            if (dice.below(5) < 2) {
                attempt(statements.define(catalog()));
                return ended();
            }
            if (dice.oneIn(6)) {
                attempt(statements.change(catalog()));
                return ended();
            }
            open = dice.oneIn(8) ? Form.XA : Form.USUAL;
            hasSavepoint = false;
            left = dice.between(1, LONGEST);
            attempt(open == Form.XA ? "XA START " + xid : "START TRANSACTION");
            return Optional.empty();
        }

        @Override
        public Optional<Ended> end() throws SQLException {
            if (open == Form.XA) {
                attempt("XA END " + xid);
                attempt("XA PREPARE " + xid);
                attempt("XA COMMIT " + xid);
            } else if (open == Form.USUAL) {
                attempt("COMMIT");
            }
            return ended();
        }

        private Optional<Ended> rollBack() throws SQLException {
            if (open == Form.XA) {
                attempt("XA END " + xid);
                if (dice.oneIn(2)) {
                    attempt("XA PREPARE " + xid);
                }
                attempt("XA ROLLBACK " + xid);
            } else {
                attempt("ROLLBACK");
            }
            return ended(); // the server logs some of what was rolled back
        }

        /** Empty when nothing of it is in the log. */
        private Optional<Ended> ended() throws SQLException {
            open = Form.NONE;
            String id = gtid();
            return id == null ? Optional.empty() : Optional.of(new Ended(String.join("; ", what), id));
        }

        private @Nullable String gtid() throws SQLException {
            try (ResultSet row = statement.executeQuery("SELECT @@last_gtid")) {
                row.next();
                String now = String.valueOf(row.getString(1));
                boolean isNew = !now.equals(lastGtid);
                lastGtid = now;
                return isNew ? now : null;
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
