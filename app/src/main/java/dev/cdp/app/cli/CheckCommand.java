package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Sources;
import dev.cdp.capture.CheckFinding;
import dev.cdp.core.CdpException;
import dev.cdp.core.ExitCode;
import dev.cdp.core.archive.ConditionalWrites;
import dev.cdp.core.archive.ObjectStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cdp check}: everything that protection depends on, one line each, with what mends it. */
@Command(
        name = "check",
        description = "Check the sources and the archive's storage; say what to change where something is wrong.")
final class CheckCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Parameters(arity = "0..1", paramLabel = "SOURCE", description = "Only this source; else all of them.")
    private @Nullable String source;

    @Override
    public Integer call() {
        Console console = cdp.console();
        Configuration configuration = cdp.configuration(console).configuration();
        Collection<Configuration.Source> sources =
                source == null ? configuration.sources().values() : List.of(Sources.named(configuration, source));
        Map<Configuration.Source, List<CheckFinding>> findings = new LinkedHashMap<>();
        ExitCode worst = ExitCode.DONE;
        for (Configuration.Source each : sources) {
            List<CheckFinding> found = new ArrayList<>();
            try {
                found.addAll(Sources.open(each).check());
            } catch (CdpException e) { // the others are still worth checking
                found.add(CommandCheck.CONNECTION.wrong(String.valueOf(e.getMessage()), e.next()));
                worst = worst == ExitCode.DONE ? e.code().exitCode() : ExitCode.FOUND_BAD;
            }
            boolean failed = found.stream().anyMatch(finding -> finding.verdict() == CheckFinding.Verdict.FAILED);
            worst = failed && worst == ExitCode.DONE ? ExitCode.FOUND_BAD : worst;
            findings.put(each, found);
        }
        CheckFinding storage = CommandCheck.CONDITIONAL_WRITES.fine("one of several writers at once creates an object");
        try (ObjectStore archive = Archives.open(configuration.archive())) {
            ConditionalWrites.require(archive);
            for (Map.Entry<Configuration.Source, List<CheckFinding>> each : findings.entrySet()) {
                List<CheckFinding> gaps = ArchivedGaps.of(archive, each.getKey().id());
                each.getValue().addAll(gaps);
                worst = !gaps.isEmpty() && worst == ExitCode.DONE ? ExitCode.FOUND_BAD : worst;
            }
        } catch (CdpException e) {
            storage = CommandCheck.CONDITIONAL_WRITES.wrong(e.code() + " " + e.getMessage(), e.next());
            worst = worst == ExitCode.DONE ? e.code().exitCode() : ExitCode.FOUND_BAD;
        }
        CheckFinding tried = storage;
        console.answer(document(findings, configuration.archive().url(), tried), () -> {
            findings.forEach((each, found) -> print(console, each, found));
            console.line("archive  " + configuration.archive().url());
            print(console, tried);
        });
        return worst.code();
    }

    static void print(Console console, Configuration.Source source, List<CheckFinding> findings) {
        console.line(source.id() + "  " + source.server().engine().name().toLowerCase(Locale.ROOT) + " at "
                + source.server().host() + ":" + source.server().port() + "/" + source.database());
        findings.forEach(finding -> print(console, finding));
    }

    private static void print(Console console, CheckFinding finding) {
        String verdict =
                switch (finding.verdict()) {
                    case OK -> console.good("ok     ");
                    case WARNING -> "warning";
                    case FAILED -> console.bad("FAILED ");
                };
        console.line("  " + verdict + "  " + finding.check() + ": " + finding.what());
        finding.mend().lines().forEach(line -> console.line("             " + line));
    }

    private static ObjectNode document(
            Map<Configuration.Source, List<CheckFinding>> findings, String archiveUrl, CheckFinding storage) {
        ObjectNode document = Console.document("cdp.check/v1");
        ArrayNode sources = document.putArray("sources");
        findings.forEach((source, found) -> {
            ArrayNode checks =
                    sources.addObject().put("source", source.id().name()).putArray("checks");
            found.forEach(finding -> add(checks, finding));
        });
        add(document.putObject("archive").put("url", archiveUrl).putArray("checks"), storage);
        return document;
    }

    private static void add(ArrayNode checks, CheckFinding finding) {
        checks.addObject()
                .put("check", finding.check())
                .put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
                .put("what", finding.what())
                .put("mend", finding.mend());
    }
}
