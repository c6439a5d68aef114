package dev.cdp.app.wiring;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.daemon.StatusFiles;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.restore.Destination;
import dev.cdp.restore.Link;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a restore is told: which sources, from where, to where. */
public final class Restores {
    private Restores() {}

    /** The tail in an embedded broker is within reach only while its daemon runs. */
    public static RestoreSettings settings(Configuration configuration, ObjectStore archive, Instant now) {
        boolean reachable = configuration.kafka().bootstrapServers() != null
                || new StatusFiles(configuration.dataDirectory())
                        .daemon()
                        .filter(daemon -> daemon.isFresh(now))
                        .isPresent();
        KafkaAccess kafka = reachable ? Brokers.known(configuration).orElse(null) : null;
        return RestoreSettings.usual(archive, kafka, workDirectory(configuration));
    }

    /** Where objects are staged and plans are kept. */
    public static Path workDirectory(Configuration configuration) {
        return configuration.dataDirectory().resolve("restore");
    }

    /**
     * The sources asked for: a group, some sources by name, or, with neither, the only group there is.
     *
     * @param only names of sources, empty for all of the group
     */
    public static RestoreGroup group(Configuration configuration, @Nullable String group, List<String> only) {
        List<SourceId> chosen = only.stream()
                .map(name -> Sources.named(configuration, name).id())
                .toList();
        if (group == null && !chosen.isEmpty()) {
            return chosen.size() == 1
                    ? RestoreGroup.of(chosen.get(0))
                    : new RestoreGroup(String.join("+", only), chosen, links(configuration, chosen));
        }
        Configuration.Group found = group == null ? theOnlyGroup(configuration) : named(configuration, group);
        List<SourceId> members = chosen.isEmpty() ? found.sources() : chosen;
        return new RestoreGroup(found.name(), members, links(configuration, members));
    }

    private static Configuration.Group theOnlyGroup(Configuration configuration) {
        if (configuration.groups().size() == 1) {
            return configuration.groups().values().iterator().next();
        }
        if (configuration.groups().isEmpty() && configuration.sources().size() == 1) {
            SourceId source = configuration.sources().keySet().iterator().next();
            return new Configuration.Group(source.name(), List.of(source), java.time.Duration.ofSeconds(5), List.of());
        }
        throw new CdpException(
                ErrorCode.USAGE_WRONG,
                "It is not clear what to restore: the configuration has the groups "
                        + configuration.groups().keySet() + " and the sources "
                        + configuration.sources().keySet(),
                "Add --group GROUP or --only SOURCE");
    }

    private static Configuration.Group named(Configuration configuration, String name) {
        Configuration.Group group = configuration.groups().get(name);
        if (group == null) {
            throw new CdpException(
                    ErrorCode.SOURCE_UNKNOWN,
                    "The configuration has no group \"" + name + "\"; it has "
                            + configuration.groups().keySet(),
                    "cdp source list");
        }
        return group;
    }

    /** The declared links whose both ends are among {@code members}. */
    private static List<Link> links(Configuration configuration, List<SourceId> members) {
        return configuration.groups().values().stream()
                .flatMap(group -> group.links().stream())
                .filter(link -> members.contains(link.from().source())
                        && members.contains(link.to().source()))
                .map(link -> new Link(end(link.from()), end(link.to())))
                .toList();
    }

    private static Link.End end(Configuration.ColumnName column) {
        return new Link.End(column.source(), column.table(), column.column());
    }

    /**
     * Where each source of a group goes.
     *
     * @param into {@code SERVER} or {@code SERVER/DATABASE} of {@code restore.servers}, null for each source's own server
     */
    public static Map<SourceId, Destination> destinations(
            Configuration configuration, RestoreGroup group, @Nullable String into) {
        Map<SourceId, Destination> destinations = new LinkedHashMap<>();
        for (SourceId id : group.sources()) {
            Configuration.Source source =
                    Objects.requireNonNull(configuration.sources().get(id));
            destinations.put(id, destination(configuration, group, source, into));
        }
        return destinations;
    }

    private static Destination destination(
            Configuration configuration, RestoreGroup group, Configuration.Source source, @Nullable String into) {
        if (into == null) {
            return new Destination(target(source.server()), source.database(), null);
        }
        int slash = into.indexOf('/');
        String name = slash < 0 ? into : into.substring(0, slash);
        String database = slash < 0 ? null : into.substring(slash + 1);
        Configuration.Server server = configuration.servers().get(name);
        if (server == null) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG,
                    "restore.servers has no \"" + name + "\"; it has "
                            + configuration.servers().keySet(),
                    "Add it under restore.servers, or leave --into out to restore beside the original");
        }
        if (server.engine() != source.server().engine()) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG,
                    "Source \"" + source.id() + "\" is a " + source.server().engine() + " database and server \"" + name
                            + "\" is " + server.engine(),
                    "Restore sources of one engine at a time with --only, or leave --into out");
        }
        if (database != null && group.sources().size() > 1) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG,
                    "--into names one database for " + group.sources().size() + " sources",
                    "--into " + name);
        }
        return new Destination(target(server), source.database(), database);
    }

    /** The server that a source itself is on. */
    public static TargetServer server(Configuration.Source source) {
        return target(source.server());
    }

    private static TargetServer target(Configuration.Server server) {
        return new TargetServer(
                server.engine(),
                server.host(),
                server.port(),
                server.user(),
                server.password() == null ? Secret.of("") : server.password(),
                Map.of());
    }

    /** The servers that a saved plan names, with the credentials that the configuration has for them. */
    public static Map<SourceId, TargetServer> servers(Configuration configuration, RestorePlan plan) {
        Map<SourceId, TargetServer> servers = new LinkedHashMap<>();
        for (RestorePlan.SourcePlan source : plan.sources()) {
            TargetServer server = Stream.concat(
                            configuration.sources().values().stream().map(Configuration.Source::server),
                            configuration.servers().values().stream())
                    .filter(each -> each.engine() == source.engine())
                    .map(Restores::target)
                    .filter(each -> each.toString().equals(source.server()))
                    .findFirst()
                    .orElseThrow(() -> new CdpException(
                            ErrorCode.USAGE_WRONG,
                            "The configuration has no credentials for " + source.server() + ", which plan " + plan.id()
                                    + " restores to",
                            "Add the server under restore.servers, or make a new plan"));
            servers.put(source.source(), server);
        }
        return servers;
    }
}
