package dev.cdp.app.faults;

import dev.cdp.app.faults.Journal.Note;
import dev.cdp.app.faults.SeenTransaction.Lines;
import dev.cdp.core.Engine;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The load: several writers with open transactions at the same time, that insert, change and delete rows, change keys,
 * and roll back. Each ends its transactions with its own number in the table {@code counter} and notes it in a journal.
 */
final class Writers implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final int OLDEST_KEPT = 40;

    private final TestDatabase database;
    private final Engine engine;
    private final Journal journal;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;
    private volatile @Nullable Exception failure;
    private int scratchTables;
    private long fatRows;

    Writers(TestDatabase database, Engine engine, Journal journal) throws SQLException {
        this.database = database;
        this.engine = engine;
        this.journal = journal;
        database.execute(
                "CREATE TABLE entry (writer int, tx bigint, n int, content varchar(300) NOT NULL,"
                        + " PRIMARY KEY (writer, tx, n))",
                "CREATE TABLE counter (writer int PRIMARY KEY, tx bigint NOT NULL)",
                "CREATE TABLE fat (id bigint PRIMARY KEY, content " + (isPostgres() ? "text" : "longtext")
                        + " NOT NULL)");
        for (int writer = 1; writer <= WRITERS; writer++) {
            database.execute("INSERT INTO counter VALUES (" + writer + ", 0)");
        }
    }

    void start(long seed) {
        for (int i = 1; i <= WRITERS; i++) {
            Writer writer = new Writer(i, new Random(seed + i));
            Thread thread = new Thread(writer::run, "writer-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** Creates a table with rows in it and drops the one before: statements, a gap, a base of one table. */
    void changeDefinitions() throws SQLException {
        int number = ++scratchTables;
        database.execute(
                "CREATE TABLE scratch_" + number + " (id int PRIMARY KEY, v int)",
                "INSERT INTO scratch_" + number + " VALUES (1, 1), (2, 2), (3, 3)",
                "ALTER TABLE scratch_" + number + (isPostgres() ? " ALTER v TYPE bigint" : " MODIFY v bigint"),
                "DROP TABLE IF EXISTS scratch_" + (number - 1));
    }

    /** One transaction of thousands of rows, longer than any batch. */
    void commitManyRows() throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12_000; i++) {
            rows.append(i == 0 ? "" : ",").append("(").append(++fatRows).append(",'x')");
        }
        database.execute("INSERT INTO fat (id, content) VALUES " + rows);
    }

    /** One transaction of 24 MB, more than the archiver holds in memory. */
    void commitManyBytes() throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            rows.append(i == 0 ? "" : ",").append("(").append(++fatRows).append(",repeat('y',1000000))");
        }
        database.execute("INSERT INTO fat (id, content) VALUES " + rows);
    }

    /** As a server does by itself when its file is full. */
    void beginAnotherLogFile() throws SQLException {
        database.execute(isPostgres() ? "SELECT pg_switch_wal()" : "FLUSH BINARY LOGS");
    }

    private boolean isPostgres() {
        return engine == Engine.POSTGRESQL;
    }

    @Override
    public void close() {
        stopping = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("The load failed", failure);
        }
    }

    /** One of them, with its own connection and numbers. */
    private final class Writer {
        private final int id;
        private final Random random;
        private final TreeMap<Long, TreeMap<Integer, String>> mine = new TreeMap<>();
        private long number;

        Writer(int id, Random random) {
            this.id = id;
            this.random = random;
        }

        void run() {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stopping) {
                    transaction(connection, statement);
                    Thread.sleep(10 + random.nextInt(50));
                }
            } catch (SQLException | InterruptedException | RuntimeException e) {
                failure = e;
            }
        }

        private void transaction(Connection connection, Statement statement) throws SQLException, InterruptedException {
            Lines lines = new Lines();
            boolean keepsIt = random.nextInt(20) != 0;
            TreeMap<Integer, String> rows = new TreeMap<>();
            insert(statement, lines, rows);
            if (random.nextInt(5) == 0) {
                Thread.sleep(random.nextInt(200)); // others commit meanwhile
            }
            if (keepsIt && !mine.isEmpty()) {
                Long older = new ArrayList<>(mine.keySet()).get(random.nextInt(mine.size()));
                changeOlder(statement, lines, older, mine.get(older));
            }
            statement.execute("UPDATE counter SET tx = " + (number + 1) + " WHERE writer = " + id);
            lines.updated("counter", List.of(), List.of("" + id, "" + (number + 1)));
            if (!keepsIt) {
                connection.rollback();
                return;
            }
            Note note = new Note(id, ++number, lines.all());
            journal.commits(note);
            connection.commit();
            journal.committed(note);
            mine.put(number, rows);
            if (mine.size() > OLDEST_KEPT) {
                mine.pollFirstEntry();
            }
        }

        private void insert(Statement statement, Lines lines, TreeMap<Integer, String> rows) throws SQLException {
            int count = random.nextInt(30) == 0 ? 400 : 1 + random.nextInt(12);
            StringBuilder values = new StringBuilder();
            for (int n = 0; n < count; n++) {
                rows.put(n, content());
                values.append(n == 0 ? "" : ", ").append(tuple(number + 1, n, rows.get(n)));
                lines.inserted("entry", row(number + 1, n, rows.get(n)));
            }
            statement.execute("INSERT INTO entry VALUES " + values);
        }

        private void changeOlder(Statement statement, Lines lines, long older, TreeMap<Integer, String> rows)
                throws SQLException {
            if (rows.isEmpty()) {
                return;
            }
            int n = new ArrayList<>(rows.keySet()).get(random.nextInt(rows.size()));
            String where = " WHERE writer = " + id + " AND tx = " + older + " AND n = " + n;
            switch (random.nextInt(4)) {
                case 0 -> {
                    statement.execute("DELETE FROM entry" + where);
                    lines.deleted("entry", row(older, n, rows.remove(n)));
                }
                case 1 -> {
                    statement.execute("UPDATE entry SET n = n + 100000" + where);
                    String content = rows.remove(n);
                    rows.put(n + 100_000, content);
                    lines.updated("entry", row(older, n, content), row(older, n + 100_000, content));
                }
                default -> {
                    String content = content();
                    statement.execute("UPDATE entry SET content = '" + content + "'" + where);
                    rows.put(n, content);
                    lines.updated("entry", row(older, n, content), row(older, n, content));
                }
            }
        }

        private String content() {
            return Long.toString(random.nextLong() >>> 1, 36).repeat(1 + random.nextInt(4));
        }

        private List<String> row(long tx, int n, String content) {
            return List.of("" + id, "" + tx, "" + n, content);
        }

        private String tuple(long tx, int n, String content) {
            return "(" + id + ", " + tx + ", " + n + ", '" + content + "')";
        }
    }
}
