package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineRunTest {
    private final CommandLineFixture cdp = new CommandLineFixture();

    @TempDir
    Path folder;

    @Test
    void printsItsVersion() {
        assertThat(cdp.run("version")).isZero();
        assertThat(cdp.out()).matches("cdp \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d.*\\)\n");

        assertThat(cdp.run("--version")).isZero();
        assertThat(cdp.out()).matches("cdp \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d.*\\)\n");

        assertThat(cdp.run("version", "--json")).isZero();
        assertThat(cdp.outJson().path("schema").asText()).isEqualTo("cdp.version/v1");
    }

    @Test
    void explainsEveryErrorCode() {
        assertThat(cdp.run("explain")).isZero();
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(cdp.out()).contains(code + "  " + code.meaning());
        }

        assertThat(cdp.run("explain", "cdp-4001")).isZero();
        assertThat(cdp.out()).contains("exit code 10: no archive here");
    }

    @Test
    void wrongUsageSaysWhatWasMeant() {
        assertThat(cdp.run("confg", "check")).isEqualTo(2);
        assertThat(cdp.err()).contains("error CDP-1002: unmatched argument").contains("next  cdp config");

        assertThat(cdp.run("config", "--json")).isEqualTo(2);
        assertThat(cdp.errJson().path("code").asText()).isEqualTo("CDP-1002");
        assertThat(cdp.errJson().path("exit_code").asInt()).isEqualTo(2);
        assertThat(cdp.errJson().path("next").get(0).asText()).isEqualTo("cdp config --help");
        assertThat(cdp.out()).isEmpty();
    }

    @Test
    void aBadConfigurationExitsWith78AndListsEveryMistake() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, "archive: { url: 5, regoin: x }\n");

        assertThat(cdp.run("config", "check", "--config", file.toString())).isEqualTo(78);

        assertThat(cdp.err())
                .contains("cdp.yaml:1:17 archive.url must be")
                .contains("did you mean \"region\"?")
                .contains("2 problems in cdp.yaml")
                .doesNotContain("\tat ");
    }

    @Test
    void oneStageAloneNeedsABrokerThatBothReach() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, "sources: {}\narchive: { url: \"file:a\" }\n");

        assertThat(cdp.run("run", "--only", "capture", "--config", file.toString()))
                .isEqualTo(2);

        assertThat(cdp.err()).contains("needs a Kafka cluster").contains("Set kafka.bootstrap-servers");
    }

    @Test
    void showsSettingsWithTheirOriginAndWithoutSecrets() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                archive: { url: "file:a" }
                sources: { o: { url: "mariadb://u:hunter2@h/d", password: hunter2 } }
                """);

        assertThat(cdp.run("config", "show", "--json", "--config", file.toString()))
                .isZero();

        assertThat(cdp.out()).contains("cdp.yaml:1:17").doesNotContain("hunter2");
        assertThat(cdp.err()).contains("prefer ${file:PATH}").doesNotContain("hunter2");
    }

    @Test
    void everyCommandHasHelpOfAtMost80Columns() {
        assertThat(cdp.run("--help")).isZero();
        assertThat(cdp.out().lines()).allMatch(line -> line.length() <= 80);
        for (String command : CommandLineRun.of(new CdpCommand(cdp.surroundings()))
                .getSubcommands()
                .keySet()) {
            assertThat(cdp.run(command, "--help")).isZero();
            assertThat(cdp.out()).contains("Usage: cdp " + command);
            assertThat(cdp.out().lines()).allMatch(line -> line.length() <= 80);
        }
    }

    @Test
    void tablesFit80ColumnsAndCarryNoControlCharacters() {
        TextTable table = new TextTable("NAME", "ROWS", "VALUE")
                .row("a\u001b[2Jb", "1,204", "x".repeat(100))
                .row("c\u202Ed\n", "3", "y");

        assertThat(table.lines()).allMatch(line -> line.length() <= 80);
        assertThat(table.lines().get(1)).startsWith("a?[2Jb  1,204  xxx").endsWith("…");
        assertThat(table.lines().get(2)).startsWith("c?d?        3  y");
        assertThat(table.plainLines().get(1)).isEqualTo("name=c?d?\trows=3\tvalue=y");
        assertThat(Printable.line("\u001b[31mbad\u001b[0m \u001b[2J")).isEqualTo("\u001b[31mbad\u001b[0m ?[2J");
    }

    /** Run with {@code JAVA_TOOL_OPTIONS=-Dcdp.write-docs=true} to write the page anew. */
    @Test
    void thePageListsEveryCode() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Exit codes and error codes

                Every command ends with one of these. Treat any other code as a failure.

                | exit code | meaning |
                |---|---|
                """);
        for (ExitCode code : ExitCode.values()) {
            page.append("| %d | %s |%n".formatted(code.code(), code.meaning()));
        }
        page.append("""

                Every failure names an error code: on stderr as text, or under `--json` as a `cdp.error/v1` document.
                `cdp explain CDP-3002` prints these lines.

                | error code | exit code | meaning |
                |---|---|---|
                """);
        for (ErrorCode code : ErrorCode.values()) {
            page.append("| %s | %d | %s |%n".formatted(code, code.exitCode().code(), code.meaning()));
        }
        Path file = Path.of("../docs/exit-codes.md");
        if (Boolean.getBoolean("cdp.write-docs")) {
            Files.writeString(file, page);
        }

        assertThat(file).hasContent(page.toString());
    }
}
