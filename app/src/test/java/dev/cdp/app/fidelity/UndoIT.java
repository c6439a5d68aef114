package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.live.LiveRepair;
import dev.cdp.restore.live.LiveRepair.Triggers;
import dev.cdp.restore.reading.ArchiveReader;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.undo.Dependents;
import dev.cdp.restore.undo.UndoPlan;
import dev.cdp.restore.undo.UndoService;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions undone in a live database, while it goes on. */
class UndoIT {
    private static final SourceId SOURCE = new SourceId("source");
    private static final List<String> TABLES = List.of("customer", "orders", "item");

    @TempDir
    private Path folder;

    private Engine engine;
    private TestDatabase database;
    private FidelityLab lab;
    private TargetServer server;

    @Test
    void undoesTransactionsOfPostgresql() throws Exception {
        undo(Engine.POSTGRESQL, TestPostgres.version18().createDatabase("undone"));
    }

    @Test
    void undoesTransactionsOfMariaDb() throws Exception {
        undo(Engine.MARIADB, TestMariaDb.shared().createDatabase("undone"));
    }

    private void undo(Engine kind, TestDatabase shop) throws Exception {
        engine = kind;
        database = shop;
        server = new TargetServer(engine, shop.host(), shop.port(), shop.user(), Secret.of(shop.password()), Map.of());
        database.execute(
                "CREATE TABLE customer (id int PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, name varchar(60))",
                "CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, note text, replaces int,"
                        + " FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE,"
                        + " FOREIGN KEY (replaces) REFERENCES orders (id))",
                "CREATE TABLE item (orders int, line int, name varchar(60), PRIMARY KEY (orders, line),"
                        + " FOREIGN KEY (orders) REFERENCES orders (id))");
        database.execute(fill());
        try (FidelityLab made = new FidelityLab(folder, engine, shop)) {
            lab = made;
            lab.start();
            lab.awaitBases();
            if (engine == Engine.POSTGRESQL) {
                addTrigger();
            }
            undoesADeleteAndLeavesTheRestAlone();
            undoesASwapOfUniqueValues();
            undoesAChangeOfKey();
            undoesWhatATableLostWhole();
            tellsLaterTransactionsOfTheSameRowsAndDoesAsIsAsked();
            writesNothingWhereTheDatabaseIsOtherwise();
        }
    }

