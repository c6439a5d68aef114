package dev.cdp.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.cli.CommandLineRun;
import dev.cdp.app.cli.Surroundings;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResult.Harm;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.faults.Soak;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code cdp source add} and {@code cdp source remove} are killed half-way. Given again they finish: a source is prepared
 * and configured once, or nothing of ours is left in the database, a replication slot least of all.
 */
class CommandCrashIT {
    private static final int SAMPLE = 4;

    @TempDir
    private Path folder;

    private int rounds;

    /** One command to kill at one point. */
    private record Kill(Command command, Engine engine, CrashPoint point) {
        enum Command {
            ADD,
            REMOVE
        }
    }

    @Test
    void aCommandThatWasKilledFinishesWhenItIsGivenAgain() throws Exception {
        long seed = Long.getLong("crash.seed", System.nanoTime());
        System.out.println("CommandCrashIT seed " + seed);
        List<Kill> kills = new ArrayList<>(kills());
        Collections.shuffle(kills, new Random(seed));
        for (Kill kill : kills.subList(0, SAMPLE)) {
            survive(kill);
        }
    }

    @Test
    @Tag("soak")
    void everyCommandFinishesAfterEveryKill() throws Exception {
        long end = System.nanoTime() + Soak.duration().toNanos();
        for (int round = 0; round < FaultKind.CRASH_POINT.targetRounds(); round++) {
            for (Kill kill : kills()) {
                if (System.nanoTime() < end) {
                    survive(kill);
                }
            }
        }
    }

    private static List<Kill> kills() {
        List<Kill> kills = new ArrayList<>();
        for (Engine engine : List.of(Engine.POSTGRESQL, Engine.MARIADB)) {
            for (CrashPoint point : List.of(
                    CrashPoint.CONTROL_CONFIGURATION_PREPARED,
                    CrashPoint.CONTROL_CONFIGURATION_EDITED,
                    CrashPoint.CONTROL_SOURCE_INSTALLED)) {
                kills.add(new Kill(Kill.Command.ADD, engine, point));
            }
            for (CrashPoint point : List.of(
                    CrashPoint.CONTROL_CONFIGURATION_PREPARED,
                    CrashPoint.CONTROL_CONFIGURATION_EDITED,
                    CrashPoint.CONTROL_SOURCE_RELEASED,
                    CrashPoint.CONTROL_SOURCE_UNINSTALLED)) {
                kills.add(new Kill(Kill.Command.REMOVE, engine, point));
            }
        }
        kills.add(new Kill(Kill.Command.ADD, Engine.MARIADB, CrashPoint.CONTROL_INSTALL_STATEMENT_RUN));
        kills.add(new Kill(Kill.Command.REMOVE, Engine.POSTGRESQL, CrashPoint.CONTROL_SLOT_DROPPED));
        kills.add(new Kill(Kill.Command.REMOVE, Engine.MARIADB, CrashPoint.CONTROL_MARKER_TABLE_DROPPED));
        return kills;
    }

    private void survive(Kill kill) throws Exception {
        Path home = Files.createDirectories(folder.resolve("round-" + ++rounds));
        Path file = Files.writeString(
                home.resolve("cdp.yaml"), "sources: {}\ndata-directory: data\narchive: { url: \"file:archive\" }\n");
        boolean isPostgres = kill.engine() == Engine.POSTGRESQL;
        TestDatabase database = isPostgres
                ? TestPostgres.version15().createDatabase("command")
                : TestMariaDb.shared().createDatabase("command");
        database.execute("CREATE TABLE t (id int PRIMARY KEY)");
        String url = "%s://%s:%s@%s:%d/%s"
                .formatted(
                        isPostgres ? "postgresql" : "mariadb",
                        database.user(),
                        database.password(),
                        database.host(),
                        database.port(),
                        database.name());
        String name = database.name();

        switch (kill.command()) {
            case ADD -> {
                die(kill, file, List.of("source", "add", name, "--url", url));
                assertThat(run(file, "source", "add", name, "--url", url))
                        .as(kill + output)
                        .isZero();

                Configuration.Source source = configuration(file).sources().get(new SourceId(name));
                assertThat(source).isNotNull();
                assertThat(Sources.open(source).installStatements()).isEmpty();
                assertThat(Files.readString(file)).containsOnlyOnce("  " + name + ":");
            }
            case REMOVE -> {
                assertThat(run(file, "source", "add", name, "--url", url))
                        .as(kill + output)
                        .isZero();
                if (isPostgres) { // as a daemon would have
                    database.queryValue(
                            "SELECT slot_name FROM pg_create_logical_replication_slot('cdp_" + name + "', 'pgoutput')");
                }
                die(kill, file, List.of("source", "remove", name));
                if (configuration(file).sources().isEmpty()) {
                    assertThat(run(file, "source", "remove", name)).isNotZero();
                    assertThat(output).contains("cdp source remove " + name + " --url");
                    assertThat(run(file, "source", "remove", name, "--url", url))
                            .as(kill + output)
                            .isZero();
                } else {
                    assertThat(run(file, "source", "remove", name))
                            .as(kill + output)
                            .isZero();
                }

                assertThat(configuration(file).sources()).isEmpty();
                assertThat(leftovers(database, isPostgres)).isEqualTo("0");
            }
        }
        FaultResults.record(
                FaultResult.survived(FaultKind.CRASH_POINT, kill.point().id(), 1, Harm.NONE));
    }

    private static void die(Kill kill, Path file, List<String> command) throws IOException, InterruptedException {
        Path log = file.resolveSibling("killed.log");
        try (CdpProcess process = new CdpProcess(file, log, kill.point().id() + ":1", command)) {
            assertThat(process.awaitEnd(Duration.ofSeconds(120))).isTrue();
            assertThat(process.exitCode()).as(kill + "\n" + process.lastWords()).isEqualTo(CrashPoint.EXIT_CODE);
        }
    }

    private static Configuration configuration(Path file) {
        return ConfigurationFile.read(file, Map.of()).configuration();
    }

    private static String leftovers(TestDatabase database, boolean isPostgres) throws SQLException {
        return isPostgres
                ? database.queryValue("SELECT (SELECT count(*) FROM pg_replication_slots WHERE database ="
                        + " current_database()) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM"
                        + " pg_namespace WHERE nspname = 'cdp') + (SELECT count(*) FROM pg_event_trigger)")
                : database.queryValue("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'cdp' AND"
                        + " table_name LIKE '%" + database.name() + "%'");
    }

    private String output = "";

    private int run(Path file, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--config", file.toString()));
        all.addAll(List.of(arguments));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        int exitCode = CommandLineRun.run(
                all, new Surroundings(Map.of(), Clock.systemUTC(), stream, stream, Surroundings.Screen.NONE));
        output = printed.toString(StandardCharsets.UTF_8);
        return exitCode;
    }
}
