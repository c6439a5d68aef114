package dev.cdp.app.config;

import dev.cdp.app.config.Configuration.ColumnName;
import dev.cdp.app.config.Nodes.Table;
import dev.cdp.app.config.Nodes.Value;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns {@link Nodes} without problems into a {@link Configuration}. */
final class Binder {
    private final Path folder;

    /** @param folder where relative paths start; absolute */
    Binder(Path folder) {
        this.folder = folder;
    }

    Configuration bind(Table root) {
        Map<SourceId, Configuration.Source> sources = new LinkedHashMap<>();
        root.table("sources").tables().forEach((name, table) -> {
            SourceId id = new SourceId(name);
            sources.put(id, source(id, table));
        });
        Map<String, Configuration.Group> groups = new LinkedHashMap<>();
        root.table("groups").tables().forEach((name, table) -> groups.put(name, group(name, table)));
        Map<String, Configuration.Server> servers = new LinkedHashMap<>();
        root.table("restore").table("servers").tables().forEach((name, table) -> servers.put(name, server(table)));
        return new Configuration(
                root.value("time-zone").map(value -> ZoneId.of(value.text())).orElse(null),
                folder.resolve(text(root, "data-directory")).normalize(),
                sources,
                groups,
                kafka(root.table("kafka")),
                archive(root.table("archive")),
                servers,
                new Configuration.Log(text(root.table("log"), "level"), text(root.table("log"), "format")));
    }

    private static Configuration.Source source(SourceId id, Table table) {
        Configuration.Server server = server(table);
        Table tables = table.table("tables");
        String slot = server.engine() == Engine.POSTGRESQL
                ? optional(table, "slot").orElse("cdp_" + id.name().replace('-', '_'))
                : null;
        return new Configuration.Source(
                id,
                server,
                optional(table, "database")
                        .or(() -> url(table).map(DatabaseUrl::database))
                        .orElseThrow(),
                new TableScope(texts(tables, "include"), texts(tables, "exclude")),
                slot,
                optional(table, "log-budget").map(DataSize::parse).orElse(null));
    }

    private static Configuration.Server server(Table table) {
        Optional<DatabaseUrl> url = url(table);
        Engine engine = optional(table, "engine")
                .map(Binder::<Engine>engine)
                .or(() -> url.map(DatabaseUrl::engine))
                .orElseThrow();
        return new Configuration.Server(
                engine,
                optional(table, "host").or(() -> url.map(DatabaseUrl::host)).orElseThrow(),
                optional(table, "port")
                        .map(Integer::parseInt)
                        .or(() -> url.map(DatabaseUrl::port))
                        .orElse(DatabaseUrl.defaultPort(engine)),
                optional(table, "user").or(() -> url.map(DatabaseUrl::user)).orElseThrow(),
                optional(table, "password")
                        .map(Secret::of)
                        .or(() -> url.map(DatabaseUrl::password))
                        .orElse(null));
    }

    private static Configuration.Group group(String name, Table table) {
        return new Configuration.Group(
                name,
                texts(table, "sources").stream().map(SourceId::new).toList(),
                duration(table, "marker-interval"),
                table.tables("links").stream()
                        .map(link -> new Configuration.Link(
                                ColumnName.parse(text(link, "from")), ColumnName.parse(text(link, "to"))))
                        .toList());
    }

    private static Configuration.Kafka kafka(Table table) {
        return new Configuration.Kafka(
                optional(table, "bootstrap-servers").orElse(null),
                text(table, "topic-prefix"),
                properties(table.table("properties")));
    }

    private Configuration.Archive archive(Table table) {
        Table credentials = table.table("credentials");
        Configuration.S3 s3 = new Configuration.S3(
                optional(table, "endpoint").map(URI::create).orElse(null),
                optional(table, "region").orElse(null),
                text(table, "path-style").equals("true")
                        ? Configuration.Addressing.PATH_STYLE
                        : Configuration.Addressing.VIRTUAL_HOST,
                Configuration.Checksums.valueOf(
                        text(table, "checksums").toUpperCase(Locale.ROOT).replace('-', '_')),
                secret(credentials, "access-key"),
                secret(credentials, "secret-key"));
        return new Configuration.Archive(
                absolute(text(table, "url")),
                s3,
                duration(table, "commit-interval"),
                DataSize.parse(text(table, "target-file-size")));
    }

    /** A relative {@code file:} path starts at the configuration's folder, like every other path in it. */
    private String absolute(String url) {
        if (!url.startsWith("file:")) {
            return url;
        }
        String path = url.substring(5).replaceFirst("^//(?=/)", "");
        return "file:" + folder.resolve(path).normalize();
    }

    private static Engine engine(String text) {
        return Engine.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static Optional<DatabaseUrl> url(Table table) {
        return optional(table, "url").map(DatabaseUrl::parse);
    }

    private static Duration duration(Table table, String key) {
        return Kind.Spans.parse(text(table, key));
    }

    private static @Nullable Secret secret(Table table, String key) {
        return optional(table, key).map(Secret::of).orElse(null);
    }

    private static Map<String, String> properties(Table table) {
        Map<String, String> properties = new LinkedHashMap<>();
        table.children().forEach((key, node) -> {
            if (node instanceof Value value) {
                properties.put(key, value.text());
            }
        });
        return properties;
    }

    private static List<String> texts(Table table, String key) {
        return table.values(key).stream().map(Value::text).toList();
    }

    private static Optional<String> optional(Table table, String key) {
        return table.value(key).map(Value::text);
    }

    private static String text(Table table, String key) {
        return optional(table, key).orElseThrow(() -> new IllegalStateException(table.path() + "." + key));
    }
}
