package dev.cdp.testkit.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FidelityResultsTest {
    private static final DatabaseVersion OLD = new DatabaseVersion("MariaDB", "10.11");
    private static final DatabaseVersion NEW = new DatabaseVersion("MariaDB", "11.4");

    @TempDir
    private Path folder;

    @Test
    void whatIsFoundAgainTakesThePlaceOfWhatWasFoundBefore() throws IOException {
        Path file = folder.resolve("results.csv");
        FidelityResult first = FidelityResult.certified(NEW, type("enum('a,b','\"')", "base"), 12);
        FidelityResult again = FidelityResult.flagged(NEW, type("enum('a,b','\"')", "base"), 11, "one, \"x\", differs");
        FidelityResult other = FidelityResult.refused(OLD, type("inet6", "insert"), "says, \"why\"");
        new FidelityResults(file).add(first);
        new FidelityResults(file).add(other);
        new FidelityResults(file).add(again);

        assertThat(new FidelityResults(file).newest()).containsExactly(other, again);
        new FidelityResults(file).tidy();
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(new FidelityResults(file).newest()).containsExactly(other, again);
    }

    @Test
    void printsTablesIntoThePageAndLeavesTheRestAlone() {
        FidelityResults results = new FidelityResults(folder.resolve("results.csv"));
        results.add(FidelityResult.certified(NEW, type("int", "base"), 12));
        results.add(FidelityResult.certified(NEW, type("int", "insert"), 13));
        results.add(FidelityResult.certified(NEW, type("a|b", "base"), 1));
        results.add(FidelityResult.refused(OLD, type("int", "base"), "no"));
        results.add(FidelityResult.refused(OLD, type("int", "insert"), "no"));
        results.add(FidelityResult.flagged(
                NEW, new FidelityCase(FidelityKind.STATEMENT, "TRUNCATE t", "before"), 3, "late"));

        String page = FidelityPage.renewed(
                "Before\n" + FidelityPage.BEGIN + "old\n" + FidelityPage.END + "After\n", results.newest());

        assertThat(page)
                .startsWith("Before\n")
                .endsWith("After\n")
                .doesNotContain("old\n")
                .contains("## MariaDB: Types\n\nPlaces: base, insert.\n\n| type | 10.11 | 11.4 |\n|---|---|---|\n")
                .contains("| `int` | **refused: no** (base, insert) | certified 25 |\n")
                .contains("| `a\\|b` | not tried | certified 1 |\n")
                .contains("## MariaDB: Statements")
                .contains("| `TRUNCATE t` | **flagged: late** (before) |\n");
    }

    /** The page is printed from the results that are kept beside it, never by hand. */
    @Test
    void thePageShowsTheResultsThatAreKept() throws IOException {
        String page = Files.readString(Path.of("../docs/fidelity.md"));

        assertThat(FidelityPage.renewed(page, new FidelityResults(Path.of("../docs/fidelity.csv")).newest()))
                .isEqualTo(page);
    }

    @Test
    void refusesToCertifyWithoutAComparison() {
        assertThatThrownBy(() -> FidelityResult.certified(NEW, type("int", "base"), 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FidelityResult.refused(NEW, type("int", "base"), ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static FidelityCase type(String type, String place) {
        return new FidelityCase(FidelityKind.TYPE, type, place);
    }
}
