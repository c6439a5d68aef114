package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.ChangeEvent.LastWhole;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores to moments at which changes are missing: refused, or done as far as the state is exact, and never unnoticed. */
class AcrossGapsIT {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final RestoreGroup GROUP = new RestoreGroup("shop", List.of(ORDERS), List.of());

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource source;
    private RestoreService service;
    private SyntheticTable first;
    private SyntheticTable second;
    private Instant known;
    private Instant unknown;

    @BeforeEach
    void begin() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        source = new SyntheticSource(ORDERS);
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
        first = source.createTable("first", SyntheticTable.column(1, "id", Carrier.INT64));
        second = source.createTable("second", SyntheticTable.column(1, "id", Carrier.INT64));
        source.insert(first, 1L).insert(second, 1L).commit();
        source.takeBase(store, folder.resolve("staging"));
        source.define(HandMadeDefinition.postgres(source));
        source.insert(first, 2L).insert(second, 2L).commit();
        known = source.now();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aMomentWithoutAnyKnownChangesIsRefusedWithTheIntervalAndTheMomentsBesideIt() {
        gapOfAll();
        Instant after = source.now();

        assertThatThrownBy(() -> plan(unknown, GapPolicy.REFUSE)).isInstanceOfSatisfying(CdpException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.RESTORE_POINT_IN_GAP);
            assertThat(e.code().exitCode()).isEqualTo(ExitCode.NOT_RESTORABLE);
            assertThat(e.getMessage().lines())
                    .hasSize(4)
                    .first()
                    .isEqualTo("Source 'orders' cannot be restored to " + unknown);
            assertThat(e)
                    .hasMessageContaining(
                            "why   changes between " + known + " and " + after + " are not in the archive (slot lost)")
                    .hasMessageContaining("near  latest moment before: " + known + "; earliest after: " + after);
            assertThat(e.next()).contains("cdp plan --to " + known, "cdp plan --to " + after, "--allow-gap");
        });
        assertThat(plan(after, GapPolicy.ALLOW).leavesOut()).isFalse();
    }

    @Test
    void anAllowedGapRestoresTheLatestStateBeforeItAndSaysSoEverywhere() throws Exception {
        gapOfAll();
        RestorePlan plan = RestorePlan.fromJson(plan(unknown, GapPolicy.ALLOW).toJson());

        RestoreReport report = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(plan.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.from()).isEqualTo(known);
            assertThat(missing.to()).isEqualTo(source.now());
            assertThat(missing.gapCount()).isEqualTo(1);
            assertThat(missing.tables()).isEmpty();
        });
        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.PARTIAL);
        assertThat(report.toText()).contains("LEFT OUT     source orders as of " + known);
        assertThat(rows(plan, "first")).containsExactly("1", "2");
        assertThat(rows(plan, "second")).containsExactly("1", "2");
    }

    @Test
    void aGapOfOneTableHoldsBackThatTableAlone() throws Exception {
        source.insert(first, 3L).insert(second, 3L).commit(); // the statement that changed it unlogged came with it
        source.gapOf(first, "ALTER TABLE may have changed rows without logging them");
        source.insert(first, 4L).insert(second, 4L).commit();
        unknown = source.now();
        archive();

        assertThatThrownBy(() -> plan(unknown, GapPolicy.REFUSE))
                .hasMessageContaining("changes of public.first between " + known
                        + " and the next base, which is still to come are not in the archive");
        RestorePlan plan = plan(unknown, GapPolicy.ALLOW);
        RestoreReport report = service.restore(RestorePlan.fromJson(plan.toJson()), servers(), RestoreProgress.SILENT);

        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.PARTIAL);
        assertThat(report.toText()).contains("LEFT OUT     tables orders.public.first as of " + known);
        assertThat(rows(plan, "first")).containsExactly("1", "2");
        assertThat(rows(plan, "second")).containsExactly("1", "2", "3", "4");
    }

    @Test
    void theBaseOfATableEndsItsGap() {
        source.insert(first, 3L).commit();
        source.gapOf(first, "unlogged").heartbeat();
        unknown = source.now();
        source.advance(Duration.ofMinutes(1)).heartbeat().takeBaseOf(first, store, folder.resolve("staging"));
        Instant mended = source.now();
        source.heartbeat();
        archive();

        assertThat(service.plan(GROUP, new RestorePoint.Latest(), destinations(), GapPolicy.REFUSE)
                        .missing())
                .isEmpty();
        assertThatThrownBy(() -> plan(unknown, GapPolicy.REFUSE))
                .hasMessageContaining("earliest after: " + mended)
                .extracting(e -> ((CdpException) e).code())
                .isEqualTo(ErrorCode.RESTORE_POINT_IN_GAP);
    }

    @Test
    void whatWasRecordedBehindTheLastTransactionThatIsWholeIsRefused() throws Exception {
        LastWhole lastWhole = new LastWhole(source.lastSeq(), known);
        source.insert(first, 3L).commit(); // stands in one file with what is whole
        unknown = source.now();
        RestorePoint.AtTransaction doubtful =
                new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(ORDERS, source.lastSeq()));
        source.gapBehindDoubt("marker 7 follows marker 5", lastWhole)
                .advance(Duration.ofMinutes(10))
                .takeBase(store, folder.resolve("staging"));
        source.define(HandMadeDefinition.postgres(source));
        archive();

        for (RestorePoint point : List.of(new RestorePoint.AtTime(unknown), doubtful)) {
            assertThatThrownBy(() -> service.plan(GROUP, point, destinations(), GapPolicy.REFUSE))
                    .hasMessageContaining("why   changes between " + known + " and " + source.now()
                            + " are not in the archive (marker 7 follows marker 5)")
                    .extracting(e -> ((CdpException) e).code())
                    .isEqualTo(ErrorCode.RESTORE_POINT_IN_GAP);
        }
        assertThat(plan(known, GapPolicy.REFUSE).missing()).isEmpty();
        RestorePlan allowed = service.plan(GROUP, doubtful, destinations(), GapPolicy.ALLOW);
        service.restore(RestorePlan.fromJson(allowed.toJson()), servers(), RestoreProgress.SILENT);
        assertThat(rows(allowed, "first")).containsExactly("1", "2");
        try (ObjectStore archive = ArchiveAccess.file(folder.resolve("archive")).open()) {
            assertThatThrownBy(() -> TableFiles.at(
                            Ledger.openExisting(archive, ORDERS).orElseThrow().state(), lastWhole.seq() + 1))
                    .hasMessageContaining("changes may be missing between change " + lastWhole.seq());
        }
    }

    private void gapOfAll() {
        source.gap("slot lost").advance(Duration.ofMinutes(10)).takeBase(store, folder.resolve("staging"));
        unknown = known.plusSeconds(60);
        source.define(HandMadeDefinition.postgres(source));
        archive();
    }

    private void archive() {
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 20);
    }

    private RestorePlan plan(Instant moment, GapPolicy gaps) {
        return service.plan(GROUP, new RestorePoint.AtTime(moment), destinations(), gaps);
    }

    private static Map<SourceId, Destination> destinations() {
        return Map.of(ORDERS, new Destination(servers().get(ORDERS), "gaps", null));
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestPostgres.version15().database("postgres");
        return Map.of(
                ORDERS,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }

    private static List<String> rows(RestorePlan plan, String table) throws Exception {
        return TestPostgres.version15()
                .database(plan.sources().get(0).database())
                .query("SELECT id::text FROM public." + table + " ORDER BY id")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }
}
