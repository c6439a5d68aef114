package dev.cdp.testkit.objects;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Names tests that a machine cannot run, in a file that the build prints when it ends: a skipped test says too little. */
public final class NotRun {
    /** In the module's folder; deleted when a build begins. */
    private static final Path FILE = Path.of("target", "not-run.txt");

    private NotRun() {}

    /** Names the test that runs now. Returns what was said. */
    public static String say(String why) {
        String line = runningTest() + ", because " + why;
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot say that a test was not run", e);
        }
        return line;
    }

    private static String runningTest() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().matches(".*(IT|Test)"))
                        .reduce((called, caller) -> caller)
                        .map(frame -> frame.getClassName().replaceFirst(".*\\.", "") + "#" + frame.getMethodName()))
                .orElse("A test");
    }
}
