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
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody changes our publication: what it leaves out, the log leaves out without a word. */
class PostgresPublicationIT {
    @TempDir
    Path folder;

    private CapturedPostgres captured;
    private TestDatabase database;
    private int gaps;

    private void protect(int version) throws Exception {
        captured = new CapturedPostgres(version == 15 ? TestPostgres.version15() : TestPostgres.version18(), folder);
        database = captured.database();
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, v int, w int)",
                "CREATE TABLE other (id int PRIMARY KEY)",
                "INSERT INTO item VALUES (0, 0, 0)");
        captured.source().install();
        captured.start();
        captured.awaitMarker("base");
    }

    @AfterEach
    void close() {
        captured.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void isPutBackWithinTheStatementSoThatNothingIsMissing(int version) throws Exception {
        protect(version);
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer = writer(writing);
        int id = 1;
        for (String statement : new String[] {
            "ALTER PUBLICATION cdp DROP TABLE item",
            "ALTER PUBLICATION cdp SET TABLE other",
            "ALTER PUBLICATION cdp SET TABLE item WHERE (id < 0), other, cdp.marker, cdp.ddl",
            "ALTER PUBLICATION cdp SET TABLE item (id, w), other, cdp.marker, cdp.ddl",
            "ALTER PUBLICATION cdp SET (publish = 'insert')",
            "ALTER PUBLICATION cdp RENAME TO mine",
            "ALTER PUBLICATION cdp ADD TABLES IN SCHEMA public"
        }) {
            database.execute(
                    statement,
                    "INSERT INTO item VALUES (" + id + ", 1, 1)",
                    "UPDATE item SET v = v + 1 WHERE id % 2 = " + id % 2);
            id++;
        }
        writing.set(false);
        writer.join();
        captured.awaitMarker("written");

        captured.awaitSameRows("after all that", "item", "other");
        assertThat(captured.failure()).isNull();
        assertThat(captured.events(ChangeEvent.BaseSnapshot.class)).hasSize(1);
        assertThat(captured.events(ChangeEvent.Gap.class)).isEmpty();
        assertThat(captured.events(ChangeEvent.DdlStatement.class))
                .extracting(ChangeEvent.DdlStatement::sql)
                .contains("ALTER PUBLICATION cdp DROP TABLE item");
    }

    /** Transactions that are open while the publication is put back. */
    private Thread writer(AtomicBoolean writing) {
        Thread writer = new Thread(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (int id = 1000; writing.get(); id++) {
                    statement.execute("INSERT INTO other VALUES (" + id + ")");
                    if (id % 5 == 0) {
                        connection.commit();
                    }
                }
                connection.commit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        return writer;
    }

    @Test
    void endsTheEpochWhenItWasChangedWithoutOurEventTrigger() throws Exception {
        protect(18);
        assertEndsTheEpoch(
                "such as public.item",
                unseen("ALTER PUBLICATION cdp DROP TABLE item"),
                "UPDATE item SET v = 2",
                unseen("ALTER PUBLICATION cdp ADD TABLE item"));
        captured.stop();
        captured.start(); // in one run a second time would stop the source
        assertEndsTheEpoch(
                "its publication was changed",
                unseen("ALTER PUBLICATION cdp SET (publish = 'insert')"),
                "UPDATE item SET v = 3",
                unseen("ALTER PUBLICATION cdp SET (publish = 'insert, update, delete, truncate')"));
        captured.stop();
        database.execute(
                "ALTER EVENT TRIGGER cdp_ddl DISABLE",
                "ALTER PUBLICATION cdp DROP TABLE item",
                "UPDATE item SET v = 4",
                "ALTER TABLE other ADD note text DEFAULT 'unseen'",
                "ALTER EVENT TRIGGER cdp_ddl ENABLE ALWAYS");
        captured.start();
        assertEndsTheEpoch("its event triggers were changed");
        database.execute("ALTER TABLE other ADD seen text DEFAULT 'seen'", "INSERT INTO other VALUES (77)");
        captured.awaitMarker("seen");
        captured.awaitSameRows("whose trigger is back", "other");
    }

    /** To transactions that are open meanwhile a publication that is made again is another one: their rows are left out. */
    @ParameterizedTest
    @ValueSource(ints = {15, 18})
    void endsTheEpochWhenItWasDropped(int version) throws Exception {
        protect(version);
        assertEndsTheEpoch(
                "its publication was changed",
                "DROP PUBLICATION cdp",
                "UPDATE item SET v = 2",
                "INSERT INTO other VALUES (5)");
    }

    private static String unseen(String statement) {
        return "BEGIN; SET LOCAL event_triggers = off; " + statement + "; COMMIT";
    }

    /** Two gaps: the first one, whose end is open, is recorded before anything else is done. */
    private void assertEndsTheEpoch(String reason, String... statements) throws Exception {
        int before = gaps;
        gaps += 2;
        database.execute(statements);

        await("gaps")
                .atMost(CapturedPostgres.PATIENCE)
                .until(() -> captured.events(ChangeEvent.Gap.class).size() == gaps);
        captured.awaitMarker(reason);
        captured.awaitSameRows("after: " + reason, "item", "other");
        ChangeEvent.Gap open = captured.events(ChangeEvent.Gap.class).get(before);
        ChangeEvent.Gap closed = captured.events(ChangeEvent.Gap.class).get(before + 1);
        assertThat(open.reason()).contains("somebody changed what cdp made in the database", reason);
        assertThat(open.lastWhole()).isNotNull();
        assertThat(closed.from()).isEqualTo(open.from());
        assertThat(closed.to()).isNotNull();
        assertThat(database.queryValue("SELECT cdp.disturbed()")).isNull();
        assertThat(captured.failure()).isNull();
    }
}
