package dev.cdp.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Secret;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopIT {
    @TempDir
    Path folder;

    @Test
    void invariantsHoldWhileItTradesAndBreakWithTheAccident() throws Exception {
        try (ShopServers servers = ShopServers.start(folder, Secret.of("secret"))) {
            ShopDatabases databases = servers.databases();
            ShopSchema.create(databases, 2_000);
            assertThat(Invariants.of(databases).hold()).isTrue();

            Accident accident;
            try (Shop shop = Shop.open(databases, 200)) {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> shop.placed() > 200);
                assertThat(Invariants.of(databases).lines())
                        .allMatch(line -> line.verdict() == Invariants.Verdict.HOLDS);

                accident = Accident.happen(databases.orders());
            }

            assertThat(accident.deleted()).isPositive();
            assertThat(accident.before()).isNotEqualTo(Accident.digest(databases.orders()));
            assertThat(Invariants.of(databases).lines())
                    .filteredOn(line -> line.verdict() == Invariants.Verdict.BROKEN)
                    .extracting(line -> line.text().replaceFirst(":.*", ""))
                    .containsExactly("money", "goods", "links");
            assertThat(Invariants.paymentsWithoutOrder(databases.orders(), databases.billing()))
                    .isBetween(accident.deleted() - 50, accident.deleted());
        }
    }
}
