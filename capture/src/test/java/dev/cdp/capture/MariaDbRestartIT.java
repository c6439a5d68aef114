package dev.cdp.capture;

import dev.cdp.capture.RestartRounds.Shape;
import dev.cdp.capture.binlog.BinlogSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our reading of MariaDB's binary log, stopped in the middle of transactions of all shapes. */
class MariaDbRestartIT {
    private static final int ROUNDS = Integer.getInteger("soak.rounds", 200);
    private static final int HUGE_ROWS = Integer.getInteger("soak.huge-rows", 1_000_000);
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());
    private static final List<Shape> SHAPES = List.of(
            Shape.MULTI_ROW_INSERT, Shape.LONG_AMONG_INTERLEAVED, Shape.LARGE, Shape.KEY_CHANGE_LAST, Shape.SAVEPOINTS);

    @TempDir
    Path folder;

    @Test
    void recordsEachTransactionOnceAndInOrder() throws SQLException {
        try (RestartRounds rounds = rounds()) {
            for (Shape shape : SHAPES) {
                rounds.play(shape, shape == Shape.LARGE ? 20_000 : 300);
            }
            report(rounds);
        }
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(
            value = Shape.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"COPY", "SEVERAL_TRUNCATED"})
    void recordsEachTransactionOnceAndInOrderOverManyRounds(Shape shape) throws SQLException {
        try (RestartRounds rounds = rounds()) {
            for (int i = 0; i < ROUNDS; i++) {
                rounds.play(shape, shape == Shape.LARGE ? 20_000 : 300);
            }
            report(rounds);
        }
    }

    @Tag("soak")
    @Test
    void recordsAHugeTransactionOnceAndInOrder() throws SQLException {
        try (RestartRounds rounds = rounds()) {
            for (int i = 0; i < Math.max(1, ROUNDS / 40); i++) {
                rounds.play(Shape.LARGE, HUGE_ROWS);
            }
            report(rounds);
        }
    }

    private RestartRounds rounds() throws SQLException {
        TestDatabase database = TestMariaDb.shared().createDatabase("restarts");
        for (String table : List.of("item", "other", "third")) {
            database.execute("CREATE TABLE " + table + " (id bigint PRIMARY KEY, v text)");
        }
        SourceId id = new SourceId("maria-" + database.name().replace('_', '-'));
        BinlogSource source = BinlogSource.mariaDb(
                id,
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                TableScope.ALL);
        RestartRounds rounds = new RestartRounds(source, id, database, folder, SEED);
        rounds.begin();
        return rounds;
    }

    private static void report(RestartRounds rounds) {
        int stops = rounds.finish("MariaDB", SEED);
        System.out.printf("MariaDB: %d transactions over %d stops, seed %d%n", rounds.transactionCount(), stops, SEED);
    }
}
