package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB: the tables of a case have a prefix. A lock of this process that is held over each commit, and over the look
 * before it, puts transactions in order; before it they overlap as they like. A statement under test commits by itself
 * and so takes the lock first; writers that get in its way are the ones to give in. Each GTID is the server's own.
 */
final class MariaDbDdlDatabase implements WitnessedDatabase {
    static final List<String> USUAL = List.of(
            "CREATE TABLE @t (id int PRIMARY KEY, v varchar(4000));",
            "INSERT INTO @t SELECT seq, CONCAT('row ', seq) FROM seq_1_to_4;");

    private static final int ATTEMPTS = 1000;
    private static final int GIVES_IN_AFTER_MILLIS = 20;

    private final TestDatabase database;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile Witness.Scope scope = new Witness.Scope(0, 0);

    MariaDbDdlDatabase(TestDatabase database) {
        this.database = database;
    }

    @Override
    public void setUp(int caseNumber, DdlCase one) throws SQLException {
        database.execute(one.setUp().stream()
                .map(sql -> sql.replace("@", MariaDbLook.prefix(caseNumber)))
                .toArray(String[]::new));
    }

    @Override
    public void lookAt(Witness.Scope cases) {
        scope = cases;
    }

    @Override
    public Session open() throws SQLException {
        return new MariaDbSession(new Random(0), true, 60);
    }

    @Override
    public Session openWriter(long seed) throws SQLException {
        return new MariaDbSession(new Random(seed), false, 1);
    }

    @Override
    public OptionalInt caseOf(TableName table) {
        return MariaDbLook.numberOf(table);
    }

    @Override
    public Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope looked) throws SQLException {
        try (Connection connection = restored.connect();
                Statement eyes = connection.createStatement()) {
            eyes.setEscapeProcessing(false);
            return MariaDbLook.look(eyes, database.name(), looked);
        }
    }

    private final class MariaDbSession implements Session {
        private final Random random;
        private final Connection connection = database.connect();
        private final Statement statement = connection.createStatement();
        private final Connection other = database.connect(); // from which temporary tables hide nothing
        private final Statement eyes;
        private String lastGtid = "";

        MariaDbSession(Random random, boolean commitsByItself, int patienceSeconds) throws SQLException {
            this.random = random;
            eyes = commitsByItself ? other.createStatement() : statement;
            statement.setEscapeProcessing(false);
            eyes.setEscapeProcessing(false);
            connection.setAutoCommit(commitsByItself);
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            statement.execute("SET lock_wait_timeout = " + patienceSeconds);
            statement.execute("SET innodb_lock_wait_timeout = " + patienceSeconds);
        }

        @Override
        public void run(int caseNumber, DdlCase.Step step, Consumer<Witness> into) throws SQLException {
            for (String sql : step.statements()) {
                for (int attempt = 0; !run(caseNumber, step.form(), sql, into); attempt++) {
                    if (attempt == ATTEMPTS) {
                        throw new SQLException("Writers were in the way " + ATTEMPTS + " times");
                    }
                }
            }
        }

        /** @return whether it was done: the server may have it give in to a writer */
        private boolean run(int caseNumber, DdlCase.Form form, String sql, Consumer<Witness> into) throws SQLException {
            turn.lock();
            try {
                execute(form, sql.replace("@", MariaDbLook.prefix(caseNumber)));
                String gtid = gtid();
                Seen seen = look();
                into.accept(new Witness(caseNumber, sql, gtid, seen.scope(), seen.tables()));
                return true;
            } catch (SQLTransactionRollbackException e) {
                return false;
            } finally {
                turn.unlock();
            }
        }

        private void execute(DdlCase.Form form, String sql) throws SQLException {
            boolean failed = false;
            try {
                statement.execute(sql);
            } catch (SQLTransactionRollbackException e) {
                throw e;
            } catch (SQLException e) {
                failed = true;
                if (form != DdlCase.Form.FAILED) {
                    throw e;
                }
            }
            if (form == DdlCase.Form.FAILED && !failed) {
                throw new SQLException("It did not fail: " + sql);
            }
        }

        @Override
        public boolean writeSomething(int caseNumber, Consumer<Witness> into) throws SQLException {
            StringBuilder what = new StringBuilder("writer");
            try {
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    what.append("; ").append(change(MariaDbLook.prefix(caseNumber)));
                }
                return commitInTurn(caseNumber, what.toString(), into);
            } catch (SQLException e) {
                connection.rollback();
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("Interrupted", e);
            }
        }

        private boolean commitInTurn(int caseNumber, String what, Consumer<Witness> into)
                throws SQLException, InterruptedException {
            if (!turn.tryLock(GIVES_IN_AFTER_MILLIS, TimeUnit.MILLISECONDS)) {
                connection.rollback();
                return false;
            }
            try {
                Seen seen = look();
                connection.commit();
                into.accept(new Witness(caseNumber, what, gtid(), seen.scope(), seen.tables()));
                return true;
            } finally {
                turn.unlock();
            }
        }

        /** Tables may lack what it wants to change by now: then it changes nothing. */
        private String change(String prefix) {
            int some = 1 + random.nextInt(12);
            String sql =
                    switch (random.nextInt(6)) {
                        case 0, 1 -> "INSERT INTO @t (id) VALUES (" + (100 + random.nextInt(200)) + ")";
                        case 2 -> "UPDATE @t SET v = v WHERE id < " + some;
                        case 3 -> "UPDATE @t SET v = LEFT(CONCAT(v, 'x'), 200) WHERE id < " + some;
                        case 4 -> "UPDATE @t SET id = id + 100 WHERE id = " + (100 + random.nextInt(100));
                        default -> "DELETE FROM @t WHERE id > " + (150 + random.nextInt(200)) + " AND id < 400";
                    };
            try {
                statement.execute(sql.replace("@", prefix));
                return sql;
            } catch (SQLException e) {
                return "";
            }
        }

        /** Of what was just committed; null when that left no trace. */
        private @Nullable String gtid() throws SQLException {
            try (ResultSet row = statement.executeQuery("SELECT @@last_gtid")) {
                row.next();
                String now = String.valueOf(row.getString(1));
                boolean isNew = !now.equals(lastGtid);
                lastGtid = now;
                return isNew ? now : null;
            }
        }

        private record Seen(Witness.Scope scope, Map<TableName, TableState> tables) {}

        private Seen look() throws SQLException {
            Witness.Scope looked = scope;
            return new Seen(looked, MariaDbLook.look(eyes, database.name(), looked));
        }

        @Override
        public void close() throws SQLException {
            other.close();
            connection.close();
        }
    }
}
