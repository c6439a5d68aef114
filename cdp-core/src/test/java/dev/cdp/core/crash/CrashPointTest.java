package dev.cdp.core.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CrashPointTest {

    /** What the child process runs: passes one point twice, and then would end as if all were well. */
    public static final class Passing {
        public static void main(String[] arguments) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            System.out.println("first");
            CrashPoint.CAPTURE_BATCH_SENT.reached();
            System.out.println("second");
            CrashPoint.CAPTURE_BATCH_SENT.reached();
            System.out.println("after");
        }
    }

    @Test
    void stopsTheProcessAtTheNamedPassageWithoutShutdownHooks() throws IOException, InterruptedException {
        Process child = child("-Dcdp.crash.at=capture.batch-sent:2");

        assertThat(output(child)).contains("second").contains("crash point capture.batch-sent: halting");
        assertThat(output(child)).doesNotContain("after").doesNotContain("hook");
        assertThat(child.waitFor()).isEqualTo(CrashPoint.EXIT_CODE);
    }

    @Test
    void doesNothingWhenNoneIsArmed() throws IOException, InterruptedException {
        Process child = child("-Dunrelated=1");

        assertThat(output(child)).contains("after").contains("hook");
        assertThat(child.waitFor()).isZero();
    }

    @Test
    void everyNameBeginsWithItsStageAndFindsItsPoint() {
        assertThat(CrashPoint.values()).allSatisfy(point -> {
            assertThat(point.id()).matches("(capture|archiver|restore|control)\\.[a-z-]+");
            assertThat(point.name())
                    .isEqualTo(point.id().replaceAll("[.-]", "_").toUpperCase());
            assertThat(CrashPoint.of(point.id())).isSameAs(point);
        });
        assertThat(Arrays.stream(CrashPoint.values()).map(CrashPoint::id)).doesNotHaveDuplicates();
    }

    @Test
    void refusesANameThatDoesNotExist() {
        assertThatThrownBy(() -> CrashPoint.of("capture.nowhere"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no crash point 'capture.nowhere'");
    }

    private String output = "";

    private String output(Process child) throws IOException {
        output += new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output;
    }

    private static Process child(String option) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        option,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Passing.class.getName())
                .redirectErrorStream(true)
                .start();
    }
}
