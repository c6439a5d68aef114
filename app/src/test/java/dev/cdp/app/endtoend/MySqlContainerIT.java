package dev.cdp.app.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.Daemon;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Brokers;
import dev.cdp.app.wiring.Sources;
import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.Destination;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreProgress;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.testkit.objects.NotRun;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * MySQL 8.4 protected, written to, and restored beside itself. It needs a Docker engine; where there is none it is
 * skipped, and the build says so at its end.
 */
@Tag("containers")
class MySqlContainerIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String ROOT_PASSWORD = "root-secret";
    private static final String WHY_NOT_RUN = "no Docker engine answers here: MySQL 8.4 was not tried";

    private static GenericContainer<?> server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startMySql() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return;
        }
        server = new GenericContainer<>("mysql:8.4")
                .withEnv("MYSQL_ROOT_PASSWORD", ROOT_PASSWORD)
                .withEnv("MYSQL_DATABASE", "shop")
                .withCommand(
                        "--binlog-row-metadata=FULL",
                        "--gtid-mode=ON",
                        "--enforce-gtid-consistency=ON",
                        "--local-infile=ON")
                .withExposedPorts(3306)
                .waitingFor(Wait.forLogMessage(".*mysqld: ready for connections.*port: 3306 .*\\s", 1)
                        .withStartupTimeout(PATIENCE));
        server.start();
    }

    @AfterAll
    static void stopMySql() {
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void isProtectedAndRestoredToTwoMoments() throws Exception {
        if (server == null) {
            throw new TestAbortedException(NotRun.say(WHY_NOT_RUN));
        }
        TestDatabase shop = database("shop");
        prepare(shop);
        ConfigurationFile file = configuration();
        Configuration configuration = file.configuration();
        SourceDatabase source = Sources.open(configuration.sources().get(SHOP));
        source.install();
        assertThat(source.check())
                .filteredOn(finding -> finding.verdict() == CheckFinding.Verdict.FAILED)
                .isEmpty();

        Daemon daemon = new Daemon(file, Map.of(), "test", Clock.systemUTC());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread running = runInBackground(daemon, failure);
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            await().atMost(PATIENCE).until(() -> state(archive)
                    .filter(state -> !state.bases().isEmpty())
                    .isPresent());
            write(shop);
            List<List<?>> beforeAccident = content(shop);
            mark(archive, source, "before accident");
            shop.execute("DELETE FROM item WHERE id % 2 = 0", "UPDATE item SET doc = NULL", "TRUNCATE TABLE keyless");
            List<List<?>> afterAccident = content(shop);
            mark(archive, source, "after accident");

            RestoreService service = new RestoreService(
                    RestoreSettings.usual(
                            archive, Brokers.known(configuration).orElse(null), folder.resolve("restore")),
                    Clock.systemUTC());
            assertThat(content(restore(service, "before accident", "shop_before")))
                    .isEqualTo(beforeAccident);
            assertThat(content(restore(service, "after accident", "shop_after")))
                    .isEqualTo(afterAccident);
        } finally {
            daemon.stop();
            running.join(PATIENCE.toMillis());
        }
        assertThat(failure.get()).isNull();
    }

    /** A database before protection, and a user with the rights that docs/mysql.md names. */
    private static void prepare(TestDatabase shop) throws Exception {
        shop.execute(
                """
                CREATE TABLE item (
                  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  name varchar(100) NOT NULL,
                  lowered varchar(100) AS (lower(name)) VIRTUAL,
                  doubled bigint AS (id * 2) STORED,
                  price decimal(12,3), rating double, weight float, huge bigint unsigned,
                  flags bit(10), kind enum('a','b,c','ä'), tags set('x','y','z'),
                  day date, at datetime(6), stamp timestamp(3) NULL, span time(2), built year,
                  doc json, raw varbinary(20), photo longblob, note longtext, place point SRID 4326,
                  hidden int DEFAULT 5 INVISIBLE,
                  CONSTRAINT positive CHECK (price >= 0),
                  KEY by_price ((price * 2)),
                  KEY by_note (note(10)) INVISIBLE)""",
                "CREATE TABLE part (id int PRIMARY KEY, item int unsigned, FOREIGN KEY (item) REFERENCES item (id))",
                "CREATE TABLE keyless (a int, b varchar(10) CHARACTER SET latin1)",
                "CREATE VIEW cheap AS SELECT id, name FROM item WHERE price < 10",
                "CREATE TRIGGER shout BEFORE INSERT ON part FOR EACH ROW SET NEW.id = NEW.id",
                "CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2",
                insertItem(1),
                insertItem(2),
                "INSERT INTO part VALUES (1, 1)",
                "INSERT INTO keyless VALUES (1, 'é'), (1, 'é'), (NULL, NULL)",
                "CREATE USER cdp IDENTIFIED BY 'secret'",
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD, SHOW_ROUTINE ON *.* TO cdp",
                "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO cdp",
                "GRANT ALL ON cdp.* TO cdp");
    }

    private static String insertItem(int number) {
        return """
                INSERT INTO item (name, price, rating, weight, huge, flags, kind, tags, day, at, stamp, span, built, doc,
                  raw, photo, note, place)
                VALUES ('Größe %1$d', %1$d.125, 1e-%1$d, %1$d.5, 18446744073709551615, b'1000000001', 'b,c', 'x,z',
                  '2026-11-%1$02d', '2026-11-21 03:04:05.123456', '2026-11-21 03:04:05.678', '-838:59:59.00', 2026,
                  '{"b": [1, 2.5, null, true], "a": "\\\\u00e4\\\\n", "n": 4294967295}', x'00ff00', x'%1$02d', repeat('n', %1$d),
                  ST_GeomFromText('POINT(1 2)', 4326))""".formatted(number);
    }

    /** Transactions, plain and compressed, and definitions that change between them. */
    private static void write(TestDatabase shop) throws Exception {
        List<String> statements = new ArrayList<>();
        for (int i = 3; i <= 30; i++) {
            statements.add("SET SESSION binlog_transaction_compression = " + (i % 2 == 0 ? "ON" : "OFF"));
            statements.add("START TRANSACTION");
            statements.add(insertItem(i));
            statements.add(
                    "UPDATE item SET price = price + 1, doc = JSON_SET(doc, '$.b[1]', " + i + ") WHERE id < " + i);
            statements.add("INSERT INTO part VALUES (" + i + ", " + i + ")");
            statements.add("DELETE FROM part WHERE id = " + (i - 1));
            statements.add(i % 5 == 0 ? "ROLLBACK" : "COMMIT");
            if (i == 10) {
                statements.add("ALTER TABLE item ADD COLUMN colour varchar(20) DEFAULT 'red', ALGORITHM=INSTANT");
            }
            if (i == 20) {
                statements.add("ALTER TABLE item MODIFY price decimal(14,4)");
            }
        }
        shop.execute(statements.toArray(String[]::new));
    }

    private static List<List<?>> content(TestDatabase database) throws Exception {
        List<List<?>> content = new ArrayList<>();
        content.addAll(database.query("SELECT *, hidden, HEX(flags), HEX(place) FROM item ORDER BY id"));
        content.addAll(database.query("SELECT * FROM part ORDER BY id"));
        content.addAll(database.query("SELECT * FROM keyless ORDER BY a, b"));
        content.addAll(database.query("SELECT * FROM cheap ORDER BY id"));
        for (String table : List.of("item", "part", "keyless")) {
            content.addAll(database.query("SHOW CREATE TABLE " + table));
        }
        return content;
    }

    private static void mark(ObjectStore archive, SourceDatabase source, String name) {
        source.writeMarker(name, name, Instant.now());
        await().atMost(PATIENCE).until(() -> state(archive).stream()
                .flatMap(state -> state.marks().stream())
                .anyMatch(mark -> mark.name().equals(name)));
    }

    private static Optional<ArchiveState> state(ObjectStore archive) {
        return Ledger.openExisting(archive, SHOP).map(Ledger::state);
    }

    private static TestDatabase restore(RestoreService service, String mark, String into) {
        TestDatabase root = database("shop");
        TargetServer target = new TargetServer(
                Engine.MYSQL, root.host(), root.port(), root.user(), Secret.of(root.password()), Map.of());
        RestorePlan plan = service.plan(
                RestoreGroup.of(SHOP),
                new RestorePoint.AtMark(mark),
                Map.of(SHOP, new Destination(target, "shop", into)));
        service.restore(plan, Map.of(SHOP, target), RestoreProgress.SILENT);
        return database(into);
    }

    private ConfigurationFile configuration() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                version: 1
                data-directory: %s
                sources:
                  shop: { engine: mysql, host: "%s", port: %d, database: shop, user: cdp, password: secret }
                archive: { url: "file:%s", commit-interval: 1s }
                """.formatted(
                folder.resolve("data"), server.getHost(), server.getMappedPort(3306), folder.resolve("archive")));
        return ConfigurationFile.read(file, Map.of());
    }

    private static TestDatabase database(String name) {
        String url = "jdbc:mariadb://%s:%d/%s?allowPublicKeyRetrieval=true&tinyInt1isBit=false"
                .formatted(server.getHost(), server.getMappedPort(3306), name);
        return new TestDatabase(name, url, server.getHost(), server.getMappedPort(3306), "root", ROOT_PASSWORD);
    }

    private static Thread runInBackground(Daemon daemon, AtomicReference<Throwable> failure) {
        Thread thread = new Thread(
                () -> {
                    try {
                        daemon.run();
                    } catch (InterruptedException | RuntimeException e) {
                        failure.set(e);
                    }
                },
                "daemon");
        thread.start();
        return thread;
    }
}
