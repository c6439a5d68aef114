package dev.cdp.app.ddl;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements of PostgreSQL: behind each transaction the archive holds what the database itself saw there, or says not. */
class PostgresDdlIT {
    @TempDir
    Path folder;

    @Test
    void theStateAtEveryTransactionIsRightOrTheTableIsReBased() throws Exception {
        judge(TestPostgres.version18(), "18", DdlTrial.Stopped.A_QUARTER);
    }

    @Test
    @Tag("versions")
    void theSameOnVersion15() throws Exception {
        judge(TestPostgres.version15(), "15", DdlTrial.Stopped.A_QUARTER);
    }

    @Tag("versions")
    @ParameterizedTest
    @ValueSource(ints = {14, 16, 17})
    void theSameOnVersion(int version) throws Exception {
        try (TestPostgres server = TestPostgres.start(version, folder.resolve("server"))) {
            judge(server, Integer.toString(version), DdlTrial.Stopped.A_QUARTER);
        }
    }

    @Test
    @Tag("soak")
    void theSameForAllStatementsReadAfterwards() throws Exception {
        judge(TestPostgres.version18(), "18", DdlTrial.Stopped.FOR_ALL);
    }

    @Test
    @Tag("soak")
    void restoredDatabasesHoldWhatWasThere() throws Exception {
        trial(TestPostgres.version18(), "18", DdlTrial.Stopped.A_QUARTER)
                .restoring(12)
                .run(folder, Engine.POSTGRESQL);
    }

    private void judge(TestPostgres server, String version, DdlTrial.Stopped stopped) throws Exception {
        trial(server, version, stopped).run(folder, Engine.POSTGRESQL);
    }

    private static DdlTrial trial(TestPostgres server, String version, DdlTrial.Stopped stopped) throws SQLException {
        TestDatabase database = server.createDatabase("ddl");
        return new DdlTrial(
                new DatabaseVersion("PostgreSQL", version),
                DdlCase.read("/ddl/postgresql.sql", PostgresDdlDatabase.USUAL),
                new PostgresDdlDatabase(database),
                database,
                stopped);
    }
}
