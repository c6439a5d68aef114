package dev.cdp.app.ddl;

import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statements of MariaDB: behind each transaction the archive holds what the database itself saw there, or says not. Not
 * part of every build: under writers some of these statements end the process of server 11.4.5 now and then.
 */
@Tag("soak")
class MariaDbDdlIT {
    @TempDir
    Path folder;

    @Test
    void theStateAtEveryTransactionIsRightOrTheTableIsReBased() throws Exception {
        judge(DdlTrial.Stopped.A_QUARTER);
    }

    @Test
    void theSameForAllStatementsReadAfterwards() throws Exception {
        judge(DdlTrial.Stopped.FOR_ALL);
    }

    private void judge(DdlTrial.Stopped stopped) throws Exception {
        TestDatabase database = TestMariaDb.shared().createDatabase("ddl");
        new DdlTrial(
                        new DatabaseVersion("MariaDB", "11.4"),
                        DdlCase.read("/ddl/mariadb.sql", MariaDbDdlDatabase.USUAL),
                        new MariaDbDdlDatabase(database),
                        database,
                        stopped)
                .run(folder, "mariadb");
    }
}
