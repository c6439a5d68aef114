package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.StoppedCapture.Manner;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestKafka;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Rounds of transactions of the shapes around which readers of logs have lost changes, with capture stopped at a random
 * event of each, or of the next. Judged by a journal: every transaction exactly once, with its changes in their order.
 */
final class RestartRounds implements AutoCloseable {
    private final SourceDatabase source;
    private final TestDatabase database;
    private final SourceId id;
    private final Path folder;
    private final KafkaAccess kafka;
    private final Random random;
    private final StoppedCapture capture;
    private final Map<String, List<String>> journal = new HashMap<>();
    private final Map<Shape, Integer> played = new EnumMap<>(Shape.class);
    private long nextId = 1;
    private String lastCommitted = "";

    /** What the application does in a round. */
    enum Shape {
        MULTI_ROW_INSERT,
        COPY,
        LONG_AMONG_INTERLEAVED,
        LARGE,
        KEY_CHANGE_LAST,
        SEVERAL_TRUNCATED,
        SAVEPOINTS
    }

    RestartRounds(SourceDatabase source, SourceId id, TestDatabase database, Path folder, long seed) {
        this.source = source;
        this.id = id;
        this.database = database;
        this.folder = folder;
        random = new Random(seed);
        kafka = new KafkaAccess(
                TestKafka.shared().bootstrapServers(), TestKafka.shared().freshName("restarts"), Map.of());
        capture = new StoppedCapture(source, id, kafka, random);
    }

    /** The tables {@code item}, {@code other} and {@code third} are there, empty, with the columns id and v. */
    void begin() {
        source.install();
        capture.begin();
    }

    /** @param rows how many the shape is to have, about */
    void play(Shape shape, int rows) throws SQLException {
        played.merge(shape, 1, Integer::sum);
        // Early, late, and behind the end: then the stop falls into the next round.
        long events = 1 + (long) Math.exp(random.nextDouble() * Math.log(rows * 1.3 + 1));
        capture.stopAfter(events, Manner.values()[random.nextInt(Manner.values().length)]);
        try (TracedWriter writer = new TracedWriter(source.engine(), database, journal)) {
            switch (shape) {
                case MULTI_ROW_INSERT -> multiRowInsert(writer, rows);
                case COPY -> copy(writer, rows);
                case LONG_AMONG_INTERLEAVED -> longAmongInterleaved(writer, rows);
                case LARGE -> large(writer, rows);
                case KEY_CHANGE_LAST -> keyChangeLast(writer, rows);
                case SEVERAL_TRUNCATED -> severalTruncated(writer, rows);
                case SAVEPOINTS -> savepoints(writer, rows);
            }
        }
        pause();
        if (random.nextInt(4) == 0) {
            source.writeMarker(null, "heartbeat", Instant.EPOCH);
        }
    }

    /**
     * @param server as the table of results names it
     * @return how often capture was stopped
     */
    int finish(String server, long seed) {
        capture.finish();
        Map<String, List<String>> recorded = RecordedTransactions.read(kafka, id, folder.resolve("spill"));
        Harm harm = harm(recorded);
        played.forEach((shape, rounds) -> FaultResults.record(FaultResult.survived(
                FaultKind.RESUME,
                server + ": " + shape.toString().toLowerCase(Locale.ROOT).replace('_', ' '),
                rounds,
                harm)));
        String what = server + " " + played.keySet() + ", -Dsoak.seed=" + seed;
        assertThat(recorded.keySet()).as(what).containsExactlyInAnyOrderElementsOf(journal.keySet());
        journal.forEach((transaction, changes) -> {
            if (!changes.equals(recorded.get(transaction))) { // the whole lists may be millions of lines
                assertThat(recorded.get(transaction))
                        .as("%s, %s", what, transaction)
                        .hasSameSizeAs(changes);
                assertThat(recorded.get(transaction))
                        .as("%s, %s", what, transaction)
                        .containsExactlyElementsOf(changes);
            }
        });
        assertThat(harm).as(what).isEqualTo(Harm.NONE);
        return capture.stops();
    }

    private Harm harm(Map<String, List<String>> recorded) {
        long lost = 0;
        long duplicated = 0;
        long misplaced = 0;
        Set<String> transactions = new HashSet<>(recorded.keySet());
        transactions.addAll(journal.keySet());
        for (String transaction : transactions) {
            List<String> wanted = journal.getOrDefault(transaction, List.of());
            List<String> found = recorded.getOrDefault(transaction, List.of());
            if (wanted.equals(found)) {
                continue;
            }
            long same = common(wanted, found);
            lost += wanted.size() - same;
            duplicated += found.size() - same;
            misplaced += same == wanted.size() && same == found.size() ? 1 : 0;
        }
        return new Harm(lost, duplicated, misplaced);
    }

