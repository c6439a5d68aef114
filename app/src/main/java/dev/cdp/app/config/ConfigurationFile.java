package dev.cdp.app.config;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file as it was read: the {@link Configuration}, what the reader warned of, and every effective
 * setting with its origin.
 */
public final class ConfigurationFile {

    /** One effective setting; {@code shown} is {@code ***} for a secret. */
    public record Setting(String path, String shown, String origin) {}

    private final Path path;
    private final Configuration configuration;
    private final List<String> warnings;
    private final List<Setting> settings;

    private ConfigurationFile(Path path, Configuration configuration, List<String> warnings, List<Setting> settings) {
        this.path = path;
        this.configuration = configuration;
        this.warnings = List.copyOf(warnings);
        this.settings = List.copyOf(settings);
    }

    /** Where the file is: {@code --config}, else {@code CDP_CONFIG}, else {@code ./cdp.yaml}. */
    public static Path locate(@Nullable Path option, Map<String, String> environment) {
        if (option != null) {
            return option.toAbsolutePath();
        }
        String variable = environment.get("CDP_CONFIG");
        return Path.of(variable == null || variable.isBlank() ? "cdp.yaml" : variable)
                .toAbsolutePath();
    }

    /**
     * Reads the file at {@code path}.
     *
     * @throws InvalidConfigurationException with all problems
     * @throws CdpException {@code CONFIGURATION_ABSENT} when it cannot be read
     */
    public static ConfigurationFile read(Path path, Map<String, String> environment) {
        try {
            return parse(path, Files.readString(path), environment);
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.CONFIGURATION_ABSENT,
                    Files.exists(path)
                            ? "The configuration " + path + " cannot be read: " + e.getMessage()
                            : "There is no configuration at " + path,
                    "Name one with --config FILE or CDP_CONFIG, or start from the commented config/cdp.yaml",
                    e);
        }
    }

    /** Reads {@code text} as if it stood in the file {@code path}. */
    static ConfigurationFile parse(Path path, String text, Map<String, String> environment) {
        Path folder = path.toAbsolutePath().getParent();
        String name = path.getFileName().toString();
        Problems problems = new Problems();
        Nodes.Table root =
                new YamlReader(name, new Interpolation(environment, folder), environment, problems).read(text);
        new CrossReferences(problems).check(root);
        if (problems.hasErrors()) {
            throw new InvalidConfigurationException(name, problems.errors(name));
        }
        List<Setting> settings = Nodes.values(root).stream()
                .map(value -> new Setting(value.path(), value.shown(), value.origin()))
                .toList();
        return new ConfigurationFile(path, new Binder(folder).bind(root), problems.warnings(name), settings);
    }

    public Path path() {
        return path;
    }

    public Configuration configuration() {
        return configuration;
    }

    /** Each as {@code cdp.yaml:14:5 message}. */
    public List<String> warnings() {
        return warnings;
    }

    /** Every value in effect, also defaults, in the order of the documentation. */
    public List<Setting> settings() {
        return settings;
    }
}
