package dev.cdp.app.endtoend;

import static dev.cdp.app.endtoend.ProtectedPostgres.SLOT;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.endtoend.PostgresCluster.Slots;
import dev.cdp.testkit.services.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers whose log is not, or not surely, the one that was read: older copies of the data files, promoted standbys,
 * another server or database at the same address. Reading goes on only where nothing can be missing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresForkGapsIT {
    private final List<PostgresCluster> servers = new ArrayList<>();
    private Path folder;
    private PostgresCluster server;
    private ProtectedPostgres shop;
    private int gaps;

    @BeforeAll
    void protect(@TempDir Path temporary) throws Exception {
        folder = temporary;
        use(PostgresCluster.start(folder.resolve("server")));
        shop = new ProtectedPostgres(folder, server.createDatabase("shop"));
    }

    private void use(PostgresCluster next) {
        server = next;
        servers.add(next);
    }

    @AfterAll
    void close() {
        shop.close();
        servers.forEach(PostgresCluster::close);
    }

    @BeforeEach
    void settle() throws SQLException {
        shop.settle();
        gaps = shop.gapCount();
    }

    @Test
    void anOlderCopyWhoseLogEndsBeforeWhatWasRead() throws Exception {
        shop.stop();
        Path copy = server.copyData(folder.resolve("copy-1"));
        goOnFromTheCopy();
        server.putBack(copy);

        shop.start();

        shop.assertNewEpochBehindGap("older copy put back", gaps, "its log ends at");
    }

    @Test
    void anOlderCopyThatWentOnPastWhatWasReadOnTheSameTimeline() throws Exception {
        shop.stop();
        Path copy = server.copyData(folder.resolve("copy-2"));
        String read = goOnFromTheCopy();
        server.putBack(copy);
        writePast(read);

        shop.start();

        shop.assertNewEpochBehindGap("older copy put back and written to", gaps, "its newest marker is");
    }

    private String goOnFromTheCopy() throws SQLException, InterruptedException {
        change("seen, and not in the copy");
        shop.settle();
        shop.stop();
        return shop.database().queryValue("SELECT pg_current_wal_lsn()");
    }

    @Test
    void aStandbyWithoutTheSlot() throws Exception {
        PostgresCluster standby = server.standby(folder.resolve("standby-1"), Slots.LEFT_OUT, Map.of());
        shop.stop();
        change("in the standby, unseen");
        failOverTo(standby);

        shop.start();

        shop.assertNewEpochBehindGap("failover without the slot", gaps, "replication slot '" + SLOT + "' is gone");
    }

    @Test
    void aStandbyThatHasTheSlotAndAllThatWasRead() throws Exception {
        PostgresCluster standby = server.standby(folder.resolve("standby-2"), Slots.COPIED, Map.of());
        change("seen on the primary");
        shop.settle();
        shop.stop();
        change("in the standby, unseen");
        failOverTo(standby);
        change("on the new primary");

        shop.start();

        shop.assertGoesOnWithoutGap("failover with a copied slot", gaps);
    }

    @Test
    @Tag("soak") // the primary's slot has to move on before the standby takes it over
    void aStandbyThatHasTheSlotBySynchronisation() throws Exception {
        server.database("postgres").execute("SELECT pg_create_physical_replication_slot('standby', true)");
        PostgresCluster standby = server.standby(
                folder.resolve("standby-3"),
                Slots.LEFT_OUT,
                Map.of("primary_slot_name", "standby", "hot_standby_feedback", "on", "sync_replication_slots", "on"));
        awaitSlotOn(standby);
        change("seen or not");
        failOverTo(standby); // while the daemon runs
        change("on the new primary");
        shop.stop();
        shop.start();

        shop.assertGoesOnWithoutGap("failover with a synchronised slot", gaps);
    }

    /** The standby's copy lasts once the primary's slot has moved past the standby's oldest transaction. */
    private void awaitSlotOn(PostgresCluster standby) {
        await("the slot on the standby").atMost(ProtectedPostgres.DETECTION).until(() -> {
            change("seen on the primary");
            server.database("postgres").execute("CHECKPOINT"); // lets the slot's oldest transaction move on
            return !standby.database("postgres")
                    .query("SELECT 1 FROM pg_replication_slots WHERE slot_name = '" + SLOT
                            + "' AND synced AND NOT temporary")
                    .isEmpty();
        });
    }

    @Test
    void aStandbyThatHasTheSlotAndNotAllThatWasRead() throws Exception {
        PostgresCluster standby = server.standby(folder.resolve("standby-4"), Slots.COPIED, Map.of());
        standby.catchUpWith(server);
        standby.stop();
        change("seen, and not in the standby");
        shop.settle();
        shop.stop();
        String read = shop.database().queryValue("SELECT pg_current_wal_lsn()");
        server.stop();
        standby.restart();
        standby.promote();
        use(standby);
        shop.leadTo(standby.database(shop.database().name()));
        writePast(read);

        shop.start();

        shop.assertNewEpochBehindGap("failover to a standby that lags", gaps, "it left timeline");
    }

    @Test
    void anotherDatabaseOfTheSameName() throws Exception {
        shop.stop();
        TestDatabase postgres = server.database("postgres");
        String name = shop.database().name();
        postgres.execute(
                "SELECT pg_drop_replication_slot('" + SLOT + "')",
                "ALTER DATABASE " + name + " RENAME TO was_" + name,
                "CREATE DATABASE " + name + " TEMPLATE was_" + name,
                "DROP DATABASE was_" + name);
        change("in the copy of the database");

        shop.start();

        shop.assertNewEpochBehindGap("another database of the same name", gaps, "the database's oid was");
    }

    @Test
    void anotherServerAtTheSameAddress() throws Exception {
        shop.stop();
        PostgresCluster other = PostgresCluster.start(folder.resolve("other"));
        server.stop();
        use(other);
        other.database("postgres").execute("CREATE DATABASE " + shop.database().name());
        shop.leadTo(other.database(shop.database().name()));
        shop.database()
                .execute(
                        "CREATE TABLE item (id int PRIMARY KEY, v text)",
                        "CREATE TABLE note (n int, v text)",
                        "ALTER TABLE note REPLICA IDENTITY FULL",
                        "INSERT INTO item VALUES (1, 'initialised again')");
        shop.install();

        shop.start();

        shop.assertNewEpochBehindGap("another server at the same address", gaps, "its system identifier was");
    }

    private void failOverTo(PostgresCluster standby) throws Exception {
        standby.catchUpWith(server);
        server.stop();
        standby.promote();
        use(standby);
        shop.leadTo(standby.database(shop.database().name()));
    }

    /** Deletes and changes what an earlier epoch holds, so that anything kept of it would show. */
    private void change(String what) throws SQLException {
        shop.database()
                .execute(
                        "DELETE FROM item WHERE id = (SELECT min(id) FROM item)",
                        "UPDATE note SET n = n + 1, v = '" + what + "' WHERE n % 2 = 0",
                        "INSERT INTO item VALUES ((SELECT max(id) + 1 FROM item), '" + what + "')");
    }

    /** Commits until the log is longer than it was elsewhere. */
    private void writePast(String lsn) throws SQLException {
        await().atMost(ProtectedPostgres.DETECTION).until(() -> {
            change("where nobody read");
            shop.database().execute("SELECT pg_logical_emit_message(false, 'more', repeat('x', 100000))");
            return "t".equals(shop.database().queryValue("SELECT pg_current_wal_lsn() > '" + lsn + "'"));
        });
        change("where nobody read");
    }
}