    private static long common(List<String> wanted, List<String> found) {
        Map<String, Long> left = new HashMap<>();
        wanted.forEach(change -> left.merge(change, 1L, Long::sum));
        return found.stream()
                .filter(change -> left.merge(change, -1L, Long::sum) >= 0)
                .count();
    }

    int transactionCount() {
        return journal.size();
    }

    /** Lets capture come up with what is committed, or stop and start again. */
    private void pause() {
        capture.awaitRecordedOrStopped(lastCommitted);
        capture.restartIfStopped();
    }

    private void commit(TracedWriter writer) throws SQLException {
        lastCommitted = writer.commit();
    }

    private void multiRowInsert(TracedWriter writer, int rows) throws SQLException {
        List<String> tuples = new ArrayList<>();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            long key = nextId++;
            tuples.add("(" + key + ", 'multi')");
            made.add("I item " + key + "|multi");
        }
        writer.run("INSERT INTO item VALUES " + String.join(", ", tuples), made);
        commit(writer);
    }

    private void copy(TracedWriter writer, int rows) throws SQLException {
        StringBuilder lines = new StringBuilder();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            long key = nextId++;
            lines.append(key).append("\tcopied\n");
            made.add("I other " + key + "|copied");
        }
        writer.copyIn("COPY other FROM STDIN", lines.toString(), made);
        commit(writer);
    }

    private void longAmongInterleaved(TracedWriter writer, int rows) throws SQLException {
        try (TracedWriter second = new TracedWriter(source.engine(), database, journal);
                TracedWriter third = new TracedWriter(source.engine(), database, journal)) {
            int commits = 4 + random.nextInt(8);
            for (int i = 0; i < commits; i++) {
                insert(writer, "item", Math.max(1, rows / commits));
                TracedWriter other = random.nextBoolean() ? second : third;
                insert(other, "other", 1 + random.nextInt(5));
                insert(writer, "third", 1);
                if (random.nextInt(5) == 0) {
                    other.rollback();
                } else {
                    commit(other);
                }
                if (random.nextInt(3) == 0) {
                    pause();
                }
            }
        }
        commit(writer);
    }

    private void large(TracedWriter writer, int rows) throws SQLException {
        insert(writer, "item", rows);
        commit(writer);
        pause();
        // Again and again inside of the same transaction, as long as it is not through.
        for (int i = 0; i < 3; i++) {
            capture.stopAfter(1 + random.nextInt(rows), Manner.values()[random.nextInt(Manner.values().length)]);
            pause();
        }
    }

    private void keyChangeLast(TracedWriter writer, int rows) throws SQLException {
        long first = nextId;
        insert(writer, "item", rows);
        long changed = nextId++;
        writer.run(
                "UPDATE item SET id = " + changed + " WHERE id = " + first,
                "D item " + first,
                "I item " + changed + "|row " + first);
        commit(writer);
        pause();
        writer.run("UPDATE item SET v = 'once' WHERE id = " + changed, "U item " + changed + "|once");
        long again = nextId++;
        writer.run(
                "UPDATE item SET id = " + again + " WHERE id = " + changed,
                "D item " + changed,
                "I item " + again + "|once");
        commit(writer);
    }

    private void severalTruncated(TracedWriter writer, int rows) throws SQLException {
        insert(writer, "third", rows);
        writer.run("TRUNCATE item, third, other", "T item", "T third", "T other");
        insert(writer, "other", rows);
        commit(writer);
        pause();
        writer.run("TRUNCATE other, item", "T other", "T item");
        commit(writer);
    }

    private void savepoints(TracedWriter writer, int rows) throws SQLException {
        insert(writer, "item", rows);
        for (int i = 0; i < 3; i++) {
            writer.savepoint();
            insert(writer, "other", 1 + random.nextInt(rows));
            if (random.nextBoolean()) {
                writer.rollbackToSavepoint();
            }
            insert(writer, "third", 1);
        }
        writer.savepoint();
        insert(writer, "item", rows);
        writer.rollbackToSavepoint();
        commit(writer);
    }

    private void insert(TracedWriter writer, String table, int rows) throws SQLException {
        long first = nextId;
        nextId += rows;
        long last = nextId - 1;
        List<String> made = new ArrayList<>(rows);
        for (long key = first; key <= last; key++) {
            made.add("I " + table + " " + key + "|row " + key);
        }
        String numbers = source.engine() == Engine.POSTGRESQL
                ? "generate_series(" + first + ", " + last + ") n"
                : "(SELECT seq AS n FROM seq_" + first + "_to_" + last + ") numbers";
        writer.run("INSERT INTO " + table + " SELECT n, CONCAT('row ', n) FROM " + numbers, made);
    }

    @Override
    public void close() {
        capture.close();
        source.uninstall();
    }
}
