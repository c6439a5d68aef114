package dev.cdp.app.restore;

import static dev.cdp.testkit.SyntheticTable.column;

import dev.cdp.app.Cdp;
import dev.cdp.app.cli.CommandLineRun;
import dev.cdp.app.cli.Surroundings;
import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.restore.Destination;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.faults.TcpProxy;
import dev.cdp.testkit.services.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The archive of a PostgreSQL and of a MariaDB service, and a configuration to restore both from it onto servers behind
 * proxies. The command runs in this process, or in one of its own to be killed.
 */
final class RestorableShop implements AutoCloseable {
    static final SourceId ORDERS = new SourceId("orders");
    static final SourceId STOCK = new SourceId("stock");

    private final Path folder;
    private final Path dataDirectory;
    private final ObjectStore store;
    private final TestDatabase postgres;
    private final TestDatabase mariaDb;
    private final TcpProxy toPostgres;
    private final TcpProxy toMariaDb;
    private String printed = "";

    /**
     * @param postgres any database of the server to restore orders to
     * @param mariaDb any database of the server to restore stock to
     * @param rowCount of the largest table of each
     */
    RestorableShop(Path folder, Path dataDirectory, TestDatabase postgres, TestDatabase mariaDb, int rowCount)
            throws IOException {
        this.folder = folder;
        this.dataDirectory = dataDirectory;
        this.postgres = postgres;
        this.mariaDb = mariaDb;
        this.toPostgres = TcpProxy.to(postgres.host(), postgres.port());
        this.toMariaDb = TcpProxy.to(mariaDb.host(), mariaDb.port());
        this.store = ArchiveAccess.file(folder.resolve("archive")).open();
        archive(ORDERS, Engine.POSTGRESQL, ShopDefinitions.orders(), rowCount);
        archive(STOCK, Engine.MARIADB, ShopDefinitions.stock(), rowCount);
        Files.writeString(configuration(), """
                version: 1
                data-directory: %s
                sources:
                  orders: { engine: postgresql, host: 127.0.0.1, port: %d, database: shop, user: %s, password: "%s", slot: cdp_shop }
                  stock: { engine: mariadb, host: 127.0.0.1, port: %d, database: shop, user: %s, password: "%s" }
                archive: { url: "file:%s" }
                """.formatted(
                        dataDirectory,
                        toPostgres.port(),
                        postgres.user(),
                        postgres.password(),
                        toMariaDb.port(),
                        mariaDb.user(),
                        mariaDb.password(),
                        folder.resolve("archive")));
    }

