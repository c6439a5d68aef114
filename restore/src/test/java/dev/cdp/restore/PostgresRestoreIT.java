package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.RowImage;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.TransactionAssembler.Transaction;
import dev.cdp.core.topic.TransactionAssembler.Unit;
import dev.cdp.restore.plan.PlanStaleException;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetDatabase;
import dev.cdp.restore.target.TargetException;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.ReplayModel;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresRestoreIT {
    private static final SourceId ORDERS = new SourceId("orders");
    private static final RestoreGroup GROUP = RestoreGroup.of(ORDERS);

    @TempDir
    private Path folder;

    private ObjectStore store;
    private SyntheticSource source;
    private RestoreService service;

    @BeforeEach
    void open() {
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        source = new SyntheticSource(ORDERS);
        service = new RestoreService(RestoreSettings.usual(store, null, folder.resolve("work")), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void restoredDatabasesEqualAReplayOfTheHistory() throws Exception {
        grow(4, 30);
        source.takeBase(store, folder.resolve("staging"));
        grow(5, 60);
        source.sequence("counter", 4711).heartbeat();
        archive();
        List<Transaction> transactions = transactions();

        for (int back : List.of(1, 25)) {
            Transaction last = transactions.get(transactions.size() - back);
            RestorePlan plan = plan(
                    new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(ORDERS, last.lastSeq())));
            RestoreReport report =
                    service.restore(RestorePlan.fromJson(plan.toJson()), servers(), RestoreProgress.SILENT);

            assertThat(report.exitCode()).as(report.toText()).isEqualTo(ExitCode.DONE);
            assertThat(report.rowCount()).isPositive();
            TestDatabase restored =
                    TestPostgres.version15().database(plan.sources().get(0).database());
            assertHolds(restored, last.lastSeq());
            assertThat(restored.queryValue("SELECT last_value FROM counter")).isEqualTo("4711");
        }
    }

    @Test
    void theSamePlanGoesOnWithWhatItsInterruptedRunLeft() throws Exception {
        smallHistory();
        RestorePlan plan = plan(new RestorePoint.Latest());
        TargetServer server = servers().get(ORDERS);
        String name = plan.sources().get(0).database();
        try (TargetDatabase interrupted = server.database(name)) {
            interrupted.begin(mark(plan), definition(plan));
            assertThat(interrupted.standing(mark(plan))).isEqualTo(TargetDatabase.Standing.OWN_INCOMPLETE);
            assertThat(interrupted.standing("another")).isEqualTo(TargetDatabase.Standing.NOT_EMPTY);
            assertThat(databases()).contains(name + "__incomplete").doesNotContain(name);
        }

        RestoreReport report = service.restore(plan, servers(), RestoreProgress.SILENT);

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(databases()).contains(name).doesNotContain(name + "__incomplete");
    }

    @Test
    void anEmptyDatabaseThatExistsIsFilled() throws Exception {
        smallHistory();
        TestDatabase empty = TestPostgres.version15().createDatabase("empty");

        RestorePlan plan = service.plan(GROUP, new RestorePoint.Latest(), destinations(empty.name()));
        service.restore(plan, servers(), RestoreProgress.SILENT);

        assertHolds(empty, source.lastSeq());
    }

    @Test
    void aDatabaseThatIsNotEmptyIsRefusedByThePlan() throws Exception {
        smallHistory();
        TestDatabase taken = TestPostgres.version15().createDatabase("taken");
        taken.execute("CREATE TABLE precious (id int)");

        assertThatThrownBy(() -> service.plan(GROUP, new RestorePoint.Latest(), destinations(taken.name())))
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("Database '" + taken.name() + "' on 127.0.0.1:")
                .hasMessageContaining("exists and is not empty");
    }

    @Test
    void aUserWhoMayNotCreateDatabasesIsRefusedByThePlan() throws Exception {
        smallHistory();
        TestPostgres.version15()
                .database("postgres")
                .execute("DROP ROLE IF EXISTS weak", "CREATE ROLE weak LOGIN PASSWORD 'weak'");
        TargetServer strong = servers().get(ORDERS);
        TargetServer weak =
                new TargetServer(Engine.POSTGRESQL, strong.host(), strong.port(), "weak", Secret.of("weak"), Map.of());

        assertThatThrownBy(() -> service.plan(
                        GROUP, new RestorePoint.Latest(), Map.of(ORDERS, new Destination(weak, "shop", null))))
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("User 'weak' may not create databases")
                .extracting(e -> ((CdpException) e).code().exitCode())
                .isEqualTo(ExitCode.ACCESS_DENIED);
    }

    @Test
    void anArchiveWithAnotherPastMakesThePlanStale() {
        smallHistory();
        String json = plan(new RestorePoint.Latest()).toJson();
        RestorePlan forged =
                RestorePlan.fromJson(json.replaceFirst("\"ledger_sha256\":\"[0-9a-f]{4}", "\"ledger_sha256\":\"0123"));

        assertThatThrownBy(() -> service.restore(forged, servers(), RestoreProgress.SILENT))
                .isInstanceOf(PlanStaleException.class)
                .hasMessageContaining("of source 'orders' is another one");
    }

    @Test
    void aDamagedObjectRefusesBeforeAnythingIsWritten() throws Exception {
        smallHistory();
        RestorePlan plan = plan(new RestorePoint.Latest());
        String key = plan.sources().get(0).tables().get(0).objects().get(0).key();
        byte[] bytes = store.get(key).orElseThrow();
        bytes[bytes.length / 2]++;
        store.putDerived(key, bytes);

        assertThatThrownBy(() -> service.restore(plan, servers(), RestoreProgress.SILENT))
                .isInstanceOf(dev.cdp.core.archive.ArchiveDamagedException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("its SHA-256 differs");
        store.delete(key);
        assertThatThrownBy(() -> service.restore(plan, servers(), RestoreProgress.SILENT))
                .hasMessageContaining("is missing from");
        assertThat(databases())
                .noneMatch(name -> name.startsWith(plan.sources().get(0).database()));
    }

    @Test
    void momentsOutsideOfTheWindowAndInGapsAreRefusedWithTheNearestOnes() {
        source.createTable("t", dev.cdp.testkit.SyntheticTable.column(1, "id", dev.cdp.core.Carrier.INT64));
        source.commit();
        source.takeBase(store, folder.resolve("staging"));
        Instant first = source.now();
        source.heartbeat().heartbeat();
        Instant before = source.now();
        source.gap("slot lost").advance(Duration.ofMinutes(10)).takeBase(store, folder.resolve("staging"));
        Instant after = source.now();
        source.define(HandMadeDefinition.postgres(source)).heartbeat();
        Instant last = source.now();
        archive();

        assertRefused(first.minusSeconds(1), ErrorCode.RESTORE_POINT_OUTSIDE, "Earliest restorable moment: " + first);
        assertRefused(
                before.plusSeconds(60),
                ErrorCode.RESTORE_POINT_IN_GAP,
                "cdp plan --to " + before + "\ncdp plan --to " + after);
        assertRefused(last.plusSeconds(60), ErrorCode.RESTORE_POINT_OUTSIDE, "Latest restorable moment: " + last);
        assertThat(service.resolve(GROUP, new RestorePoint.AtTime(last))
                        .cut()
                        .of(ORDERS)
                        .seq())
                .isEqualTo(source.lastSeq());
        assertThat(service.window(ORDERS).orElseThrow().spans())
                .extracting(RestorableWindow.Span::earliest, RestorableWindow.Span::latest)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(first, before),
                        org.assertj.core.groups.Tuple.tuple(after, last));
    }

    private void assertRefused(Instant time, ErrorCode code, String next) {
        assertThatThrownBy(() -> service.resolve(GROUP, new RestorePoint.AtTime(time)))
                .isInstanceOfSatisfying(CdpException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.next()).contains(next);
                });
    }

    private void smallHistory() {
        grow(7, 5);
        source.takeBase(store, folder.resolve("staging"));
        grow(8, 10);
        archive();
    }

    /** Draws transactions and reads the definition after each, as capture does after statements. */
    private void grow(long seed, int transactions) {
        for (int i = 0; i < transactions; i++) {
            RandomHistory.grow(source, seed * 1000 + i, 1);
            source.define(HandMadeDefinition.postgres(source));
        }
    }

    private ArchiveState archive() {
        return new SyntheticArchive(store, folder.resolve("staging"))
                .archive(source, Engine.POSTGRESQL, 20)
                .state();
    }

    private List<Transaction> transactions() {
        List<Transaction> all = new ArrayList<>();
        for (Unit unit : SyntheticArchive.units(source.records())) {
            if (unit instanceof Transaction transaction) {
                all.add(transaction);
            }
        }
        return all;
    }

    private RestorePlan plan(RestorePoint point) {
        return service.plan(GROUP, point, destinations(null));
    }

    private static String mark(RestorePlan plan) {
        return plan.mark(plan.sources().get(0));
    }

    private Map<SourceId, Destination> destinations(@Nullable String database) {
        return Map.of(ORDERS, new Destination(servers().get(ORDERS), "shop", database));
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestPostgres.version15().database("postgres");
        return Map.of(
                ORDERS,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }

    private dev.cdp.core.definition.DatabaseDefinition definition(RestorePlan plan) {
        byte[] json = store.get(plan.sources().get(0).definition().key()).orElseThrow();
        return dev.cdp.core.Json.read(
                new String(json, java.nio.charset.StandardCharsets.UTF_8),
                dev.cdp.core.definition.DatabaseDefinition.class);
    }

    private static List<String> databases() throws Exception {
        return TestPostgres.version15().database("postgres").query("SELECT datname FROM pg_database").stream()
                .map(row -> row.get(0))
                .toList();
    }

    private void assertHolds(TestDatabase database, long seq) throws Exception {
        ReplayModel model = new ReplayModel();
        transactions().stream()
                .filter(transaction -> transaction.lastSeq() <= seq)
                .forEach(transaction -> model.applyAll(transaction.events()));
        for (TableSchema schema : model.schemas()) {
            String columns = schema.columns().stream()
                    .map(column -> HandMadeDefinition.quote(column.name()) + "::text")
                    .collect(Collectors.joining(", "));
            List<List<String>> expected = model.rows(schema.tableId()).stream()
                    .map(PostgresRestoreIT::printed)
                    .toList();
            List<List<String>> actual = database
                    .query("SELECT " + columns + " FROM public."
                            + HandMadeDefinition.quote(schema.name().name()))
                    .stream()
                    .map(row -> row.stream().map(PostgresRestoreIT::normal).toList())
                    .toList();
            assertThat(actual).as(schema.name().toString()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static List<String> printed(RowImage row) {
        return row.toList().stream()
                .map(value ->
                        value instanceof byte[] bytes ? "\\x" + HexFormat.of().formatHex(bytes) : String.valueOf(value))
                .map(PostgresRestoreIT::normal)
                .toList();
    }

    /** Numbers print in more than one way. */
    private static String normal(@Nullable String text) {
        try {
            double number = Double.parseDouble(text == null ? "null" : text);
            boolean tiny = number != 0 && Math.abs(number) < Float.MIN_NORMAL; // few digits tell these apart
            return tiny ? Float.toString((float) number) : Double.toString(number);
        } catch (NumberFormatException e) {
            return text == null ? "null" : text;
        }
    }
}
