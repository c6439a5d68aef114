package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.ChangeEvent;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A slot for a base is made when every transaction that was open has ended, however long that takes. */
class PostgresSlotWaitIT {
    @TempDir
    Path folder;

    private CapturedPostgres captured;
    private TestDatabase database;

    @BeforeEach
    void prepare() throws SQLException {
        captured = new CapturedPostgres(TestPostgres.version15(), folder);
        database = captured.database();
        database.execute("CREATE TABLE item (id int PRIMARY KEY, v text)");
        captured.source().install();
    }

    @AfterEach
    void close() {
        captured.close();
    }

    @Test
    void namesTheTransactionThatTheFirstBaseWaitsForAndGoesOnBehindIt() throws Exception {
        String gid = "prepared by " + database.name();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            String pid = begin(connection, statement);
            captured.start();
            awaitReason("pid " + pid + " (user postgres, database " + database.name() + ", application nightly import");
            assertThat(captured.status().reason())
                    .contains(": INSERT INTO item")
                    .doesNotContain("a secret");
            assertThat(captured.status().state()).isEqualTo(CaptureStatus.State.WAITING);

            statement.execute("PREPARE TRANSACTION '" + gid + "'"); // it goes on without a session
        }
        awaitReason("prepared transaction '" + gid + "' (user postgres, database " + database.name());

        database.execute("COMMIT PREPARED '" + gid + "'");
        captured.awaitMarker("base");
        captured.awaitSameRows("behind the transaction", "item");
        assertThat(captured.status().reason()).isEmpty();
    }

    @Test
    void goesOnRecordingWhileTheBaseOfATableWaits() throws Exception {
        captured.start();
        captured.awaitMarker("base");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            String pid = begin(connection, statement);
            database.execute("CREATE TABLE late AS SELECT 1 AS id", "ALTER TABLE late ADD PRIMARY KEY (id)");
            awaitReason("pid " + pid);
            assertThat(captured.status().state()).isEqualTo(CaptureStatus.State.COPYING);
            int seen = captured.events(ChangeEvent.Marker.class).size();
            await("heartbeats")
                    .atMost(CapturedPostgres.PATIENCE)
                    .until(() -> captured.events(ChangeEvent.Marker.class).size() > seen + 3);
            connection.commit();
        }
        captured.awaitMarker("copied");
        captured.awaitSameRows("in the end", "item", "late");
    }

    private static String begin(Connection connection, Statement statement) throws SQLException {
        connection.setAutoCommit(false);
        statement.execute("SET application_name = 'nightly import'");
        statement.execute("INSERT INTO item VALUES (1, 'a secret')");
        try (var row = connection.createStatement().executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            String pid = row.getString(1);
            statement.execute(
                    "INSERT INTO item VALUES (2, 'a secret')"); // the newest statement is the one that is shown
            return pid;
        }
    }

    private void awaitReason(String part) {
        await(part)
                .atMost(CapturedPostgres.PATIENCE)
                .untilAsserted(() -> assertThat(captured.status().reason()).contains(part));
    }
}
