package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckPage;
import org.junit.jupiter.api.Test;

class BinlogCheckTest {
    @Test
    void thePageOfMariaDbNamesEveryCheckAndWhatMendsIt() {
        CheckPage.assertHolds("mariadb.md", MariaDbCheck.values(), BinlogCheck.values());
    }

    @Test
    void thePageOfMySqlNamesEveryCheckAndWhatMendsIt() {
        CheckPage.assertHolds("mysql.md", MySqlCheck.values(), BinlogCheck.values());
    }
}