    private void archive(SourceId id, Engine engine, String definition, int rowCount) {
        SyntheticSource source = new SyntheticSource(id);
        SyntheticTable kinds =
                source.createTable("kind", column(1, "id", Carrier.INT64), column(2, "name", Carrier.TEXT));
        SyntheticTable lines = source.createTable(
                "line",
                column(1, "id", Carrier.INT64),
                column(2, "kind", Carrier.INT64),
                column(3, "note", Carrier.TEXT),
                column(4, "amount", Carrier.FLOAT64));
        SyntheticTable log = source.createKeylessTable("log", column(1, "what", Carrier.TEXT));
        for (long kind = 1; kind <= 10; kind++) {
            source.insert(kinds, kind, "kind \t " + kind);
        }
        for (long line = 1; line <= rowCount; line++) {
            source.insert(lines, line, line % 10 + 1, "note of line " + line + " ".repeat(80) + ".", line / 7.0);
        }
        source.commit().takeBase(store, folder.resolve("staging"));
        source.define(definition).sequence("tickets", 4711);
        for (int change = 0; change < 50; change++) {
            source.update(lines, change, (long) change + 1, change % 10L + 1, "changed", null)
                    .insert(log, "changed " + change % 7)
                    .commit();
        }
        source.delete(lines, 60).commit().heartbeat();
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, engine, 20);
    }

    private Path configuration() {
        return folder.resolve("cdp.yaml");
    }

    Path dataDirectory() {
        return dataDirectory;
    }

    TcpProxy toPostgres() {
        return toPostgres;
    }

    TcpProxy toMariaDb() {
        return toMariaDb;
    }

    ObjectStore store() {
        return store;
    }

    /** A plan for the newest moment, of both or one; saved where the command finds it. Targets end in {@code suffix}. */
    RestorePlan plan(String suffix, SourceId... sources) throws IOException {
        Map<SourceId, Destination> destinations = Map.of(
                ORDERS,
                new Destination(server(Engine.POSTGRESQL, toPostgres, postgres), "shop", name(ORDERS, suffix)),
                STOCK,
                new Destination(server(Engine.MARIADB, toMariaDb, mariaDb), "shop", name(STOCK, suffix)));
        RestoreService service =
                new RestoreService(RestoreSettings.usual(store, null, folder.resolve("planning")), Clock.systemUTC());
        List<SourceId> members = sources.length == 0 ? List.of(ORDERS, STOCK) : List.of(sources);
        RestorePlan plan =
                service.plan(new RestoreGroup("shop", members, List.of()), new RestorePoint.Latest(), destinations);
        Files.writeString(file(plan), plan.toJson());
        return plan;
    }

    private Path file(RestorePlan plan) {
        return folder.resolve(plan.id() + ".json");
    }

    private static TargetServer server(Engine engine, TcpProxy proxy, TestDatabase database) {
        return new TargetServer(
                engine, "127.0.0.1", proxy.port(), database.user(), Secret.of(database.password()), Map.of());
    }

    private static String name(SourceId source, String suffix) {
        return source + "_" + suffix;
    }

    /** {@code cdp restore} in a process of its own. @param crashAt as {@link CrashPoint#PROPERTY} takes it */
    Process start(RestorePlan plan, @Nullable String crashAt) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx256m"));
        if (crashAt != null) {
            command.add("-D" + CrashPoint.PROPERTY + "=" + crashAt);
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Cdp.class.getName(),
                "--config",
                configuration().toString(),
                "restore",
                file(plan).toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(childLog(plan).toFile())
                .start();
    }

    /** What the last process of a plan printed. */
    Path childLog(RestorePlan plan) {
        return folder.resolve(plan.id() + ".log");
    }

    /** {@code cdp restore} with these arguments, in this process. @return the exit code */
    int restore(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<String> all = new ArrayList<>(List.of("--config", configuration().toString(), "restore"));
        all.addAll(List.of(arguments));
        int exit = CommandLineRun.run(
                all, new Surroundings(Map.of(), Clock.systemUTC(), stream, stream, Surroundings.Screen.NONE));
        printed = out.toString(StandardCharsets.UTF_8);
        return exit;
    }

    int restore(RestorePlan plan) {
        return restore(file(plan).toString());
    }

    int resume(RestorePlan plan) {
        return restore("--resume", plan.id());
    }

    /** What the last {@link #restore} printed. */
    String printed() {
        return printed;
    }

    RestoredContent orders(String suffix) {
        return RestoredContent.ofPostgres(renamed(postgres, name(ORDERS, suffix)));
    }

    RestoredContent stock(String suffix) {
        return RestoredContent.ofMariaDb(renamed(mariaDb, name(STOCK, suffix)));
    }

    static TestDatabase renamed(TestDatabase database, String name) {
        return new TestDatabase(
                name,
                database.jdbcUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name + "$1"),
                database.host(),
                database.port(),
                database.user(),
                database.password());
    }

    /** Removes the targets of one suffix, complete or not. */
    void drop(String suffix) throws Exception {
        for (String name : List.of(name(ORDERS, suffix), name(ORDERS, suffix) + "__incomplete")) {
            postgres.execute("DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
        }
        for (String name : List.of(name(STOCK, suffix), name(STOCK, suffix) + "__incomplete")) {
            mariaDb.execute("DROP DATABASE IF EXISTS `" + name + "`");
        }
    }

    @Override
    public void close() {
        toPostgres.close();
        toMariaDb.close();
        store.close();
    }
}
