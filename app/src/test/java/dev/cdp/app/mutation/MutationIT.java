package dev.cdp.app.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.mutation.Defect;
import dev.cdp.testkit.mutation.Defect.TestName;
import dev.cdp.testkit.mutation.Defects;
import dev.cdp.testkit.mutation.Flaws;
import dev.cdp.testkit.mutation.OneTest;
import dev.cdp.testkit.mutation.Patch;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Puts one defect at a time into the product and runs the test that must find it, in a process of its own. The same
 * test must pass without the defect: one that fails anyway finds nothing. {@code -Dmutation.only=<regular
 * expression>} runs those whose name has a match.
 */
@Tag("mutation")
class MutationIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Path FOLDER = Path.of("target", "mutation").toAbsolutePath();
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private final Map<TestName, Integer> withoutDefect = new HashMap<>();

    @Test
    void thereAreEnoughOfThemAndNoneTwice() {
        assertThat(Defects.ALL).hasSizeGreaterThanOrEqualTo(20);
        assertThat(Defects.ALL.stream().map(Defect::name)).doesNotHaveDuplicates();
    }

    @TestFactory
    Stream<DynamicTest> everyDefectIsFound() {
        Pattern only = Pattern.compile(System.getProperty("mutation.only", ""));
        return Defects.ALL.stream()
                .filter(defect -> only.matcher(defect.name()).find())
                .map(defect -> DynamicTest.dynamicTest(
                        defect.name() + " in " + defect.target() + ", by " + defect.test(),
                        () -> requireFound(defect)));
    }

    private void requireFound(Defect defect) throws Exception {
        Integer sound = withoutDefect.get(defect.test());
        if (sound == null) {
            sound = run(defect, "without-defect-" + defect.name(), List.of());
            withoutDefect.put(defect.test(), sound);
        }
        assertThat(sound).as("%s without the defect", defect.test()).isEqualTo(OneTest.PASSED);
        Path patched = FOLDER.resolve(defect.name());
        Files.createDirectories(patched);
        Patch.write(defect, patched);

        int verdict = run(defect, defect.name(), List.of(patched.toString()));

        FaultResults.record(FaultResult.noticed(FaultKind.DEFECT, defect.name(), 1, verdict == OneTest.FAILED ? 1 : 0));
        assertThat(verdict).as("%s with the defect", defect.test()).isEqualTo(OneTest.FAILED);
        assertThat(Files.readString(log(defect.name())))
                .as("a class that cannot be loaded is found by anything")
                .doesNotContain("LinkageError", "VerifyError", "NoSuchMethodError", "ClassFormatError");
    }

    private static int run(Defect defect, String name, List<String> first) throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        Process process = new ProcessBuilder(command(defect, first))
                .directory(ROOT.resolve(defect.test().module()).toFile())
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile())
                .start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(defect.test() + " did not end within " + PATIENCE + "; see " + log(name));
        }
        return process.exitValue();
    }

    private static List<String> command(Defect defect, List<String> first) {
        TestName test = defect.test();
        List<String> classPath = new ArrayList<>(first);
        classPath.add(ROOT.resolve(test.module()).resolve("target/test-classes").toString());
        classPath.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Duser.timezone=UTC",
                "-D" + Flaws.PASSAGE + "=" + defect.passage(),
                "-cp",
                classPath.stream().collect(Collectors.joining(File.pathSeparator)),
                OneTest.class.getName(),
                test.type(),
                test.method());
    }

    private static Path log(String name) {
        return FOLDER.resolve(name + ".log");
    }
}
