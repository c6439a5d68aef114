package dev.cdp.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.testkit.faults.FaultResult.Harm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultResultsTest {
    @TempDir
    private Path folder;

    @Test
    void addsUpTheRoundsOfSeveralRuns() {
        Path file = folder.resolve("results.csv");
        new FaultResults(file).add(FaultResult.survived(FaultKind.CRASH_POINT, "capture.x", 2, new Harm(0, 1, 0)));
        new FaultResults(file).add(FaultResult.noticed(FaultKind.GAP, "slot dropped", 1, 1));
        new FaultResults(file).add(FaultResult.survived(FaultKind.CRASH_POINT, "capture.x", 3, new Harm(2, 0, 0)));

        assertThat(new FaultResults(file).total())
                .containsExactly(
                        FaultResult.survived(FaultKind.CRASH_POINT, "capture.x", 5, new Harm(2, 1, 0)),
                        FaultResult.noticed(FaultKind.GAP, "slot dropped", 1, 1));
        assertThat(new FaultResults(file).rounds(FaultKind.CRASH_POINT, "capture.x"))
                .isEqualTo(5);
    }

    @Test
    void printsThemIntoThePageAndLeavesTheRestAlone() {
        FaultResults results = new FaultResults(folder.resolve("results.csv"));
        results.add(FaultResult.survived(FaultKind.CRASH_POINT, "capture.x", 25, Harm.NONE));
        results.add(FaultResult.noticed(FaultKind.ZOMBIE, "two captures", 4, 3));

        String page = ReliabilityPage.renewed(
                "Before\n" + ReliabilityPage.BEGIN + "old\n" + ReliabilityPage.END + "After\n", results.total());

        assertThat(page)
                .startsWith("Before\n")
                .endsWith("After\n")
                .doesNotContain("old")
                .contains("| crash point | capture.x | 25 | 25 | 0 | 0 | 0 |  |\n")
                .contains("| zombie | two captures | 4 | 200 | 0 | 0 | 0 | 75 % |\n");
    }

    /** The page is printed from the results that are kept beside it, never by hand. */
    @Test
    void thePageShowsTheResultsThatAreKept() throws IOException {
        String page = Files.readString(Path.of("../docs/reliability.md"));

        assertThat(new FaultResults(Path.of("../docs/reliability.csv")).total())
                .allSatisfy(result -> assertThat(page).contains(ReliabilityPage.row(result)));
    }

    @Test
    void refusesANameThatWouldBreakTheTable() {
        assertThatThrownBy(() -> FaultResult.survived(FaultKind.GAP, "a,b", 1, Harm.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
