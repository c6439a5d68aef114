package dev.cdp.testkit.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestMariaDbIT {
    @Test
    void givesEachTestADatabaseOfItsOwn() throws SQLException {
        TestDatabase mine = TestMariaDb.shared().createDatabase("orders");
        TestDatabase yours = TestMariaDb.shared().createDatabase("orders");

        mine.execute("CREATE TABLE item (id int, note text)", "INSERT INTO item VALUES (1, NULL), (2, 'two')");

        assertThat(mine.query("SELECT * FROM item ORDER BY id")).hasToString("[[1, null], [2, two]]");
        assertThat(yours.query("SHOW TABLES")).isEmpty();
        assertThat(mine.queryValue("SELECT @@gtid_binlog_pos")).startsWith("0-1-");
    }

    @Test
    void letsATestKillAServerOfItsOwn(@TempDir Path directory) throws SQLException {
        try (TestMariaDb own = TestMariaDb.start(directory, List.of("--server-id=42"))) {
            TestDatabase orders = own.createDatabase("orders");
            orders.execute("CREATE TABLE item AS SELECT 1 AS id");

            own.server().kill();
            own.server().restart();

            assertThat(orders.queryValue("SELECT id FROM item")).isEqualTo("1");
            assertThat(orders.queryValue("SELECT @@gtid_binlog_pos")).startsWith("0-42-");
        }
    }
}
