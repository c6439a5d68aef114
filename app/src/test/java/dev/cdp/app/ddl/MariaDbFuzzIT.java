package dev.cdp.app.ddl;

import dev.cdp.core.Engine;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Random histories of MariaDB: behind each transaction the archive holds what the database itself held there. */
@ExtendWith(MariaDbLogWhenFailed.class)
class MariaDbFuzzIT {
    private static final int USUAL = 10;

    @TempDir
    Path folder;

    @Test
    @Tag("soak")
    void randomHistoriesComeBackAsTheyWereAtEveryTransaction() throws Exception {
        run(FuzzTrial.seeds(USUAL));
    }

    @Test
    @Tag("soak")
    void aThousandOfThem() throws Exception {
        for (List<Long> batch : FuzzTrial.batches(FuzzTrial.seeds(1000))) {
            run(batch);
        }
    }

    private void run(List<Long> seeds) throws Exception {
        TestDatabase database = TestMariaDb.shared().createDatabase("fuzz");
        try (FuzzedMariaDb fuzzed = new FuzzedMariaDb(database)) {
            new FuzzTrial(fuzzed, database, seeds).run(folder.resolve(database.name()), Engine.MARIADB);
        }
    }
}
