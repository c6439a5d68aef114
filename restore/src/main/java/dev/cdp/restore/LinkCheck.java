package dev.cdp.restore;

import dev.cdp.core.SourceId;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.LinkFacts;
import dev.cdp.core.fold.LinkState;
import dev.cdp.restore.cut.LinkSides;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.verify.RestoreReport.LinkReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Counts what the declared links look like in the restored states, which the digests prove equal to the folded ones. */
final class LinkCheck {
    private LinkCheck() {}

    static List<LinkReport> check(
            RestorePlan plan, Map<SourceId, SourceHistory> histories, Supplier<FoldDatabase> databases) {
        List<LinkReport> reports = new ArrayList<>();
        for (Link link : plan.links()) {
            Optional<LinkFacts.Side> from = side(plan, histories, link.from());
            Optional<LinkFacts.Side> to = side(plan, histories, link.to());
            if (from.isPresent() && to.isPresent()) {
                try (FoldDatabase database = databases.get()) {
                    LinkState.Counts counts = LinkState.count(database, from.get(), to.get());
                    reports.add(new LinkReport(link, counts.checked(), counts.broken(), counts.waiting()));
                }
            }
        }
        return reports;
    }

    private static Optional<LinkFacts.Side> side(
            RestorePlan plan, Map<SourceId, SourceHistory> histories, Link.End end) {
        SourceHistory history = histories.get(end.source());
        return history == null
                ? Optional.empty()
                : LinkSides.state(history, end, plan.cut().of(end.source()).seq());
    }
}
