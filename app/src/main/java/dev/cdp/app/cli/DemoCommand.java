package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.app.demo.Demo;
import dev.cdp.app.logging.LogSetup;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code cdp demo}: everything embedded, no configuration. */
@Command(name = "demo", description = "Protect a shop of three services, break one, restore all three to one moment.")
final class DemoCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Option(names = "--script", description = "Unattended; exit code 0 only if every invariant holds.")
    private boolean script;

    @Option(names = "--clean", description = "Only remove what a demo left.")
    private boolean clean;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "Where the databases and the archive are; ./demo-data unless given.")
    private Path folder = Path.of("demo-data");

    @Override
    public Integer call() throws SQLException, IOException, InterruptedException {
        remove();
        if (clean) {
            cdp.console().line(folder + " is removed");
            return ExitCode.DONE.code();
        }
        Files.createDirectories(folder.resolve("databases"));
        LogSetup.applyToFile(folder.resolve("daemon.log"));
        Demo demo = new Demo(folder, cdp.surroundings().out(), new InThisProcess());
        boolean proven = demo.run(script ? Demo.Ending.STOP : Demo.Ending.TRADE_ON);
        return (proven ? ExitCode.DONE : ExitCode.FOUND_BAD).code();
    }

    /** Removes only what looks like an earlier demo. */
    private void remove() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.exists(folder.resolve("databases"))) {
            throw new CdpException(
                    ErrorCode.FILE_EXISTS,
                    folder + " exists and is no demo's folder",
                    "cdp demo --folder FOLDER with another folder");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private final class InThisProcess implements Demo.Commands {
        @Override
        public int run(Path configuration, String... arguments) {
            return CommandLineRun.run(line(configuration, arguments), cdp.surroundings());
        }

        @Override
        public List<String> find(Path configuration, String... arguments) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(answer, true, StandardCharsets.UTF_8);
            Surroundings around = cdp.surroundings();
            List<String> line = line(configuration, arguments);
            line.add(0, "find");
            line.add("--json");
            int exitCode = CommandLineRun.run(
                    line,
                    new Surroundings(
                            around.environment(), around.clock(), out, around.err(), Surroundings.Screen.NONE));
            List<String> found = new ArrayList<>();
            if (exitCode == 0) {
                for (JsonNode each : read(answer).path("transactions")) {
                    found.add(each.path("transaction").asText());
                }
            }
            return found;
        }

        private JsonNode read(ByteArrayOutputStream answer) {
            try {
                return Json.mapper().readTree(answer.toByteArray());
            } catch (IOException e) {
                throw new IllegalStateException("cdp find did not answer with JSON", e);
            }
        }

        private static List<String> line(Path configuration, String... arguments) {
            List<String> line = new ArrayList<>(List.of(arguments));
            line.add("--config=" + configuration);
            return line;
        }
    }
}
