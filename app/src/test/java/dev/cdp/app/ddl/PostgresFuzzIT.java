package dev.cdp.app.ddl;

import dev.cdp.core.Engine;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories of PostgreSQL: behind each transaction the archive holds what the database itself held there. */
class PostgresFuzzIT {
    private static final int USUAL = 10;

    @TempDir
    Path folder;

    @Test
    @Tag("soak")
    void randomHistoriesComeBackAsTheyWereAtEveryTransaction() throws Exception {
        run(TestPostgres.version18(), FuzzTrial.seeds(USUAL));
    }

    @Test
    @Tag("versions")
    void theSameOnVersion15() throws Exception {
        run(TestPostgres.version15(), FuzzTrial.seeds(USUAL));
    }

    @Test
    @Tag("soak")
    void aThousandOfThem() throws Exception {
        for (List<Long> batch : FuzzTrial.batches(FuzzTrial.seeds(1000))) {
            run(TestPostgres.version18(), batch);
        }
    }

    private void run(TestPostgres server, List<Long> seeds) throws Exception {
        TestDatabase database = server.createDatabase("fuzz");
        try (FuzzedPostgres fuzzed = new FuzzedPostgres(database)) {
            new FuzzTrial(fuzzed, database, seeds).run(folder.resolve(database.name()), Engine.POSTGRESQL);
        }
    }
}
