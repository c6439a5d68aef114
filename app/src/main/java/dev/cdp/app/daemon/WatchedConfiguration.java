package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.core.CdpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The configuration file, read again when it changes; the last good one stays in effect while it is bad. */
final class WatchedConfiguration {
    private static final Logger log = LoggerFactory.getLogger(WatchedConfiguration.class);

    private final Path path;
    private final Map<String, String> environment;
    private Configuration configuration;
    private FileTime seen;

    WatchedConfiguration(ConfigurationFile file, Map<String, String> environment) {
        this.path = file.path();
        this.environment = environment;
        this.configuration = file.configuration();
        this.seen = modified();
    }

    Configuration configuration() {
        return configuration;
    }

    void refresh() {
        FileTime now = modified();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            Configuration changed = ConfigurationFile.read(path, environment).configuration();
            if (!changed.archive().equals(configuration.archive())
                    || !changed.kafka().equals(configuration.kafka())
                    || !changed.dataDirectory().equals(configuration.dataDirectory())) {
                log.warn("archive, kafka and data-directory change only when the daemon is started again");
            }
            configuration = changed;
            log.info("The configuration {} was read again", path);
        } catch (CdpException e) {
            log.error("The changed configuration is refused and the last good one stays: {}", e.getMessage());
        }
    }

    private FileTime modified() {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
