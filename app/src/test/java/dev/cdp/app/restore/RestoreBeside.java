package dev.cdp.app.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.restore.Destination;
import dev.cdp.restore.GapPolicy;
import dev.cdp.restore.RestoreGroup;
import dev.cdp.restore.RestoreProgress;
import dev.cdp.restore.RestoreService;
import dev.cdp.restore.RestoreSettings;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.services.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * The product's own restore of one source from its archive alone, into a new database that must be complete.
 *
 * @param folder for what it puts down meanwhile
 */
public record RestoreBeside(SourceId source, Engine engine, ObjectStore archive, Path folder) {

    /** @param server any database of the server to restore to; @param database the one that was protected, by name */
    public TestDatabase restore(String database, TestDatabase server, RestorePoint point, String into) {
        return restore(database, server, point, into, GapPolicy.REFUSE, ExitCode.DONE);
    }

    /** What is known of that moment, which ends as {@code expected}. */
    public TestDatabase restore(
            String database, TestDatabase server, RestorePoint point, String into, GapPolicy gaps, ExitCode expected) {
        TargetServer target = new TargetServer(
                engine, server.host(), server.port(), server.user(), Secret.of(server.password()), Map.of());
        RestoreService service = new RestoreService(RestoreSettings.usual(archive, null, folder), Clock.systemUTC());
        RestorePlan plan = service.plan(
                RestoreGroup.of(source), point, Map.of(source, new Destination(target, database, into)), gaps);
        RestoreReport report = service.restore(plan, Map.of(source, target), RestoreProgress.SILENT);
        assertThat(report.exitCode()).as(report.toText()).isEqualTo(expected);
        return new TestDatabase(
                into,
                server.jdbcUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/" + into + "$1"),
                server.host(),
                server.port(),
                server.user(),
                server.password());
    }
}
