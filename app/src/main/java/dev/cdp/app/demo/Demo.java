package dev.cdp.app.demo;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.status.StatusReport;
import dev.cdp.app.wiring.Sources;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.restore.plan.RestorePlan;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Protects a shop of three services, lets an accident happen in one of them, restores all three to the moment before
 * it, and counts the proof. Every answer on screen comes from the same commands that an operator types.
 */
public final class Demo {
    private static final int PAST_ORDERS = 20_000;
    private static final int ORDERS_PER_SECOND = 150;
    private static final Duration PROTECTION_LIMIT = Duration.ofSeconds(90);
    private static final Duration FIND_LIMIT = Duration.ofSeconds(30);

    private final Path folder;
    private final Screen screen;
    private final Commands commands;

    /** Runs {@code cdp} with arguments in this process. */
    public interface Commands {
        /**
         * @param configuration the file that the command works with
         * @return the exit code; what it prints goes to the screen
         */
        int run(Path configuration, String... arguments);

        /** The ids of the transactions that {@code find} lists, best first. */
        List<String> find(Path configuration, String... arguments);
    }

    /** What becomes of the shop after the proof. */
    public enum Ending {
        /** Everything stops. */
        STOP,
        /** It trades on until the process is stopped. */
        TRADE_ON
    }

    public Demo(Path folder, PrintStream out, Commands commands) {
        this.folder = folder.toAbsolutePath();
        this.screen = new Screen(out);
        this.commands = commands;
    }

    /** @return whether every printed invariant holds */
    public boolean run(Ending ending) throws SQLException, IOException, InterruptedException {
        Files.createDirectories(folder);
        screen.step(
                "Starting three services with databases of their own: orders and billing (PostgreSQL), stock (MariaDB)");
        try (ShopServers servers = ShopServers.start(
                folder.resolve("databases"), Secret.of(UUID.randomUUID().toString()))) {
            ShopDatabases shop = servers.databases();
            ShopSchema.create(shop, PAST_ORDERS);
            for (ShopDatabases.Database each : List.of(shop.orders(), shop.billing(), shop.stock())) {
                screen.line(each.jdbcUrl());
            }
            Path file = DemoSettings.write(folder, shop);
            try (RunningDaemon daemon = protect(file);
                    Shop trading = Shop.open(shop, ORDERS_PER_SECOND)) {
                boolean proven = tell(file, shop, trading);
                if (ending == Ending.TRADE_ON) {
                    tradeOn(file, daemon);
                }
                return proven;
            }
        }
    }

    private RunningDaemon protect(Path file) throws InterruptedException {
        screen.step("Protecting them: schema cdp, replication slot, first copy, then every change");
        ConfigurationFile configuration = ConfigurationFile.read(file, Map.of());
        configuration.configuration().sources().values().stream()
                .map(Sources::open)
                .forEach(SourceDatabase::install);
        RunningDaemon daemon = RunningDaemon.start(configuration);
        try {
            awaitProtection(configuration.configuration(), daemon);
            return daemon;
        } catch (RuntimeException | InterruptedException e) {
            daemon.close();
            throw e;
        }
    }

    private void awaitProtection(Configuration configuration, RunningDaemon daemon) throws InterruptedException {
        long limit = System.nanoTime() + PROTECTION_LIMIT.toNanos();
        while (true) {
            Thread.sleep(250);
            daemon.requireAlive();
            List<StatusReport.SourceLine> sources = daemon.hasStarted(configuration)
                    ? StatusReport.of(configuration, Clock.systemUTC()).sources()
                    : List.of();
            boolean complete = !sources.isEmpty()
                    && sources.stream()
                            .allMatch(source -> source.restorableFrom() != null && source.watermark() != null);
            if (complete) {
                return;
            }
            for (StatusReport.SourceLine source : sources) {
                if (source.state().equals("failed")) {
                    throw new CdpException(ErrorCode.CAPTURE_FAILED, source.reason(), source.next());
                }
            }
            if (System.nanoTime() > limit) {
                throw new CdpException(
                        ErrorCode.CAPTURE_FAILED,
                        "The shop was not protected within " + PROTECTION_LIMIT.toSeconds() + " s: " + sources,
                        "cdp --config " + folder.resolve("cdp.yaml") + " status");
            }
        }
    }

