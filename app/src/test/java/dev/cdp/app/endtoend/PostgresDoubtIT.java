package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.Watermark;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that contradicts itself puts in doubt what was recorded before that was noticed. */
class PostgresDoubtIT {
    private static final String MISS_SOME = "UPDATE cdp.marker SET counter = counter + 5";

    @TempDir
    Path folder;

    @Test
    void aHoleBetweenMarkersTakesBackWhatWasRecordedBehindTheLastGoodOneAndASecondSoonStopsTheSource()
            throws Exception {
        try (ProtectedPostgres shop =
                new ProtectedPostgres(folder, TestPostgres.version15().createDatabase("doubt"))) {
            shop.settle();
            Instant known = watermark(shop).commitTimestamp();
            Instant doubtful = recordBetweenTwoMarkersThatDoNotFollow(shop);

            awaitGaps(shop, 1, 2);
            LedgerEntry.Gap first = ProtectedPostgres.gaps(shop.state()).get(0);
            LastWhole lastWhole = Objects.requireNonNull(first.lastWhole());
            assertThat(lastWhole.seq()).isLessThan(first.seq() - 1);
            shop.database().execute("DELETE FROM item WHERE id % 2 = 0");
            shop.settle();
            assertOneGapIsShown(shop);
            shop.assertRefused(doubtful);
            assertThat(shop.plan(known)).isZero();
            FaultResults.record(FaultResult.noticed(FaultKind.GAP, "PostgreSQL: hole between markers", 1, 1));

            shop.database().execute(MISS_SOME);
            shop.awaitState("failed");
            assertThat(shop.status().at("/reason").asText())
                    .contains("is not complete as read: marker", "was found within the hour before");
            await("the second doubt to be archived")
                    .atMost(ProtectedPostgres.DETECTION)
                    .until(() -> ProtectedPostgres.gaps(shop.state()).size() == 3);
            shop.stop();
            shop.start(); // the operator has mended what writes markers

            awaitGaps(shop, 3, 4);
            shop.settle();
            assertThat(ProtectedPostgres.gaps(shop.state())).hasSize(4);
        }
    }

    /** Heartbeats wait for the row of the marker meanwhile, so that none comes in between. */
    private static Instant recordBetweenTwoMarkersThatDoNotFollow(ProtectedPostgres shop) throws Exception {
        try (Connection connection = shop.database().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(MISS_SOME);
            Instant locked = Instant.now();
            shop.database().execute("INSERT INTO item VALUES (-1, 'doubtful'), (-2, 'too')");
            await("archived")
                    .atMost(ProtectedPostgres.DETECTION)
                    .until(() -> watermark(shop).commitTimestamp().isAfter(locked));
            Instant doubtful = watermark(shop).commitTimestamp();
            connection.commit();
            return doubtful;
        }
    }

    private static void awaitGaps(ProtectedPostgres shop, int before, int count) {
        await("gap " + count)
                .atMost(ProtectedPostgres.DETECTION)
                .until(() -> ProtectedPostgres.gaps(shop.state()).size() >= count);
        ArchiveState state = shop.state();
        List<LedgerEntry.Gap> gaps = ProtectedPostgres.gaps(state);
        LedgerEntry.Gap open = gaps.get(before - 1);
        assertThat(open.reason()).contains("is not complete as read: marker");
        assertThat(gaps.get(before).from()).isEqualTo(open.from());
        assertThat(gaps.get(before).to()).isNotNull();
    }

    private static void assertOneGapIsShown(ProtectedPostgres shop) {
        assertThat(shop.status().at("/gaps")).singleElement().satisfies(gap -> {
            assertThat(gap.get("reason").asText()).contains("marker");
            assertThat(gap.get("to").isNull()).isFalse();
        });
    }

    private static Watermark watermark(ProtectedPostgres shop) {
        return shop.state().watermark().orElseThrow();
    }
}
