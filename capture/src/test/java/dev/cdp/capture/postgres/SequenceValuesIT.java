package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.definition.SequenceValue;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sequences that come and go while they are read. */
class SequenceValuesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void leavesOutASequenceThatIsDroppedBetweenItsListingAndItsReading() throws Exception {
        TestDatabase database = TestPostgres.version18().createDatabase("sequences");
        database.execute("CREATE SEQUENCE going", "CREATE SEQUENCE staying");
        try (Connection application = database.connect();
                Statement statement = application.createStatement();
                Connection reader = database.connect()) {
            application.setAutoCommit(false);
            statement.execute("DROP SEQUENCE going");

            CompletableFuture<List<SequenceValue>> values = CompletableFuture.supplyAsync(() -> read(reader));
            await("the reader has listed it and waits for it").atMost(PATIENCE).until(() -> isWaiting(database));
            application.commit();

            assertThat(values.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .extracting(SequenceValue::name)
                    .containsExactly("staying");
        }
    }

    private static List<SequenceValue> read(Connection connection) {
        try {
            return SequenceValues.read(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isWaiting(TestDatabase database) throws SQLException {
        return "1"
                .equals(database.queryValue("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND wait_event_type = 'Lock'"));
    }
}
