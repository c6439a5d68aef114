package dev.cdp.app.config;

import dev.cdp.capture.source.TableScope;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the operator configured, complete: defaults are filled in, names are checked against each other.
 *
 * @param timeZone how times without a zone are read, null when they are refused
 * @param dataDirectory absolute
 * @param servers where restores may go, by name
 */
public record Configuration(
        @Nullable ZoneId timeZone,
        Path dataDirectory,
        Map<SourceId, Source> sources,
        Map<String, Group> groups,
        Kafka kafka,
        Archive archive,
        Map<String, Server> servers,
        Log log) {

    /** A database server and who signs in. */
    public record Server(
            Engine engine,
            String host,
            int port,
            String user,
            @Nullable Secret password) {}

    /**
     * One database to protect.
     *
     * @param slot PostgreSQL only, null otherwise
     * @param logBudget how much log the source may keep for us, null for no limit
     */
    public record Source(
            SourceId id,
            Server server,
            String database,
            TableScope tables,
            @Nullable String slot,
            @Nullable DataSize logBudget) {}

    /** Sources that are restored together. */
    public record Group(String name, List<SourceId> sources, Duration markerInterval, List<Link> links) {
        public Group {
            sources = List.copyOf(sources);
            links = List.copyOf(links);
        }
    }

    /** A column of one source that refers to a key of another. */
    public record Link(ColumnName from, ColumnName to) {}

    /** A column of a source, written {@code source.schema.table.column}. */
    public record ColumnName(SourceId source, TableName table, String column) {

        /** @throws IllegalArgumentException unless {@code text} has at least four parts */
        public static ColumnName parse(String text) {
            String[] parts = text.split("\\.");
            if (parts.length < 4 || List.of(parts).contains("")) {
                throw new IllegalArgumentException(
                        "Not a column: '" + text + "'; expected the form source.schema.table.column");
            }
            String table = String.join(".", List.of(parts).subList(2, parts.length - 1));
            return new ColumnName(new SourceId(parts[0]), new TableName(parts[1], table), parts[parts.length - 1]);
        }

        @Override
        public String toString() {
            return source + "." + table + "." + column;
        }
    }

    /**
     * Where the change topics are.
     *
     * @param bootstrapServers null for the embedded broker
     */
    public record Kafka(@Nullable String bootstrapServers, String topicPrefix, Map<String, String> properties) {
        public Kafka {
            properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
        }

        /** The values may be secrets. */
        @Override
        public String toString() {
            return "Kafka[" + bootstrapServers + ", " + properties.keySet() + "]";
        }
    }

    /** Where everything is kept. */
    public record Archive(String url, S3 s3, Duration commitInterval, DataSize targetFileSize) {}

    /**
     * How to speak to an S3 service.
     *
     * @param accessKey null for the default chain, like {@code secretKey}
     */
    public record S3(
            @Nullable URI endpoint,
            @Nullable String region,
            Addressing addressing,
            Checksums checksums,
            @Nullable Secret accessKey,
            @Nullable Secret secretKey) {}

    /** Where the bucket's name stands in a request. */
    public enum Addressing {
        VIRTUAL_HOST,
        PATH_STYLE
    }

    /** When requests carry checksums. */
    public enum Checksums {
        WHEN_SUPPORTED,
        WHEN_REQUIRED
    }

    /** What the daemon writes to stderr. */
    public record Log(String level, String format) {}

    public Configuration {
        sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
        servers = Collections.unmodifiableMap(new LinkedHashMap<>(servers));
    }

    /** The group that {@code source} belongs to. */
    public Optional<Group> groupOf(SourceId source) {
        return groups.values().stream()
                .filter(group -> group.sources().contains(source))
                .findFirst();
    }
}
