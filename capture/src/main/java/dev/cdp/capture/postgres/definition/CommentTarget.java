package dev.cdp.capture.postgres.definition;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns what {@code pg_identify_object} says into what COMMENT ON takes. */
final class CommentTarget {
    private CommentTarget() {}

    /** The object's kind and name as COMMENT ON wants them, or null when such an object cannot have a comment. */
    static @Nullable String of(String type, String identity) {
        return switch (type) {
            case "table column",
                    "view column",
                    "materialized view column",
                    "composite type column",
                    "foreign table column" -> "COLUMN " + identity;
            case "table constraint" -> "CONSTRAINT " + identity;
            case "domain constraint" -> "CONSTRAINT " + identity.replaceFirst(" on ", " ON DOMAIN ");
            case "composite type", "type" -> "TYPE " + identity;
            case "function", "procedure", "aggregate" -> "ROUTINE " + identity;
            case "statistics object" -> "STATISTICS " + identity;
            case "operator",
                    "cast",
                    "table",
                    "view",
                    "materialized view",
                    "index",
                    "sequence",
                    "schema",
                    "extension",
                    "collation",
                    "domain",
                    "trigger",
                    "rule",
                    "policy",
                    "event trigger",
                    "text search dictionary",
                    "text search configuration" -> type.toUpperCase(Locale.ROOT) + " " + identity;
            default -> null;
        };
    }
}
