package dev.cdp.restore;

import static dev.cdp.testkit.SyntheticTable.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.plan.DefinitionMismatchException;
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
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows are known at every transaction, definitions only where statements pause. */
class DefinitionOfAMomentIT {
    private static final SourceId ORDERS = new SourceId("orders");

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource source;
    private SyntheticTable table;
    private RestoreService service;

    @BeforeEach
    void open() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        source = new SyntheticSource(ORDERS);
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
        table = source.createTable("t", column(1, "id", Carrier.INT64));
        source.commit().takeBase(store, folder.resolve("staging"));
        source.define(HandMadeDefinition.postgres(source));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void refusesAMomentWhoseTableHadOtherColumnsThanTheNextDefinition() {
        long before = source.insert(table, 1L).commit().lastSeq();
        source.addColumn(table, "note", null);
        long between = source.commit().insert(table, 2L, "two").commit().lastSeq();
        source.addColumn(table, "more", null);
        source.commit().define(HandMadeDefinition.postgres(source));
        long behind = source.insert(table, 3L, "three", "more").commit().lastSeq();
        archive();

        assertThatThrownBy(() -> plan(between)).isInstanceOfSatisfying(DefinitionMismatchException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FOLD_REFUSED);
            assertThat(e)
                    .hasMessageStartingWith("Table orders.public.t has the columns [id bigint, note text]"
                            + " at this moment, and [id bigint, note text, more text] in the database's definition");
        });
        for (long moment : new long[] {before, behind}) {
            RestoreReport report = service.restore(plan(moment), servers(), RestoreProgress.SILENT);
            assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
        }
    }

    @Test
    void refusesAMomentWhoseTableWasDroppedBeforeItsDefinitionWasRead() {
        SyntheticTable brief = source.createTable("brief", column(1, "id", Carrier.INT64));
        long during = source.insert(brief, 1L).commit().lastSeq();
        source.drop(brief).commit().define(HandMadeDefinition.postgres(source));
        archive();

        assertThatThrownBy(() -> plan(during))
                .isInstanceOf(DefinitionMismatchException.class)
                .hasMessage("Table orders.public.brief has rows in the archive and is not part of the database's"
                        + " definition at this moment");
    }

    /** As archives of earlier versions have them, whose definitions may stand before the statements that they show. */
    @Test
    void loadsNoRowsIntoATableOfOtherColumns() {
        source.define(HandMadeDefinition.postgres(source).replace(" bigint", " bigint, ahead text"));
        long moment = source.insert(table, 1L).commit().lastSeq();
        archive();

        RestoreReport report = service.restore(plan(moment), servers(), RestoreProgress.SILENT);

        RestoreReport.Failure failure =
                Objects.requireNonNull(report.sources().get(0).failure());
        assertThat(failure.code()).isEqualTo(ErrorCode.FOLD_REFUSED.toString());
        assertThat(failure.message()).contains("t has the columns [id] at this moment, and [ahead, id] in the");
    }

    private void archive() {
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 20);
    }

    private RestorePlan plan(long transaction) {
        return service.plan(
                RestoreGroup.of(ORDERS),
                new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(ORDERS, transaction)),
                Map.of(ORDERS, new Destination(servers().get(ORDERS), "shop", null)),
                GapPolicy.REFUSE);
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestPostgres.version15().database("postgres");
        return Map.of(
                ORDERS,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }
}
