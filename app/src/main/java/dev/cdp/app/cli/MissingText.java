package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.core.Json;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.core.fold.MissingStretch;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is not known, for people and in documents. */
final class MissingText {
    private MissingText() {}

    /** {@code between 22:11:03Z and 22:31:40Z changes are missing or in doubt (replication slot lost)}. */
    static String text(MissingStretch missing) {
        Instant from = missing.from();
        Instant to = missing.to();
        return (from == null ? "from the beginning" : "between " + from) + (from == null ? " to " : " and ")
                + (to == null ? "the next base, which is still to come," : to.toString())
                + " changes are missing or in doubt (" + missing.reason() + ")";
    }

    /** Why what Kafka alone holds is not in an answer. */
    static String tail(String why) {
        return "what is not archived yet was not read: " + why;
    }

    static ArrayNode document(List<MissingStretch> missing) {
        ArrayNode nodes = Json.mapper().createArrayNode();
        for (MissingStretch each : missing) {
            ObjectNode node = nodes.addObject()
                    .put("after_seq", each.afterSeq())
                    .put("from", text(each.from()))
                    .put("to", text(each.to()))
                    .put("reason", each.reason());
            ArrayNode gaps = node.putArray("gaps");
            for (LedgerEntry.Gap gap : each.gaps()) {
                ObjectNode recorded = gaps.addObject()
                        .put("seq", gap.seq())
                        .put("recorded_at", gap.recordedAt().toString())
                        .put(
                                "from_position",
                                gap.from() == null ? null : gap.from().nativeText())
                        .put("to_position", gap.to() == null ? null : gap.to().nativeText())
                        .put("reason", gap.reason());
                ArrayNode tables = recorded.putArray("tables");
                gap.tables().forEach(table -> tables.add(table.toString()));
            }
        }
        return nodes;
    }

    static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
