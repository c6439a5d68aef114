package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.CheckFinding.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of checks in a page of the documentation. */
public final class CheckPage {
    private CheckPage() {}

    /** The page holds one table with a line for each check, in their order, and no others. */
    public static void assertHolds(String page, Check[]... checks) {
        String expected = Stream.concat(
                        Stream.of("| check | looks whether | otherwise | mended by |", "|---|---|---|---|"),
                        Stream.of(checks).flatMap(Arrays::stream).map(CheckPage::line))
                .collect(Collectors.joining("\n"));
        Path file = Path.of("..", "docs", page).toAbsolutePath().normalize();
        try {
            String table = Files.readString(file)
                    .lines()
                    .dropWhile(line -> !line.startsWith("| check |"))
                    .takeWhile(line -> line.startsWith("|"))
                    .collect(Collectors.joining("\n"));
            assertThat(table).isEqualTo(expected);
        } catch (IOException e) {
            throw new AssertionError("No page " + file, e);
        }
    }

    private static String line(Check check) {
        Check.Rule rule = check.rule();
        String otherwise = rule.otherwise() == Verdict.OK
                ? ""
                : rule.otherwise().name().toLowerCase(Locale.ROOT)
                        + (rule.reach() == Check.Reach.TABLE ? ", by name" : "");
        String mend = rule.mend()
                .lines()
                .map(step -> step.endsWith(";") || step.startsWith("cdp ") ? "`" + step + "`" : step)
                .map(step -> step.startsWith("`") ? step : step.replaceAll("(<[a-z-]+>)", "`$1`"))
                .collect(Collectors.joining(" "));
        return "| `%s` | %s | %s | %s |".formatted(check.id(), rule.wanted(), otherwise, mend);
    }
}
