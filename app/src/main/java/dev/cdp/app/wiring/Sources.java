package dev.cdp.app.wiring;

import dev.cdp.app.config.Configuration;
import dev.cdp.capture.binlog.BinlogSource;
import dev.cdp.capture.postgres.PostgresSource;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.SourceDatabase;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.util.Map;
import java.util.Objects;

/** Opens the configured sources. */
public final class Sources {
    private Sources() {}

    /** The source of that name. @throws CdpException {@code SOURCE_UNKNOWN} */
    public static Configuration.Source named(Configuration configuration, String name) {
        Map<SourceId, Configuration.Source> sources = configuration.sources();
        return sources.values().stream()
                .filter(source -> source.id().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CdpException(
                        ErrorCode.SOURCE_UNKNOWN,
                        "The configuration has no source \"" + name + "\"; it has " + sources.keySet(),
                        "cdp source list"));
    }

    /** Nothing is contacted yet. */
    public static SourceDatabase open(Configuration.Source source) {
        Configuration.Server server = source.server();
        DatabaseAddress address = new DatabaseAddress(
                server.host(),
                server.port(),
                source.database(),
                server.user(),
                server.password() == null ? "" : server.password().reveal());
        return switch (server.engine()) {
            case POSTGRESQL ->
                new PostgresSource(source.id(), address, Objects.requireNonNull(source.slot()), source.tables());
            case MARIADB -> BinlogSource.mariaDb(source.id(), address, source.tables());
            case MYSQL -> BinlogSource.mySql(source.id(), address, source.tables());
        };
    }
}
