package dev.cdp.app.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.restore.RestoredContent.State;
import dev.cdp.core.ErrorCode;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full in the middle of a restore: it says so, and goes on when there is room. */
class RestoreFullDiskIT {
    private static final int ROWS = 20_000;
    private static final int TOO_LITTLE = 2 << 20;

    @TempDir
    private Path folder;

    private final TestDatabase postgres = TestPostgres.version15().database("postgres");
    private final TestDatabase mariaDb = TestMariaDb.shared().database("mysql");

    @Test
    void aRestoreGoesOnWhenPostgresHasRoomAgain() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 64);
                RestorableShop shop = new RestorableShop(folder, folder.resolve("data"), postgres, mariaDb, ROWS)) {
            Path tables = Files.createDirectories(disk.folder().resolve("tables"));
            postgres.execute("CREATE TABLESPACE small LOCATION '" + tables + "'");
            try {
                postgres.execute("CREATE DATABASE orders_full TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
                        + " LC_CTYPE 'C' TABLESPACE small");
                disk.leave(TOO_LITTLE);
                RestorePlan plan = shop.plan("full", RestorableShop.ORDERS);

                assertIsFull(shop, shop.restore(plan), ErrorCode.TARGET_FULL, plan);
                assertThat(shop.orders("full").state()).isEqualTo(State.ABSENT);
                disk.makeRoom();
                assertThat(shop.resume(plan)).as(shop.printed()).isZero();
                assertThat(shop.restore(shop.plan("roomy", RestorableShop.ORDERS)))
                        .isZero();
                assertThat(shop.orders("full").differences(shop.orders("roomy")))
                        .isEmpty();
                record("disk of PostgreSQL full");
            } finally {
                shop.drop("full");
                shop.drop("roomy");
                postgres.execute("DROP TABLESPACE small");
            }
        }
    }

    @Test
    @Tag("soak") // for a server of its own
    void aRestoreGoesOnWhenMariaDbHasRoomAgain() throws Exception {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 400);
                TestMariaDb small = TestMariaDb.start(
                        Files.createDirectories(disk.folder().resolve("server")),
                        List.of("--log-bin=" + logs.resolve("log"), "--tmpdir=" + logs));
                RestorableShop shop =
                        new RestorableShop(folder, folder.resolve("data"), postgres, small.database("mysql"), ROWS)) {
            disk.leave(TOO_LITTLE);
            RestorePlan plan = shop.plan("full", RestorableShop.STOCK);

            assertIsFull(shop, shop.restore(plan), ErrorCode.TARGET_FULL, plan);
            assertThat(shop.stock("full").state()).isEqualTo(State.ABSENT);
            disk.makeRoom();
            assertThat(shop.resume(plan)).as(shop.printed()).isZero();
            assertThat(shop.restore(shop.plan("roomy", RestorableShop.STOCK))).isZero();
            assertThat(shop.stock("full").differences(shop.stock("roomy"))).isEmpty();
            record("disk of MariaDB full");
        }
    }

    @Test
    void aRestoreGoesOnWhenItsOwnDiskHasRoomAgain() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 64);
                RestorableShop shop = new RestorableShop(folder, disk.folder(), postgres, mariaDb, ROWS)) {
            RestorePlan plan = shop.plan("staged", RestorableShop.ORDERS);
            disk.leave(64 << 10);

            assertIsFull(shop, shop.restore(plan), ErrorCode.WORK_DIRECTORY_FAILED, plan);
            assertThat(postgres.query("SELECT 1 FROM pg_database WHERE datname LIKE 'orders_staged%'"))
                    .as("nothing was written")
                    .isEmpty();
            disk.makeRoom();
            assertThat(shop.resume(plan)).as(shop.printed()).isZero();
            assertThat(shop.orders("staged").state()).isEqualTo(State.COMPLETE);
            shop.drop("staged");
            record("disk of the restoring machine full");
        }
    }

    private static void assertIsFull(RestorableShop shop, int exit, ErrorCode code, RestorePlan plan) {
        assertThat(exit).as(shop.printed()).isEqualTo(code.exitCode().code());
        assertThat(shop.printed()).contains(code.toString()).contains("cdp restore --resume " + plan.id());
    }

    private static void record(String fault) {
        FaultResults.record(FaultResult.survived(FaultKind.RESTORE, fault, 1, Harm.NONE));
    }
}
