package dev.cdp.app.config;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.util.List;

/** The configuration has problems; all of them are in {@link #problems}. */
public final class InvalidConfigurationException extends CdpException {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    InvalidConfigurationException(String file, List<String> problems) {
        super(
                ErrorCode.CONFIGURATION_INVALID,
                String.join("\n", problems) + "\n"
                        + (problems.size() == 1 ? "1 problem" : problems.size() + " problems") + " in " + file,
                "Correct " + file + ", then: cdp config check");
        this.problems = List.copyOf(problems);
    }

    /** Each as {@code cdp.yaml:14:5 message}. */
    public List<String> problems() {
        return problems;
    }
}
