package dev.cdp.app.ddl;

import static org.awaitility.Awaitility.await;

import dev.cdp.app.ddl.Witness.Scope;
import dev.cdp.app.ddl.WitnessedDatabase.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs cases one after another while writers change their tables, and keeps what the database said at the end of each
 * transaction, in the order of their commits.
 */
final class DdlHistory {
    private static final int WRITERS = 2;
    private static final int NEIGHBOURS = 1;

    private final WitnessedDatabase database;
    private final List<DdlCase> cases;
    private final long seed;
    private final List<Witness> witnesses = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger current = new AtomicInteger();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    DdlHistory(WitnessedDatabase database, List<DdlCase> cases, long seed) {
        this.database = database;
        this.cases = cases;
        this.seed = seed;
    }

    void setUp() throws SQLException {
        for (int i = 0; i < cases.size(); i++) {
            database.setUp(i, cases.get(i));
        }
    }

    /** What was seen so far, in order. */
    List<Witness> witnesses() {
        return List.copyOf(witnesses);
    }

    /** Runs the cases in [{@code from}, {@code to}). */
    void run(int from, int to) throws Exception {
        current.set(from);
        AtomicBoolean writing = new AtomicBoolean(true);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Session session = database.openWriter(seed + i + 1_000L * from);
            Thread writer = new Thread(() -> write(session, writing), "writer-" + i);
            writer.start();
            writers.add(writer);
        }
        try (Session session = database.open()) {
            for (int i = from; i < to; i++) {
                run(session, i);
            }
        } finally {
            writing.set(false);
            for (Thread writer : writers) {
                writer.join();
            }
        }
        if (failure.get() != null) {
            throw new AssertionError("A writer failed, seed " + seed, failure.get());
        }
    }

    private void run(Session session, int number) throws SQLException {
        database.lookAt(new Scope(Math.max(0, number - NEIGHBOURS), Math.min(cases.size() - 1, number + NEIGHBOURS)));
        current.set(number);
        awaitWriters(1);
        for (DdlCase.Step step : cases.get(number).steps()) {
            try {
                session.run(number, step, witnesses::add);
            } catch (SQLException e) {
                throw new SQLException(
                        "In case '" + cases.get(number).name() + "', " + step + ": " + e.getMessage(), e);
            }
            awaitWriters(1);
        }
    }

    /** Returns when so many more transactions were committed by writers. */
    private void awaitWriters(int more) {
        int wanted = written.get() + more;
        await("writers")
                .atMost(ProtectedDatabase.PATIENCE)
                .pollDelay(java.time.Duration.ZERO)
                .pollInterval(java.time.Duration.ofMillis(2))
                .until(() -> written.get() >= wanted || failure.get() != null);
    }

    private void write(Session session, AtomicBoolean writing) {
        try (session) {
            while (writing.get()) {
                if (session.writeSomething(current.get(), witnesses::add)) {
                    written.incrementAndGet();
                }
            }
        } catch (SQLException | RuntimeException e) {
            failure.set(e);
        }
    }
}
