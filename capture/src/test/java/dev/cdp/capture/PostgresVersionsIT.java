package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ChangeEvent;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The versions between the oldest and the newest that every build tries, and the one before. */
@Tag("versions")
class PostgresVersionsIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 16, 17})
    void capturesRowsDefinitionsAndRestarts(int version, @TempDir Path folder) throws Exception {
        try (TestPostgres server = TestPostgres.start(version, folder.resolve("server"));
                CapturedPostgres captured = new CapturedPostgres(server, folder)) {
            TestDatabase database = captured.database();
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, v numeric, big text, at timetz)",
                    "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
                    "CREATE TABLE bag (note text)",
                    "ALTER TABLE bag REPLICA IDENTITY FULL",
                    "INSERT INTO t SELECT i, 'NaN', repeat('x', 5000), '00:00:00+15:59:59' FROM generate_series(1, 100) i",
                    "INSERT INTO bag VALUES ('twice'), ('twice')");
            captured.source().install();
            captured.start();
            captured.awaitMarker("base");
            database.execute(
                    "UPDATE t SET v = 1.50 WHERE id < 10",
                    "UPDATE t SET id = -id WHERE id > 90",
                    "ALTER TABLE t ADD COLUMN n int DEFAULT 7, DROP COLUMN at",
                    "INSERT INTO t (id) VALUES (500)",
                    "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag)",
                    "CREATE TABLE fresh (id int PRIMARY KEY)",
                    "INSERT INTO fresh VALUES (1)");
            captured.awaitMarker("changed");
            captured.stop();
            database.execute("INSERT INTO t (id) VALUES (501)", "TRUNCATE bag", "INSERT INTO bag VALUES (NULL)");
            captured.start();
            captured.awaitMarker("restarted");

            captured.awaitSameRows("on version " + version, "t", "bag", "fresh");
            assertThat(captured.failure()).isNull();
            assertThat(captured.events(ChangeEvent.StreamStart.class)).hasSize(2);
            assertThat(captured.source().check())
                    .allSatisfy(finding -> assertThat(finding.verdict()).isEqualTo(CheckFinding.Verdict.OK));
        }
    }
}
