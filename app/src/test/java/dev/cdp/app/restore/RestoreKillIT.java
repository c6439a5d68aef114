package dev.cdp.app.restore;

import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that is killed at any point leaves nothing that could be used by mistake, and the same plan completes it. */
class RestoreKillIT {
    private static final int SAMPLE = 5;

    @TempDir
    private Path folder;

    @Test
    void aKilledRestoreGoesOnToTheSameDatabasesAtRandomPoints() throws Exception {
        long seed = seed();
        List<CrashPoint> points = new ArrayList<>();
        RestoreKills.points().forEach(points::add);
        Collections.shuffle(points, new Random(seed));
        try (RestorableShop shop = shop()) {
            RestoreKills kills = new RestoreKills(shop, seed);
            for (CrashPoint point : points.subList(0, SAMPLE)) {
                kills.round(point);
            }
        }
    }

    @Test
    @Tag("soak")
    void aKilledRestoreGoesOnToTheSameDatabasesAtEveryPoint() throws Exception {
        int rounds = Integer.getInteger("soak.rounds", 25);
        try (RestorableShop shop = shop()) {
            RestoreKills kills = new RestoreKills(shop, seed());
            for (int round = 0; round < rounds; round++) {
                for (CrashPoint point : RestoreKills.points()) {
                    kills.round(point);
                }
            }
        }
    }

    private RestorableShop shop() throws Exception {
        return new RestorableShop(
                folder,
                folder.resolve("data"),
                TestPostgres.version15().database("postgres"),
                TestMariaDb.shared().database("mysql"),
                300);
    }

    private static long seed() {
        long seed = Long.getLong("soak.seed", System.nanoTime());
        System.out.println("RestoreKillIT seed " + seed + "; -Dsoak.seed=" + seed + " replays it");
        return seed;
    }
}
