package dev.cdp.app.config;

import dev.cdp.app.config.Nodes.Place;
import dev.cdp.app.config.Nodes.Table;
import dev.cdp.app.config.Nodes.Value;
import dev.cdp.core.SourceId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Rules that hold between settings: what is needed together, and names that must exist. */
final class CrossReferences {
    /** Capture decides these; changing one can lose data or stop the source. */
    private static final Pattern OWNED_BY_CDP = Pattern.compile(
            "(lsn\\.flush\\.mode|offset\\..*|snapshot\\..*|slot\\..*|publication\\..*|plugin\\.name|errors\\..*"
                    + "|provide\\.transaction\\.metadata|topic\\..*|database\\.(hostname|port|user|password|dbname)"
                    + "|name|connector\\.class|(table|schema|database|column)\\.(include|exclude)\\..*"
                    + "|(binary|decimal|bigint\\.unsigned|hstore|interval)\\.handling\\.mode|time\\.precision\\.mode"
                    + "|tombstones\\.on\\.delete|transforms.*|predicates.*|converters.*|key\\.converter.*"
                    + "|value\\.converter.*|schema\\.history\\..*|bootstrap\\.servers|heartbeat\\.action\\.query"
                    + "|unavailable\\.value\\.placeholder|event\\.processing\\.failure\\.handling\\.mode"
                    + "|skipped\\.operations|replica\\.identity\\..*|message\\.key\\.columns)");

    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

    private final Problems problems;

    CrossReferences(Problems problems) {
        this.problems = problems;
    }

    void check(Table root) {
        root.value("version").filter(version -> !version.text().equals("1")).ifPresent(version -> {
            problems.error(version.place(), "version must be 1, found \"" + version.text() + "\"");
        });
        Map<String, Table> sources = root.table("sources").tables();
        sources.forEach(this::source);
        Map<String, String> groupOfSource = new HashMap<>();
        root.table("groups").tables().forEach((name, group) -> group(name, group, sources.keySet(), groupOfSource));
        root.table("restore").table("servers").tables().forEach((name, server) -> server(server));
        Table credentials = root.table("archive").table("credentials");
        if (credentials.value("access-key").isPresent()
                != credentials.value("secret-key").isPresent()) {
            problems.error(credentials.place(), credentials.path() + " needs both access-key and secret-key");
        }
    }

    private void source(String name, Table source) {
        try {
            new SourceId(name);
        } catch (IllegalArgumentException e) {
            problems.error(source.place(), e.getMessage());
        }
        Optional<DatabaseUrl> url = server(source);
        if (source.value("database").isEmpty()
                && url.isPresent() == source.value("url").isPresent()
                && url.map(DatabaseUrl::database).isEmpty()) {
            problems.error(source.place(), source.path() + " names no database");
        }
        source.value("slot").ifPresent(slot -> {
            if (source.value("engine")
                    .filter(e -> List.of("mariadb", "mysql").contains(e.text()))
                    .isPresent()) {
                problems.error(slot.place(), slot.path() + " exists for PostgreSQL only");
            } else if (!SLOT.matcher(slot.text()).matches()) {
                problems.error(
                        slot.place(),
                        slot.path() + " must be 1 to 63 of a-z, 0-9 and _, found \"" + slot.text() + "\"");
            }
        });
    }

    private Optional<DatabaseUrl> server(Table server) {
        Optional<Value> given = server.value("url");
        if (given.isPresent() && !Kind.DATABASE_URL.accepts(given.get().text())) {
            return Optional.empty();
        }
        Optional<DatabaseUrl> url = given.map(value -> DatabaseUrl.parse(value.text()));
        List<String> missing = new ArrayList<>();
        for (String key : List.of("engine", "host")) {
            if (url.isEmpty() && !server.children().containsKey(key)) {
                missing.add(key);
            }
        }
        if (server.value("user").isEmpty() && url.map(DatabaseUrl::user).isEmpty()) {
            missing.add("user");
        }
        if (!missing.isEmpty()) {
            problems.error(server.place(), server.path() + " lacks " + String.join(", ", missing));
        }
        for (String key : List.of("engine", "host", "port")) {
            if (url.isPresent() && server.value(key).isPresent()) {
                problems.error(server.place(), server.path() + " has both url and " + key);
            }
        }
        return url;
    }

    private void group(String name, Table group, Collection<String> sources, Map<String, String> groupOfSource) {
        List<Value> members = group.values("sources");
        if (members.isEmpty()) {
            problems.error(group.place(), group.path() + ".sources must name at least one source");
        }
        for (Value member : members) {
            if (!sources.contains(member.text())) {
                problems.error(
                        member.place(),
                        group.path() + " names \"" + member.text() + "\", which is not under sources"
                                + Problems.didYouMean(member.text(), sources));
                continue;
            }
            String other = groupOfSource.putIfAbsent(member.text(), name);
            if (other != null) {
                problems.error(member.place(), "\"" + member.text() + "\" is already in group \"" + other + "\"");
            }
        }
        List<String> names = members.stream().map(Value::text).toList();
        for (Table link : group.tables("links")) {
            link.value("from").ifPresent(column -> column(column.text(), column.place(), group.path(), names));
            link.value("to").ifPresent(column -> column(column.text(), column.place(), group.path(), names));
        }
    }

    private void column(String text, Place place, String group, List<String> members) {
        try {
            String source = Configuration.ColumnName.parse(text).source().name();
            if (!members.contains(source)) {
                problems.error(
                        place,
                        "\"" + text + "\" names the source \"" + source + "\", which is not in " + group
                                + Problems.didYouMean(source, members));
            }
        } catch (IllegalArgumentException e) {
            problems.error(place, e.getMessage());
        }
    }
}
