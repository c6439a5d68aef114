package dev.cdp.capture.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Column;
import dev.cdp.core.Json;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads what the function {@code cdp.describe} returns. */
final class TableDescriptions {

    private TableDescriptions() {}

    static TableDescription one(String json) {
        return table(parse(json));
    }

    static List<TableDescription> list(String json) {
        List<TableDescription> tables = new ArrayList<>();
        parse(json).forEach(node -> tables.add(table(node)));
        return tables;
    }

    static Set<String> ids(String json) {
        Set<String> ids = new LinkedHashSet<>();
        parse(json).forEach(node -> ids.add(node.asText()));
        return ids;
    }

    private static TableDescription table(JsonNode node) {
        List<ColumnDescription> columns = new ArrayList<>();
        node.get("columns").forEach(column -> columns.add(column(column)));
        List<String> key = new ArrayList<>();
        node.get("key").forEach(name -> key.add(name.asText()));
        return new TableDescription(
                node.get("id").asText(),
                new TableName(node.get("schema").asText(), node.get("name").asText()),
                columns,
                key,
                TableSchema.Identity.valueOf(node.get("identity").asText()));
    }

    private static ColumnDescription column(JsonNode node) {
        JsonNode fill = node.get("fill");
        return new ColumnDescription(
                node.get("id").asText(),
                node.get("name").asText(),
                node.get("type").asText(),
                PostgresValues.carrierOf(node.get("base_type").asLong()),
                node.get("not_null").asBoolean() ? Column.Nullability.NOT_NULL : Column.Nullability.NULLABLE,
                node.get("computed").asBoolean() ? Column.Generation.COMPUTED : Column.Generation.WRITTEN,
                fill.isNull() ? null : fill.asText());
    }

    private static JsonNode parse(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not what cdp.describe returns: " + e.getOriginalMessage(), e);
        }
    }
}
