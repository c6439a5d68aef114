package dev.cdp.app.cli;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.wiring.Restores;
import dev.cdp.core.RestorePoint;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.plan.RestorePlan;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code plan} and {@code restore} are asked for. */
final class RestoreOptions {
    @Option(
            names = "--to",
            paramLabel = "POINT",
            description = "latest, \"10 minutes ago\", 2026-11-21T03:14:07Z, before:tx/SOURCE/N, mark:NAME, ...")
    @Nullable
    String to;

    @Option(names = "--group", paramLabel = "GROUP", description = "The group; may be left out when there is one.")
    private @Nullable String group;

    @Option(names = "--only", paramLabel = "SOURCE", split = ",", description = "Only these sources.")
    private List<String> only = List.of();

    @Option(
            names = "--into",
            paramLabel = "SERVER[/DATABASE]",
            description = "A server of restore.servers; else each source's own. Always a new database.")
    private @Nullable String into;

    @Option(
            names = "--allow-gap",
            description = "Where changes are missing: restore what is affected to the latest state before. Says what is"
                    + " left out, and ends with exit code 5.")
    private boolean allowGap;

    /** What the operator said about missing changes. */
    GapPolicy gaps() {
        return allowGap ? GapPolicy.ALLOW : GapPolicy.REFUSE;
    }

    RestorePlan plan(CdpCommand cdp, ConfigurationFile file, RestoreService service, String point) {
        Configuration configuration = file.configuration();
        RestorePoint parsed = cdp.restorePoints(file).parse(point);
        RestoreGroup members = Restores.group(configuration, group, only);
        return service.plan(members, parsed, Restores.destinations(configuration, members, into), gaps());
    }
}
