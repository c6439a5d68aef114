package dev.cdp.archiver;

import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** One sweep of an archive in a folder, in a process of its own that stops dead at a crash point. */
final class SweepProcess {
    private SweepProcess() {}

    /** @return the code it ended with */
    static int run(Path archive, SourceId source, Instant now, CrashPoint point, int passage)
            throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-D" + CrashPoint.PROPERTY + "=" + point.id() + ":" + passage,
                "-cp",
                System.getProperty("java.class.path"),
                SweepProcess.class.getName(),
                archive.toString(),
                source.name(),
                now.toString());
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** The child's side. */
    public static void main(String[] arguments) {
        Clock clock = Clock.fixed(Instant.parse(arguments[2]), ZoneOffset.UTC);
        try (ObjectStore store = ArchiveAccess.file(Path.of(arguments[0])).open()) {
            new OrphanSweep(store, new SourceId(arguments[1]), Engine.POSTGRESQL, clock).sweep();
        }
    }
}
