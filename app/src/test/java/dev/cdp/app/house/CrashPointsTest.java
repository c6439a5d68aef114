package dev.cdp.app.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every crash point stands in one place of the product, and there are enough of them in each stage. */
class CrashPointsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern PASSAGE = Pattern.compile("CrashPoint\\.(\\w+)\\s*\\.reached\\(\\)");

    @Test
    void everyPointIsPassedInExactlyOnePlace() throws IOException {
        Map<String, Long> places;
        try (Stream<Path> all = Files.walk(ROOT)) {
            places = all.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> PASSAGE.matcher(content(file)).results().map(found -> found.group(1)))
                    .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        }

        assertThat(places.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(CrashPoint.values()).map(Enum::name).toList());
        assertThat(places).allSatisfy((point, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void everyStageHasEnoughOfThem() {
        Map<String, Long> stages = Arrays.stream(CrashPoint.values())
                .collect(Collectors.groupingBy(point -> point.id().split("\\.")[0], Collectors.counting()));

        assertThat(stages.get("capture")).isGreaterThanOrEqualTo(14);
        assertThat(stages.get("archiver")).isGreaterThanOrEqualTo(14);
        assertThat(stages.get("restore")).isGreaterThanOrEqualTo(10);
        assertThat(stages.get("control")).isGreaterThanOrEqualTo(5);
        assertThat(CrashPoint.values()).hasSizeGreaterThanOrEqualTo(40);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
