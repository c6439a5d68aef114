package dev.cdp.app.ddl;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statements of MariaDB: behind each transaction the archive holds what the database itself saw there, or says not. Not
 * part of every build: server 11.4.5 has died now and then in ALTER TABLE beside writers, which its log would tell of.
 */
@Tag("soak")
@ExtendWith(MariaDbLogWhenFailed.class)
class MariaDbDdlIT {
    @TempDir
    Path folder;

    @Test
    void theStateAtEveryTransactionIsRightOrTheTableIsReBased() throws Exception {
        trial(DdlTrial.Stopped.A_QUARTER).run(folder, Engine.MARIADB);
    }

    @Test
    void theSameForAllStatementsReadAfterwards() throws Exception {
        trial(DdlTrial.Stopped.FOR_ALL).run(folder, Engine.MARIADB);
    }

    @Test
    void restoredDatabasesHoldWhatWasThere() throws Exception {
        trial(DdlTrial.Stopped.A_QUARTER).restoring(12).run(folder, Engine.MARIADB);
    }

    private static DdlTrial trial(DdlTrial.Stopped stopped) throws SQLException {
        TestDatabase database = TestMariaDb.shared().createDatabase("ddl");
        return new DdlTrial(
                new DatabaseVersion("MariaDB", "11.4"),
                DdlCase.read("/ddl/mariadb.sql", MariaDbDdlDatabase.USUAL),
                new MariaDbDdlDatabase(database),
                database,
                stopped);
    }
}
