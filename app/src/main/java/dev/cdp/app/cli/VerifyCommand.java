package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Archives;
import dev.cdp.app.wiring.Restores;
import dev.cdp.archiver.LedgerEnd;
import dev.cdp.archiver.iceberg.IcebergView;
import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveDamagedException;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.core.topic.KafkaUnavailableException;
import java.time.Instant;
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

    @Option(names = "--rebuild-view", description = "Make the Iceberg view anew first, from the ledger.")
    private boolean rebuildView;

    /**
     * What was verified of one source.
     *
     * @param view what is to be said of the Iceberg view
     * @param topic what is to be said of the change topic
     */
    private record Verified(
            ArchiveVerifier.Report archive, List<VerificationFinding> findings, String view, String topic) {}

    @Override
    public Integer call() {
        Console console = cdp.console();
        Configuration configuration = cdp.configuration(console).configuration();
        List<Verified> all = new ArrayList<>();
        try (ObjectStore store = Archives.open(configuration.archive())) {
            KafkaAccess kafka =
                    Restores.settings(configuration, store, console.now()).kafka();
            for (SourceId each : sources(store, configuration.archive().url())) {
                all.add(verify(console, store, each, kafka));
            }
        }
        console.answer(document(all), () -> all.forEach(each -> print(console, each)));
        boolean sound = all.stream().allMatch(each -> each.findings().isEmpty());
        return (sound ? ExitCode.DONE : ExitCode.FOUND_BAD).code();
    }

    private List<SourceId> sources(ObjectStore store, String url) {
        List<SourceId> all = Ledger.sources(store);
        if (all.isEmpty()) {
            throw Archives.absent(url);
        }
        List<SourceId> chosen = all.stream()
                .filter(each -> source == null || each.name().equals(source))
                .toList();
        if (chosen.isEmpty()) {
            throw new CdpException(
                    ErrorCode.SOURCE_UNKNOWN,
                    "The archive at " + url + " has no source \"" + source + "\"; it has " + all,
                    "cdp verify " + all.get(0));
        }
        return chosen;
    }

    private Verified verify(Console console, ObjectStore store, SourceId each, @Nullable KafkaAccess kafka) {
        Progress progress = console.progress();
        ArchiveVerifier.Report report = ArchiveVerifier.verify(
                store,
                each,
                sample == null ? ArchiveVerifier.Sampling.EVERYTHING : new ArchiveVerifier.Sampling(sample),
                at -> progress.status(each + ": " + Words.count(at.objectCount(), "object") + ", "
                        + new DataSize(at.byteCount()).rounded()));
        List<VerificationFinding> findings = new ArrayList<>(report.findings());
        ArchiveState state;
        try {
            state = Ledger.openExisting(store, each).map(Ledger::state).orElseThrow();
        } catch (ArchiveDamagedException e) {
            String refused = "was not compared: every restore is refused, " + e.getMessage();
            return new Verified(report, findings, refused, refused);
        }
        String view = verifyView(new IcebergView(store, each, console.clock()), findings);
        String topic = "was not asked: the daemon does not run here, and kafka.bootstrap-servers is not set";
        if (kafka != null) {
            try {
                int before = findings.size();
                LedgerEnd.verify(kafka, state).ifPresent(findings::add);
                topic = findings.size() == before ? "goes on where the ledger ends" : "does not go on where it ends";
            } catch (KafkaUnavailableException e) {
                topic = "was not asked: " + e.getMessage();
            }
        }
        return new Verified(report, findings, view, topic);
    }

    private String verifyView(IcebergView view, List<VerificationFinding> findings) {
        if (rebuildView) {
            view.rebuild();
        }
        IcebergView.Condition condition = view.verify();
        findings.addAll(condition.findings());
        if (!condition.findings().isEmpty()) {
            return "does not match the ledger";
        }
        return condition.entriesBehind() == 0
                ? "matches the ledger"
                : "is " + Words.number(condition.entriesBehind()) + " ledger entries behind, and follows by itself";
    }

    private static void print(Console console, Verified verified) {
        ArchiveVerifier.Report report = verified.archive();
        int findings = verified.findings().size();
        String verdict = findings == 0 ? console.good("sound") : console.bad(Words.count(findings, "finding"));
        console.line(report.source() + "  " + verdict + ": " + Words.number(report.entryCount()) + " ledger entries, "
                + Words.count(report.objectCount(), "object") + ", " + Words.number(report.readCount())
                + " read whole ("
                + new DataSize(report.byteCount()).rounded() + ")");
        verified.findings().forEach(finding -> console.line("  " + finding));
        console.line("  the Iceberg view " + verified.view());
        console.line("  the change topic " + verified.topic());
    }

    private static ObjectNode document(List<Verified> all) {
        ObjectNode document = Console.document("cdp.verify/v1");
        ArrayNode sources = document.putArray("sources");
        for (Verified verified : all) {
            ArchiveVerifier.Report report = verified.archive();
            ObjectNode node = sources.addObject()
                    .put("source", report.source().name())
                    .put("entries", report.entryCount())
                    .put("objects", report.objectCount())
                    .put("objects_read", report.readCount())
                    .put("bytes_read", report.byteCount())
                    .put("view", verified.view())
                    .put("topic", verified.topic());
            ArrayNode findings = node.putArray("findings");
            verified.findings().forEach(finding -> add(findings, finding));
        }
        return document;
    }

    private static void add(ArrayNode findings, VerificationFinding finding) {
        ObjectNode node = findings.addObject()
                .put("kind", finding.kind().name().toLowerCase(Locale.ROOT))
                .put("key", finding.key());
        ArrayNode tables = node.putArray("tables");
        finding.tables().stream().map(TableName::toString).forEach(tables::add);
        node.put("from", text(finding.from())).put("to", text(finding.to())).put("what", finding.what());
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
