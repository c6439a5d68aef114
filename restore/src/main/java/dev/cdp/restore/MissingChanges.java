package dev.cdp.restore;

import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a restore leaves out because its operator allowed a gap: what is affected is as it was at {@code from}, and not
 * as it was at the moment that was asked for.
 *
 * @param from up to here all is known, by the source's clock
 * @param to from here on all is known again; null while that is still to come
 * @param fromPosition the same places in the source's log, as far as the archive knows them
 * @param gapCount how many recorded gaps lie between the two
 * @param tables the tables affected; empty when it is the whole source
 */
public record MissingChanges(
        SourceId source,
        Instant from,
        @Nullable Instant to,
        @Nullable SourcePosition fromPosition,
        @Nullable SourcePosition toPosition,
        int gapCount,
        String reason,
        List<HeldBack> tables) {
    public MissingChanges {
        tables = List.copyOf(tables);
    }

    /**
     * A table that is restored to an earlier state than the rest of its source.
     *
     * @param seq the cut of its own
     */
    public record HeldBack(TableId table, TableName name, long seq) {}

    /** Tables of a source that have a cut of their own. */
    public static Map<TableId, Long> heldBack(List<MissingChanges> missing, SourceId source) {
        return missing.stream()
                .filter(each -> each.source().equals(source))
                .flatMap(each -> each.tables().stream())
                .collect(Collectors.toUnmodifiableMap(HeldBack::table, HeldBack::seq));
    }

    /** The sentence for people. */
    public String text() {
        String what = tables.isEmpty()
                ? "source " + source
                : "tables "
                        + tables.stream()
                                .map(table -> source + "." + table.name())
                                .collect(Collectors.joining(", "));
        return what + " as of " + from + ": later changes, up to " + (to == null ? "a base still to come" : to)
                + ", are missing in " + gapCount + (gapCount == 1 ? " gap (" : " gaps (") + reason + ")";
    }
}
