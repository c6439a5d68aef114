package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.core.Unchanged;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows and values for people, and in documents. */
final class RowText {
    private static final int LONGEST = 60;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private RowText() {}

    /** {@code NULL}, {@code 42}, {@code "text"}, {@code \x00ff}; long ones are cut and say so. Harmless. */
    static String value(@Nullable Object value) {
        if (value == null) {
            return "NULL";
        }
        if (value == Unchanged.UNCHANGED) {
            return "(not known)";
        }
        if (value instanceof String text) {
            return "\"" + Printable.text(cut(text)) + "\""
                    + (text.length() > LONGEST ? " (" + Words.number(text.length()) + " characters)" : "");
        }
        if (value instanceof byte[] bytes) {
            String hex = "\\x" + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, LONGEST / 2));
            return hex + (bytes.length > LONGEST / 2 ? "… (" + Words.number(bytes.length) + " bytes)" : "");
        }
        return value.toString();
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    /** {@code id=1, line=2}. */
    static String key(TableSchema schema, RowImage key) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            parts.add(schema.keyColumns().get(i).name() + "=" + value(key.value(i)));
        }
        return String.join(", ", parts);
    }

    /** {@code status: "new" -> "paid"}. */
    static String change(String column, @Nullable Object before, @Nullable Object after) {
        return column + ": " + value(before) + " -> " + value(after);
    }

    /** Where two images differ. */
    static List<Integer> differing(RowImage before, RowImage after) {
        List<Integer> differing = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            if (!Objects.deepEquals(before.value(i), after.value(i))) {
                differing.add(i);
            }
        }
        return differing;
    }

    static ObjectNode keyDocument(TableSchema schema, RowImage key) {
        ObjectNode node = Json.mapper().createObjectNode();
        for (int i = 0; i < key.size(); i++) {
            node.set(schema.keyColumns().get(i).name(), document(key.value(i)));
        }
        return node;
    }

    /** Values by column; what is not known is left out. */
    static JsonNode rowDocument(TableSchema schema, @Nullable RowImage row) {
        if (row == null) {
            return NODES.nullNode();
        }
        ObjectNode node = Json.mapper().createObjectNode();
        for (int i = 0; i < row.size(); i++) {
            if (!row.isUnchanged(i)) {
                node.set(schema.columns().get(i).name(), document(row.value(i)));
            }
        }
        return node;
    }

    /** The columns whose value is not known. */
    static ArrayNode notKnown(TableSchema schema, @Nullable RowImage row) {
        ArrayNode names = Json.mapper().createArrayNode();
        for (int i = 0; row != null && i < row.size(); i++) {
            if (row.isUnchanged(i)) {
                names.add(schema.columns().get(i).name());
            }
        }
        return names;
    }

    /** JSON has no bytes, infinities or NaN: those are text. */
    private static JsonNode document(@Nullable Object value) {
        if (value instanceof Boolean truth) {
            return NODES.booleanNode(truth);
        }
        if (value instanceof Long number) {
            return NODES.numberNode(number);
        }
        if (value instanceof Float number) {
            return Float.isFinite(number) ? NODES.numberNode(number) : NODES.textNode(number.toString());
        }
        if (value instanceof Double number) {
            return Double.isFinite(number) ? NODES.numberNode(number) : NODES.textNode(number.toString());
        }
        if (value instanceof byte[] bytes) {
            return NODES.textNode("\\x" + HexFormat.of().formatHex(bytes));
        }
        return value == null ? NODES.nullNode() : NODES.textNode(value.toString());
    }
}
