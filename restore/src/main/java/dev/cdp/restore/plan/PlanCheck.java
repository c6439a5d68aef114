package dev.cdp.restore.plan;

import dev.cdp.core.CdpException;
import dev.cdp.core.Cut;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.core.fold.TransactionLog;
import dev.cdp.restore.MissingChanges;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.plan.RestorePlan.TablePlan;
import dev.cdp.restore.reading.SourceHistory;
import java.util.List;
import java.util.Optional;

/** Whether the archive still is what a plan was made from: longer is fine, different is not. */
public final class PlanCheck {
    private final RestorePlan plan;
    private final ObjectStore store;

    public PlanCheck(RestorePlan plan, ObjectStore store) {
        this.plan = plan;
        this.store = store;
    }

    /** @throws PlanStaleException when it is not */
    public void requireFresh(SourcePlan source, SourceHistory history, FoldDatabase database) {
        ArchiveState state = history.state();
        Optional<String> entry = Ledger.entrySha256(store, source.source(), source.ledgerEntry());
        if (state.entryNumber() < source.ledgerEntry() || !entry.equals(Optional.of(source.ledgerSha256()))) {
            throw new PlanStaleException(
                    plan,
                    "ledger entry " + source.ledgerEntry() + " of source '" + source.source() + "' is another one");
        }
        Cut.SourceCut cut = plan.cut().of(source.source());
        Optional<TransactionLog.Entry> transaction =
                history.transactions(database).holding(cut.seq());
        boolean same = transaction
                .map(found -> found.seq() == cut.seq()
                        && found.epoch() == cut.epoch()
                        && found.position().equals(cut.position())
                        && found.commitTimestamp().equals(cut.commitTimestamp()))
                .orElse(cut.commitTimestamp() == null);
        if (transaction.isEmpty() && !same && history.tailMissing() != null) {
            throw new CdpException(
                    ErrorCode.KAFKA_UNAVAILABLE,
                    "Plan " + plan.id() + " needs transaction tx/" + source.source() + "/" + cut.seq()
                            + ", which is not archived yet: " + history.tailMissing(),
                    "Start Kafka, or 'cdp run' for its own broker, and run the same plan again");
        }
        if (!same) {
            throw new PlanStaleException(
                    plan,
                    "transaction tx/" + source.source() + "/" + cut.seq() + " at "
                            + cut.position().nativeText()
                            + " is not the one it was");
        }
        requireSameTables(
                source, TableFiles.at(state, cut.seq(), MissingChanges.heldBack(plan.missing(), source.source())));
    }

    private void requireSameTables(SourcePlan source, List<TableFiles> tables) {
        for (TablePlan table : source.tables()) {
            boolean found = tables.stream()
                    .anyMatch(files -> files.schema().tableId().equals(table.table())
                            && files.schema().version() == table.schemaVersion());
            if (!found) {
                throw new PlanStaleException(
                        plan, "table " + source.source() + "." + table.name() + " has another schema at the cut");
            }
        }
    }
}
