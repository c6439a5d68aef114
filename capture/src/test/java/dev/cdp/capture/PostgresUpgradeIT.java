package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.ChangeEvent;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an earlier version of cdp made in a database is brought up to date, and nothing is lost meanwhile. */
class PostgresUpgradeIT {
    @TempDir
    Path folder;

    private CapturedPostgres captured;
    private TestDatabase database;

    @BeforeEach
    void prepare() throws SQLException {
        captured = new CapturedPostgres(TestPostgres.version18(), folder);
        database = captured.database();
        database.execute("CREATE TABLE item (id int PRIMARY KEY, v int)", "INSERT INTO item VALUES (0, 0)");
    }

    @AfterEach
    void close() {
        captured.close();
    }

    @Test
    void thatItIsOutdatedIsSaidAndTheNextStartUpgradesIt() throws Exception {
        database.execute("CREATE TABLE \"quoted\"\"\" (id int PRIMARY KEY)"); // which that version published
        installEarlierVersion();
        assertThat(captured.source().installStatements()).isNotEmpty();
        assertThat(captured.source().check()).anySatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("schema-version");
            assertThat(finding.what()).isEqualTo("The schema cdp is of version 1 instead of 3");
            assertThat(finding.mend()).startsWith("As a superuser: cdp source add capture-");
        });

        captured.start();
        captured.awaitMarker("upgraded");

        assertThat(captured.source().installStatements()).isEmpty();
        assertThat(captured.source().check())
                .filteredOn(finding -> finding.verdict() != CheckFinding.Verdict.OK)
                .extracting(CheckFinding::check)
                .containsExactly("table-names");
        assertThat(database.query("SELECT tablename FROM pg_publication_tables WHERE schemaname = 'public'"))
                .containsExactly(List.of("item"));
        database.execute("ALTER TABLE item ADD w int DEFAULT 7", "INSERT INTO item VALUES (1, 1, 1)");
        captured.awaitMarker("written");
        captured.awaitSameRows("behind the upgrade", "item");
        assertThat(captured.events(ChangeEvent.Gap.class)).isEmpty();
    }

    @Test
    void statementsThatRunMeanwhileAreAllRecorded() throws Exception {
        captured.source().install();
        captured.start();
        captured.awaitMarker("base");
        captured.stop();
        takeAwayWhatIsNew();
        Definer definer = new Definer();
        definer.start();

        captured.start();
        await("upgrade").atMost(CapturedPostgres.PATIENCE).until(this::isPresent);
        int atUpgrade = definer.count;
        await("more").atMost(CapturedPostgres.PATIENCE).until(() -> definer.count > atUpgrade + 3);
        definer.writing = false;
        definer.join();
        captured.awaitMarker("written");

        assertThat((Throwable) definer.failure).isNull();
        assertThat(captured.failure()).isNull();
        String[] tables = definer.tables.toArray(String[]::new);
        captured.awaitSameRows("defined meanwhile", "item");
        captured.awaitSameRows("made meanwhile", tables);
        assertThat(captured.events(ChangeEvent.DdlStatement.class))
                .extracting(ChangeEvent.DdlStatement::sql)
                .containsAll(definer.statements);
        assertThat(captured.events(ChangeEvent.Gap.class)).isEmpty();
        assertThat(captured.events(ChangeEvent.BaseSnapshot.class)).hasSize(1);
        assertThat(database.queryValue("SELECT cdp.disturbed()")).isNull();
    }

    @Test
    void itWaitsForTransactionsThatDefineTablesAndSaysSo() throws Exception {
        captured.source().install();
        captured.start();
        captured.awaitMarker("base");
        captured.stop();
        takeAwayWhatIsNew();
        try (Connection connection = database.connect();
                Statement open = connection.createStatement()) {
            connection.setAutoCommit(false);
            open.execute("ALTER TABLE item ADD w int DEFAULT 3");
            open.execute("UPDATE item SET v = 4");

            captured.start();
            await("saying so")
                    .atMost(CapturedPostgres.PATIENCE)
                    .until(() -> captured.isIn(CaptureStatus.State.WAITING)
                            && captured.status().reason().contains("could not be upgraded to 3")
                            && captured.status().next().contains("A transaction that changed definitions"));
            assertThat(isPresent()).isFalse();
            connection.commit();
        }
        await("upgrade").atMost(CapturedPostgres.PATIENCE).until(this::isPresent);
        captured.awaitMarker("upgraded");

        captured.awaitSameRows("changed by what it waited for", "item");
        assertThat(captured.events(ChangeEvent.Gap.class)).isEmpty();
    }

    private boolean isPresent() throws SQLException {
        return database.query("SELECT 1 FROM pg_proc WHERE proname = 'version' AND pronamespace = 'cdp'::regnamespace")
                        .size()
                == 1;
    }

    private void takeAwayWhatIsNew() throws SQLException {
        captured.awaitSlotFree();
        database.execute(
                "DROP FUNCTION cdp.version()",
                "DROP FUNCTION cdp.upgrade()",
                "DROP FUNCTION cdp.is_as_made()",
                "DROP FUNCTION cdp.make_event_triggers()");
    }

    /** Defines and fills tables, in transactions that stay open for a moment. */
    private final class Definer extends Thread {
        private final List<String> statements = new ArrayList<>();
        private final List<String> tables = new ArrayList<>();
        private volatile boolean writing = true;
        private volatile int count;
        private volatile @Nullable SQLException failure;

        @Override
        public void run() {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (int i = 1; writing; i++) {
                    String table = "made_" + i;
                    define(statement, "CREATE TABLE " + table + " (id int PRIMARY KEY)");
                    statement.execute("INSERT INTO " + table + " VALUES (" + i + ")");
                    define(statement, "ALTER TABLE item ADD c" + i + " int DEFAULT " + i);
                    statement.execute("INSERT INTO item (id) VALUES (" + i + ")");
                    connection.commit();
                    tables.add(table);
                    count = i;
                }
            } catch (SQLException e) {
                failure = e;
            }
        }

        private void define(Statement statement, String sql) throws SQLException {
            statement.execute(sql);
            statements.add(sql);
        }
    }

    private void installEarlierVersion() throws Exception {
        try (InputStream script = getClass().getResourceAsStream("cdp-schema-1.sql")) {
            String text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            database.execute(text.split("(?m)^-{8}$"));
            database.execute("SELECT cdp.publish(oid) FROM pg_class WHERE cdp.can_protect(oid)");
        }
    }
}
