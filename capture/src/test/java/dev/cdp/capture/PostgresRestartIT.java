package dev.cdp.capture;

import dev.cdp.capture.RestartRounds.Shape;
import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Debezium's PostgreSQL connector, stopped where it has lost or repeated changes before. */
class PostgresRestartIT {
    private static final int ROUNDS = Integer.getInteger("soak.rounds", 200);
    private static final int HUGE_ROWS = Integer.getInteger("soak.huge-rows", 1_000_000);
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void recordsEachTransactionOnceAndInOrder(int version) throws SQLException {
        List<Shape> shapes = new ArrayList<>(List.of(Shape.values()));
        Collections.shuffle(shapes, new Random(SEED)); // each shape on one of the two versions
        shapes = version == 15 ? shapes.subList(0, 4) : shapes.subList(4, shapes.size());
        try (RestartRounds rounds = rounds(version)) {
            for (Shape shape : shapes) {
                rounds.play(shape, shape == Shape.LARGE ? 20_000 : 300);
            }
            report(rounds, version);
        }
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource(Shape.class)
    void recordsEachTransactionOnceAndInOrderOverManyRounds(Shape shape) throws SQLException {
        for (int version : List.of(15, 18)) {
            try (RestartRounds rounds = rounds(version)) {
                for (int i = 0; i < ROUNDS; i++) {
                    rounds.play(shape, shape == Shape.LARGE ? 20_000 : 300);
                }
                report(rounds, version);
            }
        }
    }

    @Tag("soak")
    @Test
    void recordsAHugeTransactionOnceAndInOrder() throws SQLException {
        try (RestartRounds rounds = rounds(18)) {
            for (int i = 0; i < Math.max(1, ROUNDS / 40); i++) {
                rounds.play(Shape.LARGE, HUGE_ROWS);
            }
            report(rounds, 18);
        }
    }

    private RestartRounds rounds(int version) throws SQLException {
        TestPostgres server = version == 15 ? TestPostgres.version15() : TestPostgres.version18();
        TestDatabase database = server.createDatabase("restarts");
        for (String table : List.of("item", "other", "third")) {
            database.execute("CREATE TABLE " + table + " (id bigint PRIMARY KEY, v text)");
        }
        SourceId id = new SourceId(database.name().replace('_', '-'));
        PostgresSource source = new PostgresSource(
                id,
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                "cdp_" + database.name(),
                TableScope.ALL);
        RestartRounds rounds = new RestartRounds(source, id, database, folder.resolve("v" + version), SEED);
        rounds.begin();
        return rounds;
    }

    private static void report(RestartRounds rounds, int version) {
        int stops = rounds.finish("PostgreSQL " + version, SEED);
        System.out.printf(
                "PostgreSQL %d: %d transactions over %d stops, seed %d%n",
                version, rounds.transactionCount(), stops, SEED);
    }
}
