package dev.cdp.testkit.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestPostgresIT {
    @Test
    void runsTwoVersionsSideBySide() throws SQLException {
        TestDatabase oldest = TestPostgres.version15().createDatabase("orders");
        TestDatabase newest = TestPostgres.version18().createDatabase("orders");

        assertThat(oldest.queryValue("SHOW server_version")).startsWith("15.");
        assertThat(newest.queryValue("SHOW server_version")).startsWith("18.");
        assertThat(oldest.queryValue("SHOW wal_level")).isEqualTo("logical");
        assertThat(newest.queryValue("SHOW max_replication_slots")).isEqualTo("60");
        assertThat(TestPostgres.version15()).isSameAs(TestPostgres.version15());
    }

    @Test
    void givesEachTestADatabaseOfItsOwn() throws SQLException {
        TestDatabase mine = TestPostgres.version18().createDatabase("orders");
        TestDatabase yours = TestPostgres.version18().createDatabase("orders");

        mine.execute("CREATE TABLE item (id int, note text)", "INSERT INTO item VALUES (1, NULL), (2, 'two')");

        assertThat(mine.query("SELECT * FROM item ORDER BY id")).hasToString("[[1, null], [2, two]]");
        assertThat(yours.queryValue("SELECT to_regclass('item')")).isNull();
    }

    @Test
    void letsATestKillAServerOfItsOwn(@TempDir Path directory) throws SQLException {
        try (TestPostgres own = TestPostgres.start15(directory)) {
            TestDatabase orders = own.createDatabase("orders");
            orders.execute("CREATE TABLE item AS SELECT 1 AS id");

            own.server().kill();
            own.server().restart();

            assertThat(orders.queryValue("SELECT id FROM item")).isEqualTo("1");
        }
    }
}