    private boolean tell(Path file, ShopDatabases shop, Shop trading)
            throws SQLException, IOException, InterruptedException {
        screen.step("The shop trades: order -> outbox -> inbox -> payment, and -> reserved stock");
        Thread.sleep(8_000);
        screen.line(trading.placed() + " orders placed across the three services");
        screen.invariants(Invariants.of(shop));
        run(file, "mark", "before-migration");

        screen.step(
                "THE ACCIDENT: a migration runs \"" + Accident.STATEMENT + "\" in one service; the others trade on");
        Accident accident = Accident.happen(shop.orders());
        screen.line(accident.deleted() + " orders are gone");
        Thread.sleep(2_000);
        screen.invariants(Invariants.of(shop));

        screen.step("What happened?");
        run(file, "status");
        String culprit = culprit(file);
        run(file, "find", "orders.public.orders", "--op", "delete", "--since", "1 hour ago", "--limit", "3");

        screen.step("What would a restore to just before it do?");
        Path planFile = folder.resolve("plan.json");
        Files.deleteIfExists(planFile);
        boolean planned =
                run(file, "plan", "--group", "shop", "--to", "before:" + culprit, "--save", planFile.toString()) == 0;
        if (!planned) {
            return false;
        }
        screen.step("Restoring all three beside the originals; the shop trades on");
        int restored = run(file, "restore", planFile.toString());
        return prove(shop, accident, RestorePlan.fromJson(Files.readString(planFile)), restored);
    }

    /** The id of the accident's transaction, as soon as it can be found. */
    private String culprit(Path file) throws InterruptedException {
        long limit = System.nanoTime() + FIND_LIMIT.toNanos();
        while (System.nanoTime() < limit) {
            List<String> found = commands.find(file, "orders.public.orders", "--op", "delete", "--limit", "1");
            if (!found.isEmpty()) {
                return found.get(0);
            }
            Thread.sleep(500);
        }
        throw new CdpException(
                ErrorCode.CAPTURE_FAILED,
                "The accident did not reach the archive within " + FIND_LIMIT.toSeconds() + " s",
                "cdp --config " + file + " status");
    }

    private boolean prove(ShopDatabases shop, Accident accident, RestorePlan plan, int restoreExitCode)
            throws SQLException {
        ShopDatabases restored = new ShopDatabases(
                restored(shop.orders(), plan, "orders"),
                restored(shop.billing(), plan, "billing"),
                restored(shop.stock(), plan, "stock"));
        screen.step("For contrast: orders alone restored to that moment, billing as it is now");
        long torn = Invariants.paymentsWithoutOrder(restored.orders(), shop.billing());
        screen.line(torn + " payments would have lost their order");

        screen.step("THE PROOF, counted in the three restored databases");
        Invariants invariants = Invariants.of(restored);
        screen.invariants(invariants);
        Accident.OrdersDigest digest = Accident.digest(restored.orders());
        boolean same = digest.equals(accident.before());
        screen.line((same ? "holds   " : "BROKEN  ")
                + "digest: the migration's own account of the moment before = restored");
        screen.line("        orders      " + digest.orders());
        screen.line("        order_item  " + digest.items());
        boolean loaded = restoreExitCode == 0;
        screen.line((loaded ? "holds   " : "BROKEN  ")
                + "digest: every table read back from its new database = folded from the archive");
        boolean proven = invariants.hold() && same && loaded;
        screen.step((proven ? "Everything holds." : "NOT everything holds.") + " Peak Java heap " + peakHeapMebibytes()
                + " MiB");
        return proven;
    }

    private static ShopDatabases.Database restored(ShopDatabases.Database original, RestorePlan plan, String source) {
        return plan.sources().stream()
                .filter(each -> each.source().equals(new SourceId(source)))
                .map(each -> original.named(each.database()))
                .findFirst()
                .orElseThrow();
    }

    private void tradeOn(Path file, RunningDaemon daemon) throws InterruptedException {
        screen.step("Your turn. The shop trades on until Ctrl-C; break something, then ask:");
        screen.line("export CDP_CONFIG=" + file);
        screen.line("./cdp status");
        screen.line("./cdp find --op delete");
        while (true) {
            Thread.sleep(1_000);
            daemon.requireAlive();
        }
    }

    private int run(Path file, String... arguments) {
        screen.command(String.join(" ", arguments));
        return commands.run(file, arguments);
    }

    private static long peakHeapMebibytes() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToLong(usage -> usage.getUsed())
                        .sum()
                >> 20;
    }

    /** The daemon on a thread of this process. */
    private static final class RunningDaemon implements AutoCloseable {
        private final Daemon daemon;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        private RunningDaemon(Daemon daemon) {
            this.daemon = daemon;
            this.thread = new Thread(
                    () -> {
                        try {
                            daemon.run();
                        } catch (InterruptedException | RuntimeException | Error e) {
                            failure.set(e);
                        }
                    },
                    "demo-daemon");
        }

        static RunningDaemon start(ConfigurationFile configuration) {
            RunningDaemon running = new RunningDaemon(new Daemon(configuration, Map.of(), "demo", Clock.systemUTC()));
            running.thread.start();
            return running;
        }

        boolean hasStarted(Configuration configuration) {
            return Files.exists(configuration.dataDirectory().resolve("status").resolve("daemon.json"));
        }

        void requireAlive() {
            if (failure.get() instanceof CdpException known) {
                throw known;
            }
            if (failure.get() != null) {
                throw new IllegalStateException("The daemon failed", failure.get());
            }
        }

        @Override
        public void close() {
            daemon.stop();
        }
    }
}
