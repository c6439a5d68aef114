package dev.cdp.core.definition;

import dev.cdp.core.TableName;
import org.jspecify.annotations.Nullable;

/**
 * One statement that makes an object, or a part of one.
 *
 * <p>It is run as it stands, without the driver's escape processing ({@code Statement.setEscapeProcessing(false)}):
 * routine bodies may hold braces and question marks.
 *
 * @param kind what it makes, as the database names it: {@code TABLE}, {@code FOREIGN KEY}, {@code GRANT}
 * @param object the object's quoted name, in PostgreSQL with its schema
 * @param table the table it belongs to; null when it belongs to none
 */
public record DefinitionStatement(
        Phase phase, String kind, String object, @Nullable TableName table, String sql) {

    /** When a statement runs, relative to the loading of rows. */
    public enum Phase {
        /** Everything that must exist before rows can be loaded, and what is cheap to make beside it. */
        BEFORE_DATA,
        /** Primary keys, unique and exclusion constraints. */
        KEYS,
        /** What reads the rows, acts on changes of them, or decides who may see them. */
        AFTER_DATA
    }

    public DefinitionStatement {
        if (kind.isBlank() || sql.isBlank()) {
            throw new IllegalArgumentException("A statement needs a kind and a text: '" + kind + "' '" + sql + "'");
        }
    }
}
