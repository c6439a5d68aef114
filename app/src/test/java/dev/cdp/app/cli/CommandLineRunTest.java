package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineRunTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @Test
    void printsItsVersion() throws IOException {
        assertThat(run("version")).isZero();
        assertThat(text(out)).matches("cdp \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d.*\\)\n");

        assertThat(run("version", "--json")).isZero();
        assertThat(json(out).path("schema").asText()).isEqualTo("cdp.version/v1");
    }

    @Test
    void explainsEveryErrorCode() {
        assertThat(run("explain")).isZero();
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(text(out)).contains(code + "  " + code.meaning());
        }

        assertThat(run("explain", "cdp-4001")).isZero();
        assertThat(text(out)).contains("exit code 10: no archive here");
    }

    @Test
    void wrongUsageSaysWhatWasMeant() throws IOException {
        assertThat(run("confg", "check")).isEqualTo(2);
        assertThat(text(err)).contains("error CDP-1002: unmatched arguments").contains("next  cdp config");

        assertThat(run("config", "--json")).isEqualTo(2);
        assertThat(json(err).path("code").asText()).isEqualTo("CDP-1002");
        assertThat(json(err).path("exit_code").asInt()).isEqualTo(2);
        assertThat(json(err).path("next").get(0).asText()).isEqualTo("cdp config --help");
        assertThat(text(out)).isEmpty();
    }

    @Test
    void aBadConfigurationExitsWith78AndListsEveryMistake() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, "archive: { url: 5, regoin: x }\n");

        assertThat(run("config", "check", "--config", file.toString())).isEqualTo(78);

        assertThat(text(err))
                .contains("cdp.yaml:1:17 archive.url must be")
                .contains("did you mean \"region\"?")
                .contains("2 problems in cdp.yaml")
                .doesNotContain("\tat ");
    }

    @Test
    void showsSettingsWithTheirOriginAndWithoutSecrets() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, """
                archive: { url: "file:a" }
                sources: { o: { url: "mariadb://u:hunter2@h/d", password: hunter2 } }
                """);

        assertThat(run("config", "show", "--json", "--config", file.toString())).isZero();

        assertThat(text(out)).contains("cdp.yaml:1:17").doesNotContain("hunter2");
        assertThat(text(err)).contains("prefer ${file:PATH}").doesNotContain("hunter2");
    }

    @Test
    void everyCommandHasHelpOfAtMost80Columns() {
        assertThat(run("--help")).isZero();
        assertThat(text(out).lines()).allMatch(line -> line.length() <= 80);
        for (String command : CommandLineRun.of(new CdpCommand(surroundings()))
                .getSubcommands()
                .keySet()) {
            assertThat(run(command, "--help")).isZero();
            assertThat(text(out)).contains("Usage: cdp " + command);
            assertThat(text(out).lines()).allMatch(line -> line.length() <= 80);
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

    private int run(String... args) {
        out.reset();
        err.reset();
        return CommandLineRun.run(List.of(args), surroundings());
    }

    private Surroundings surroundings() {
        return new Surroundings(
                Map.of(),
                Clock.fixed(Instant.parse("2026-11-21T03:16:42Z"), ZoneOffset.UTC),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Surroundings.Screen.NONE);
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode json(ByteArrayOutputStream stream) throws IOException {
        return Json.mapper().readTree(stream.toByteArray());
    }
}