    private static String[] fill() {
        List<String> statements = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            statements.add("INSERT INTO customer VALUES (" + i + ", 'c" + i + "@example.org', 'customer " + i + "')");
            statements.add("INSERT INTO orders VALUES (" + i + ", " + i + ", '" + "long ".repeat(2000) + i + "', "
                    + (i > 10 ? i - 10 : "NULL") + ")");
            statements.add("INSERT INTO item VALUES (" + i + ", 1, 'first'), (" + i + ", 2, 'second')");
        }
        return statements.toArray(String[]::new);
    }

    /** One that would spoil what is put back, and always fires. */
    private void addTrigger() throws SQLException {
        database.execute(
                "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END'",
                "CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION shout()",
                "ALTER TABLE item ENABLE ALWAYS TRIGGER shout");
    }

    private void undoesADeleteAndLeavesTheRestAlone() throws SQLException {
        List<String> before = content();
        long deleted = transaction(
                "DELETE FROM item WHERE orders BETWEEN 11 AND 15",
                "DELETE FROM orders WHERE id BETWEEN 11 AND 15",
                "UPDATE customer SET name = 'gone' WHERE id BETWEEN 11 AND 15");
        transaction("INSERT INTO customer VALUES (100, 'later@example.org', 'later')");

        UndoPlan plan = plan(Dependents.REFUSE, deleted);
        assertThat(plan.dependents()).isEmpty();
        assertThat(plan.rowCount()).isEqualTo(5 + 10 + 5);
        apply(plan);

        List<String> expected = new ArrayList<>(before);
        expected.add("customer 100 later@example.org later");
        assertThat(content()).containsExactlyInAnyOrderElementsOf(expected);
        database.execute("DELETE FROM customer WHERE id = 100");
    }

    private void undoesASwapOfUniqueValues() throws SQLException {
        List<String> before = content();
        long swapped = transaction(
                "UPDATE customer SET email = 'moving' WHERE id = 1",
                "UPDATE customer SET email = 'c1@example.org' WHERE id = 2",
                "UPDATE customer SET email = 'c2@example.org' WHERE id = 1",
                "UPDATE customer SET email = 'free' WHERE id = 3",
                "INSERT INTO customer VALUES (101, 'c3@example.org', 'took over')");

        apply(plan(Dependents.REFUSE, swapped));

        assertThat(content()).containsExactlyInAnyOrderElementsOf(before);
    }

    private void undoesAChangeOfKey() throws SQLException {
        List<String> before = content();
        long moved = transaction("UPDATE item SET line = 7 WHERE orders = 5 AND line = 1");
        UndoPlan plan = plan(Dependents.REFUSE, moved);

        if (engine == Engine.POSTGRESQL) {
            assertThatThrownBy(() -> LiveRepair.apply(server, database.name(), plan.tables(), Triggers.FIRE))
                    .hasMessageContaining("came out otherwise");
        }
        apply(plan);
        if (engine == Engine.POSTGRESQL) {
            assertThat(database.queryValue("SELECT tgenabled FROM pg_trigger WHERE tgname = 'shout'"))
                    .isEqualTo("A");
        }

        assertThat(content()).containsExactlyInAnyOrderElementsOf(before);
    }

    private void undoesWhatATableLostWhole() throws SQLException {
        List<String> before = content();
        long emptied = engine == Engine.POSTGRESQL ? transaction("TRUNCATE item") : transaction("DELETE FROM item");

        apply(plan(Dependents.REFUSE, emptied));

        assertThat(content()).containsExactlyInAnyOrderElementsOf(before);
    }

    private void tellsLaterTransactionsOfTheSameRowsAndDoesAsIsAsked() throws SQLException {
        List<String> before = content();
        long first = transaction("UPDATE customer SET name = 'first' WHERE id IN (6, 7)");
        long second = transaction("UPDATE customer SET name = 'second' WHERE id IN (7, 8)");
        long third = transaction("UPDATE customer SET name = 'third' WHERE id = 8");

        UndoPlan refused = plan(Dependents.REFUSE, first);
        assertThat(refused.isBlocked()).isTrue();
        assertThat(refused.dependents())
                .extracting(each -> each.transaction().seq())
                .containsExactly(second);
        assertThat(refused.dependents().get(0).rows().values()).containsExactly(1L);

        UndoPlan partly = plan(Dependents.NON_CONFLICTING, first);
        assertThat(partly.leftOut()).isEqualTo(1);
        assertThat(partly.rowCount()).isEqualTo(1);

        UndoPlan forced = plan(Dependents.FORCE, first);
        assertThat(forced.rowCount()).isEqualTo(2);

        UndoPlan all = plan(Dependents.CASCADE, first);
        assertThat(all.dependents())
                .extracting(each -> each.transaction().seq())
                .containsExactly(second, third);
        apply(all);
        assertThat(content()).containsExactlyInAnyOrderElementsOf(before);
    }

    private void writesNothingWhereTheDatabaseIsOtherwise() throws SQLException {
        long inserted = transaction("INSERT INTO customer VALUES (200, 'new@example.org', 'new')");
        UndoPlan plan = plan(Dependents.REFUSE, inserted);
        database.execute("INSERT INTO orders VALUES (200, 200, 'refers to it', NULL)");
        List<String> before = content();

        assertThatThrownBy(() -> apply(plan))
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("refer by")
                .extracting(e -> ((CdpException) e).code())
                .isEqualTo(ErrorCode.LIVE_CONFLICT);
        assertThat(content()).containsExactlyInAnyOrderElementsOf(before);

        database.execute("DELETE FROM orders WHERE id = 200", "UPDATE customer SET name = 'changed' WHERE id = 200");
        assertThat(LiveRepair.look(server, database.name(), plan.tables()).conflicts())
                .singleElement()
                .asString()
                .contains("id=200");
        assertThatThrownBy(() -> apply(plan))
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("1 of 1 rows")
                .hasMessageContaining("id=200");
    }

    private UndoPlan plan(Dependents policy, long transaction) {
        return new UndoService(lab.reading()).plan(SOURCE, List.of(transaction), policy);
    }

    private void apply(UndoPlan plan) {
        LiveRepair.apply(server, database.name(), plan.tables(), Triggers.SILENT);
    }

    /** Runs statements as one transaction. @return its number in the archive */
    private long transaction(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
        ArchiveState state = lab.awaitArchived();
        try (SourceHistory history =
                        new ArchiveReader(lab.reading().store(), null, folder.resolve("numbers")).open(SOURCE);
                FoldDatabase reading = FoldDatabase.open(
                        new FoldDatabase.Limits(DataSize.ofMebibytes(128), 1, folder.resolve("spill")))) {
            TransactionLog log = history.transactions(reading);
            OptionalLong last = log.lastSeqBefore(Long.MAX_VALUE);
            while (log.activity(last.orElseThrow() - 1, last.getAsLong()).isEmpty()) {
                last = log.lastSeqBefore(last.getAsLong());
            }
            return last.getAsLong();
        }
    }

    private List<String> content() throws SQLException {
        List<String> rows = new ArrayList<>();
        for (String table : TABLES) {
            database.query("SELECT * FROM " + table)
                    .forEach(row -> rows.add(
                            table + " " + row.stream().map(String::valueOf).collect(Collectors.joining(" "))));
        }
        return rows;
    }
}
