package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.StoredObject;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a second run of a plan takes over from the first, and what it refuses to. */
class ResumeIT {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final TestPostgres SERVER = TestPostgres.version15();

    @TempDir
    private Path folder;

    private ObjectStore store;
    private RestoreService service;
    private final List<String> steps = new ArrayList<>();

    @BeforeEach
    void open() throws SQLException {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
        SyntheticSource source = new SyntheticSource(ORDERS);
        for (String name : List.of("first", "second")) {
            SyntheticTable table = source.createTable(
                    name,
                    SyntheticTable.column(1, "id", Carrier.INT64),
                    SyntheticTable.column(2, "note", Carrier.TEXT));
            for (long id = 1; id <= 100; id++) {
                source.insert(table, id, "note " + id);
            }
            source.commit();
        }
        source.takeBase(store, folder.resolve("staging"));
        source.define(HandMadeDefinition.postgres(source)).heartbeat();
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 20);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void loadedTablesAreNotLoadedAgainButVerified() throws Exception {
        RestorePlan plan = stoppedAt("load public.second");

        RestoreReport report = service.restore(plan, servers(), noting("never"));

        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
        assertThat(steps)
                .contains("load public.second", "verify public.first", "verify public.second")
                .doesNotContain("load public.first");
        assertThat(database(plan).queryValue("SELECT count(*) FROM first")).isEqualTo("100");
    }

