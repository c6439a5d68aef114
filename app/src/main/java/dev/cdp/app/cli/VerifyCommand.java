package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Archives;
import dev.cdp.core.DataSize;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cdp verify}: reads the archive against its ledger. */
@Command(name = "verify", description = "Read the archive against its ledger: is every object there, whole, unchanged?")
final class VerifyCommand implements Callable<Integer> {
    @ParentCommand
    private CdpCommand cdp;

    @Parameters(arity = "0..1", paramLabel = "SOURCE", description = "Only this source; else all in the archive.")
    private @Nullable String source;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "Read only N objects of each day whole; the others are only looked for.")
    private @Nullable Long sample;

    @Override
    public Integer call() {
        Console console = cdp.console();
        Configuration.Archive archive =
                cdp.configuration(console).configuration().archive();
        Progress progress = console.progress();
        List<ArchiveVerifier.Report> reports = new ArrayList<>();
        try (ObjectStore store = Archives.open(archive)) {
            List<SourceId> sources = Ledger.sources(store).stream()
                    .filter(each -> source == null || each.name().equals(source))
                    .toList();
            if (sources.isEmpty()) {
                throw Archives.absent(archive.url());
            }
            ArchiveVerifier.Sampling sampling =
                    sample == null ? ArchiveVerifier.Sampling.EVERYTHING : new ArchiveVerifier.Sampling(sample);
            for (SourceId each : sources) {
                reports.add(ArchiveVerifier.verify(
                        store,
                        each,
                        sampling,
                        at -> progress.status(each + ": " + Words.count(at.objectCount(), "object") + ", "
                                + new DataSize(at.byteCount()).rounded())));
            }
        }
        console.answer(document(reports), () -> reports.forEach(report -> print(console, report)));
        boolean sound = reports.stream().allMatch(report -> report.findings().isEmpty());
        return (sound ? ExitCode.DONE : ExitCode.FOUND_BAD).code();
    }

    private static void print(Console console, ArchiveVerifier.Report report) {
        String verdict = report.findings().isEmpty()
                ? console.good("sound")
                : console.bad(Words.count(report.findings().size(), "finding"));
        console.line(report.source() + "  " + verdict + ": " + Words.number(report.entryCount()) + " ledger entries, "
                + Words.count(report.objectCount(), "object") + ", " + Words.number(report.readCount())
                + " read whole ("
                + new DataSize(report.byteCount()).rounded() + ")");
        report.findings().forEach(finding -> console.line("  " + finding));
    }

    private static ObjectNode document(List<ArchiveVerifier.Report> reports) {
        ObjectNode document = Console.document("cdp.verify/v1");
        ArrayNode sources = document.putArray("sources");
        for (ArchiveVerifier.Report report : reports) {
            ObjectNode node = sources.addObject()
                    .put("source", report.source().name())
                    .put("entries", report.entryCount())
                    .put("objects", report.objectCount())
                    .put("objects_read", report.readCount())
                    .put("bytes_read", report.byteCount());
            ArrayNode findings = node.putArray("findings");
            for (VerificationFinding finding : report.findings()) {
                findings.addObject()
                        .put("kind", finding.kind().name().toLowerCase(Locale.ROOT))
                        .put("key", finding.key())
                        .put(
                                "table",
                                finding.table() == null ? null : finding.table().toString())
                        .put("what", finding.what());
            }
        }
        return document;
    }
}
