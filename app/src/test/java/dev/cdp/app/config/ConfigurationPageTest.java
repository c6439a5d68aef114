package dev.cdp.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.config.Schema.Element;
import dev.cdp.app.config.Schema.Leaf;
import dev.cdp.app.config.Schema.Named;
import dev.cdp.app.config.Schema.Presence;
import dev.cdp.app.config.Schema.Properties;
import dev.cdp.app.config.Schema.Section;
import dev.cdp.app.config.Schema.Sections;
import dev.cdp.app.config.Schema.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample and the page in {@code docs} name exactly the settings that exist. */
class ConfigurationPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Map<String, String> ENVIRONMENT = Map.ofEntries(
            Map.entry("ORDERS_PASSWORD", "x"),
            Map.entry("BILLING_PASSWORD", "x"),
            Map.entry("STOCK_PASSWORD", "x"),
            Map.entry("SHOP_PASSWORD", "x"),
            Map.entry("SPARE_PASSWORD", "x"),
            Map.entry("KAFKA_JAAS", "x"),
            Map.entry("S3_ACCESS_KEY", "x"),
            Map.entry("S3_SECRET_KEY", "x"));

    @Test
    void theSampleShowsEverySetting() {
        Set<String> shown = new TreeSet<>();
        for (ConfigurationFile.Setting setting : ConfigurationFile.read(ROOT.resolve("config/cdp.yaml"), ENVIRONMENT)
                .settings()) {
            if (setting.origin().startsWith("cdp.yaml:")) {
                shown.add(setting.path()
                        .replaceFirst("^(sources|groups|restore\\.servers)\\.[^.]+", "$1.NAME")
                        .replaceFirst("(kafka\\.properties)\\..*", "$1")
                        .replaceFirst("\\[\\d+]", ""));
            }
        }

        assertThat(shown).isEqualTo(settings().keySet());
    }

    static Stream<Path> examples() throws IOException {
        return Files.list(ROOT.resolve("config/examples"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theExamplesAreValid(Path example) {
        assertThat(ConfigurationFile.read(example, ENVIRONMENT).warnings()).isEmpty();
    }

    /** Run with {@code JAVA_TOOL_OPTIONS=-Dcdp.write-docs=true} to write the page anew. */
    @Test
    void thePageDescribesEverySetting() throws IOException {
        Path page = ROOT.resolve("docs/configuration.md");
        if (Boolean.getBoolean("cdp.write-docs")) {
            Files.writeString(page, page());
        }

        assertThat(page).hasContent(page());
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                One YAML file: `--config FILE`, else `CDP_CONFIG`, else `./cdp.yaml`. `config/cdp.yaml` shows every
                setting, `config/examples/` short files to start from. `cdp config check` reports all mistakes at once
                with line and column; `cdp config show` prints what is in effect and where each value comes from.

                - A value may refer to `${env:NAME}`, `${env:NAME:-default}` or `${file:PATH}`; `$${` is a literal `${`.
                  References are filled in after the file was parsed, so a secret cannot change the document.
                - `CDP_` and the path in capitals overrides a value: `CDP_ARCHIVE_URL`, `CDP_SOURCES_ORDERS_PASSWORD`.
                - A password may stand in the file; it is warned of and never printed.
                - Time spans: `ms`, `s`, `min`, `h`, `d`, `w`. Sizes: `B`, `KiB`, `MiB`, `GiB`, `TiB`.
                - `cdp run` notices a changed file; a bad one is refused, and the last good one stays in effect.

                | setting | value | default | meaning |
                |---|---|---|---|
                """);
        settings().forEach((path, row) -> page.append(row));
        return page.toString();
    }

    private static Map<String, String> settings() {
        Map<String, String> rows = new TreeMap<>();
        Schema.ROOT.children().forEach(element -> collect("", element, rows));
        return rows;
    }

    private static void collect(String parent, Element element, Map<String, String> rows) {
        String path = parent + element.name();
        if (element instanceof Leaf leaf) {
            String byDefault = leaf.defaultText() != null
                    ? "`" + leaf.defaultText() + "`"
                    : leaf.presence() == Presence.REQUIRED ? "needed" : "";
            rows.put(path, row(path, leaf.kind().expectation(), byDefault, leaf.description()));
        } else if (element instanceof Section section) {
            section.children().forEach(child -> collect(path + ".", child, rows));
        } else if (element instanceof Named named) {
            named.each().children().forEach(child -> collect(path + ".NAME.", child, rows));
        } else if (element instanceof Sections sections) {
            sections.each().children().forEach(child -> collect(path + ".", child, rows));
        } else if (element instanceof Texts texts) {
            rows.put(path, row(path, "a list of texts", "", texts.description()));
        } else if (element instanceof Properties properties) {
            rows.put(path, row(path, "keys and values", "", properties.description()));
        }
    }

    private static String row(String path, String value, String byDefault, String description) {
        return "| `%s` | %s | %s | %s |%n".formatted(path, value.replace("|", "\\|"), byDefault, description);
    }
}