    @Test
    void aStoppedRestoreIsNotUsableAndSaysThatItWasStopped() throws Exception {
        RestorePlan plan = plan();
        SERVER.database("postgres").execute("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'reader'");

        RestoreReport report = service.restore(plan, servers(), noting("verify public.first"));

        assertThat(report.exitCode()).isEqualTo(ExitCode.CANCELLED);
        assertThatThrownBy(() -> connect(name(plan), "postgres", TestPostgres.PASSWORD))
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> connect(name(plan) + "__incomplete", "reader", "reader"))
                .hasMessageContaining("permission denied");
        service.restore(plan, servers(), RestoreProgress.SILENT);
        connect(name(plan), "reader", "reader").close();
    }

    @Test
    void aRoleThatMayOnlyCreateDatabasesCanRestoreAndResume() throws Exception {
        SERVER.database("postgres")
                .execute("DROP ROLE IF EXISTS creator", "CREATE ROLE creator LOGIN CREATEDB PASSWORD 'creator'");
        TargetServer as = new TargetServer(
                Engine.POSTGRESQL,
                "127.0.0.1",
                SERVER.database("postgres").port(),
                "creator",
                Secret.of("creator"),
                Map.of());
        RestorePlan plan = service.plan(
                RestoreGroup.of(ORDERS),
                new RestorePoint.Latest(),
                Map.of(ORDERS, new Destination(as, "created", null)));

        assertThat(service.restore(plan, Map.of(ORDERS, as), noting("add keys")).exitCode())
                .isEqualTo(ExitCode.CANCELLED);
        RestoreReport report = service.restore(plan, Map.of(ORDERS, as), RestoreProgress.SILENT);

        assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
        SERVER.database("postgres").execute("DROP DATABASE \"" + name(plan) + "\"", "DROP ROLE creator");
    }

    @Test
    void aTargetThatSomebodyChangedIsRefused() throws Exception {
        RestorePlan otherTable = stoppedAt("load public.second");
        incomplete(otherTable).execute("CREATE TABLE public.theirs (id int)");
        assertRefused(otherTable, ErrorCode.TARGET_TOUCHED, "has other tables than the interrupted restore made");

        RestorePlan otherRows = stoppedAt("load public.second");
        incomplete(otherRows).execute("INSERT INTO public.second VALUES (4711, 'theirs')");
        assertRefused(otherRows, ErrorCode.TARGET_TOUCHED, "has rows in \"public\".\"second\" that no restore loaded");

        RestorePlan changedRows = stoppedAt("load public.second");
        incomplete(changedRows).execute("UPDATE public.first SET note = 'theirs' WHERE id = 7");
        assertRefused(changedRows, ErrorCode.VERIFICATION_FAILED, "does not hold what was loaded: public.first");

        incomplete(changedRows).execute("UPDATE public.first SET note = 'note 7' WHERE id = 7");
        assertThat(service.restore(changedRows, servers(), RestoreProgress.SILENT)
                        .exitCode())
                .isEqualTo(ExitCode.DONE);
    }

    private void assertRefused(RestorePlan plan, ErrorCode code, String message) throws Exception {
        RestoreReport report = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(report.exitCode()).isEqualTo(code.exitCode());
        assertThat(report.sources().get(0).failure().message()).contains(message);
        assertThat(SERVER.database("postgres").query("SELECT 1 FROM pg_database WHERE datname = '" + name(plan) + "'"))
                .isEmpty();
    }

    @Test
    void anEditedPlanDoesNotGoOnWithWhatItLeft() throws Exception {
        RestorePlan plan = stoppedAt("load public.second");
        RestorePlan edited = RestorePlan.fromJson(
                plan.toJson()
                        .replaceFirst(
                                "\"sequences\":\\[[^]]*\\]",
                                "\"sequences\":["
                                        + "{\"kind\":\"SEQUENCE\",\"schema\":\"public\",\"name\":\"counter\",\"last_value\":9,\"called\":true}]"));

        assertThatThrownBy(() -> service.restore(edited, servers(), RestoreProgress.SILENT))
                .hasMessageContaining("holds the interrupted restore of plan " + plan.id())
                .extracting(e -> ((CdpException) e).code())
                .isEqualTo(ErrorCode.TARGET_NOT_EMPTY);
    }

    @Test
    void aPlanThatIsBeingRestoredIsNotRestoredTwiceAtOnce() throws Exception {
        RestorePlan plan = plan();
        Path locks = Files.createDirectories(folder.resolve("work").resolve("locks"));
        try (FileChannel other = FileChannel.open(
                locks.resolve(plan.id() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            other.lock();
            assertThatThrownBy(() -> service.restore(plan, servers(), RestoreProgress.SILENT))
                    .extracting(e -> ((CdpException) e).code())
                    .isEqualTo(ErrorCode.RESTORE_RUNNING);
        }
        assertThat(service.restore(plan, servers(), RestoreProgress.SILENT).exitCode())
                .isEqualTo(ExitCode.DONE);
    }

    @Test
    void aRunThatTakesOverEndsTheSessionsOfTheFirst() throws Exception {
        RestorePlan plan = stoppedAt("load public.second");
        try (Connection left = connect(name(plan) + "__incomplete", "postgres", TestPostgres.PASSWORD)) {
            left.setAutoCommit(false);
            left.createStatement().execute("LOCK TABLE public.second"); // as one that hangs in a load does

            assertThat(service.restore(plan, servers(), RestoreProgress.SILENT).exitCode())
                    .isEqualTo(ExitCode.DONE);
            assertThat(left.isValid(1)).isFalse();
        }
    }

    @Test
    void aCompletedPlanIsComparedAndADatabaseInUseIsLeftAlone() throws Exception {
        RestorePlan plan = plan();
        service.restore(plan, servers(), RestoreProgress.SILENT);

        RestoreReport again = service.restore(plan, servers(), noting("never"));
        database(plan).execute("INSERT INTO first VALUES (4711, 'in use')");
        RestoreReport inUse = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(again.exitCode()).as(again.toText()).isEqualTo(ExitCode.DONE);
        assertThat(steps).noneMatch(step -> step.startsWith("load"));
        assertThat(inUse.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(inUse.sources().get(0).failure().message())
                .contains("was restored by this plan, and holds other rows");
        assertThat(database(plan).queryValue("SELECT count(*) FROM first")).isEqualTo("101");
    }

    @Test
    void aStagedObjectThatWasDamagedSinceIsFetchedAgain() throws Exception {
        RestorePlan plan = stoppedAt("load public.second");
        for (StoredObject object : plan.sources().get(0).tables().get(1).objects()) {
            Path staged = folder.resolve("work").resolve("objects").resolve(object.sha256());
            byte[] bytes = Files.readAllBytes(staged);
            bytes[bytes.length / 2]++;
            Files.write(staged, bytes);
        }

        assertThat(service.restore(plan, servers(), RestoreProgress.SILENT).exitCode())
                .isEqualTo(ExitCode.DONE);
    }

    private RestorePlan plan() {
        return service.plan(
                RestoreGroup.of(ORDERS),
                new RestorePoint.Latest(),
                Map.of(ORDERS, new Destination(servers().get(ORDERS), "resumed", null)));
    }

    /** A plan whose restore was stopped when it came to a step. */
    private RestorePlan stoppedAt(String step) {
        RestorePlan plan = plan();
        assertThat(service.restore(plan, servers(), noting(step)).exitCode()).isEqualTo(ExitCode.CANCELLED);
        steps.clear();
        return plan;
    }

    private RestoreProgress noting(String stopsAfter) {
        return new RestoreProgress() {
            @Override
            public void at(SourceId source, String step, long rows) {
                steps.add(step);
            }

            @Override
            public boolean wantsStop() {
                return !steps.isEmpty() && follows(steps.get(steps.size() - 1));
            }

            /** The step itself is not begun any more. */
            private boolean follows(String last) {
                return switch (stopsAfter) {
                    case "load public.second" -> last.equals("load public.first");
                    case "add keys" -> last.equals("load public.second");
                    case "verify public.first" -> last.equals("add keys");
                    default -> false;
                };
            }
        };
    }

    private static String name(RestorePlan plan) {
        return plan.sources().get(0).database();
    }

    private static TestDatabase database(RestorePlan plan) {
        return SERVER.database(name(plan));
    }

    private static TestDatabase incomplete(RestorePlan plan) {
        return SERVER.database(name(plan) + "__incomplete");
    }

    private static Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(SERVER.database(database).jdbcUrl(), user, password);
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = SERVER.database("postgres");
        return Map.of(
                ORDERS,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }
}
