package dev.cdp.core.archive;

import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.UUID;

/** Where things stand in an archive. Keys of data are never used twice. */
public final class ArchiveLayout {
    private static final int ENTRIES_PER_FOLDER = 1000;

    private ArchiveLayout() {}

    /** The folder of everything of one source, with a trailing slash. */
    public static String source(SourceId source) {
        return "sources/" + source + "/";
    }

    /** The folder where a check of the storage writes, with a trailing slash; nothing in it is part of the archive. */
    static String checks() {
        return "checks/";
    }

    static String ledgerEntry(SourceId source, long number) {
        return "%sledger/%012d/%016d.json".formatted(source(source), number / ENTRIES_PER_FOLDER, number);
    }

    static String checkpoints(SourceId source) {
        return source(source) + "checkpoints/";
    }

    static String checkpoint(SourceId source, long number) {
        return "%s%016d.json".formatted(checkpoints(source), number);
    }

    /** A new key for a file of row changes. */
    public static String history(SourceId source, TableSchema schema, LocalDate day, long firstSeq) {
        return "%shistory/%s/day=%s/%019d-%s.parquet"
                .formatted(source(source), tableFolder(schema), day, firstSeq, UUID.randomUUID());
    }

    /** A new key for a file of transactions. */
    public static String transactions(SourceId source, LocalDate day, long firstSeq) {
        return "%stransactions/day=%s/%019d-%s.parquet".formatted(source(source), day, firstSeq, UUID.randomUUID());
    }

    /** A new key for a part of a table's full state. */
    public static String base(SourceId source, String baseId, TableSchema schema, int part) {
        return "%sbase/%s/%s/%05d-%s.parquet"
                .formatted(source(source), baseId, tableFolder(schema), part, UUID.randomUUID());
    }

    /** The key of a definition document, named by its content. */
    public static String definition(SourceId source, String sha256) {
        return source(source) + "definitions/" + sha256 + ".json";
    }

    private static String tableFolder(TableSchema schema) {
        return encode(schema.name().schema()) + "." + encode(schema.name().name()) + "." + schema.tableId();
    }

    private static String encode(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace(".", "%2E")
                .replace("*", "%2A");
    }
}
