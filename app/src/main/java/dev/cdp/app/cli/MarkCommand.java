package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Sources;
import dev.cdp.core.CdpException;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cdp mark NAME}: a restore point with a name, written into the log of every source of a group. */
@Command(name = "mark", description = "Name this moment, to restore to it later as mark:NAME.")
final class MarkCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Parameters(paramLabel = "NAME", description = "Such as before-deploy-42.")
    private String name;

    @Option(names = "--group", paramLabel = "GROUP", description = "Only this group; else every source.")
    private @Nullable String group;

    @Override
    public Integer call() {
        Console console = cdp.console();
        Configuration configuration = cdp.configuration(console).configuration();
        String round = UUID.randomUUID().toString();
        Instant now = console.now();
        Map<SourceId, Long> written = new LinkedHashMap<>();
        for (SourceId source : Groups.members(configuration, group)) {
            Configuration.Source each = Sources.named(configuration, source.name());
            try {
                written.put(source, Sources.open(each).writeMarker(name, round, now));
            } catch (CdpException e) {
                throw written.isEmpty()
                        ? e
                        : incomplete(written.keySet().stream().toList(), source, e);
            }
        }
        ObjectNode document = Console.document("cdp.mark/v1")
                .put("name", name)
                .put("at", now.toString())
                .put("restore_point", "mark:" + name);
        ArrayNode sources = document.putArray("sources");
        written.keySet().forEach(source -> sources.add(source.name()));
        console.answer(document, () -> {
            console.line("mark:" + name + " written to " + written.keySet());
            console.line("next: cdp plan --to \"mark:" + name + "\"");
        });
        return ExitCode.DONE.code();
    }

    private CdpException incomplete(List<SourceId> written, SourceId failed, CdpException cause) {
        return new CdpException(
                cause.code(),
                "The mark \"" + name + "\" was written to " + written + " but not to " + failed
                        + ", so it is no restore point of the group: " + cause.getMessage(),
                cause.next() + "\nThen use another name: cdp mark NAME",
                cause);
    }
}
