package dev.cdp.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParentCommand;

/** {@code cdp version}. */
@Command(name = "version", description = "Print the versions of cdp and of Java.")
final class VersionCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Override
    public Integer call() {
        Console console = cdp.console();
        String version = version();
        String java = System.getProperty("java.version");
        console.answer(
                Console.document("cdp.version/v1").put("version", version).put("java", java),
                () -> console.line(line()));
        return 0;
    }

    private static String line() {
        return "cdp " + version() + " (Java " + System.getProperty("java.version") + ")";
    }

    /** What {@code cdp --version} prints. */
    static final class Line implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {line()};
        }
    }

    static String version() {
        Properties properties = new Properties();
        try (InputStream in = VersionCommand.class.getResourceAsStream("/cdp-version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("cdp-version.properties cannot be read", e);
        }
        return properties.getProperty("version");
    }
}
