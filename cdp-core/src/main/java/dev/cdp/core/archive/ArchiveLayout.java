package dev.cdp.core.archive;

import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where things stand in an archive. Keys of data are never used twice. */
public final class ArchiveLayout {
    static final int ENTRIES_PER_FOLDER = 1000;

    private static final Pattern NUMBERED = Pattern.compile(
            "^sources/[^/]+/(?:base/|(?:history/[^/]+|transactions)/day=[^/]+/)(\\d{19})-[0-9a-f-]{36}[./]");

    private ArchiveLayout() {}

    /** The folder of everything of one source, with a trailing slash. */
    public static String source(SourceId source) {
        return "sources/" + source + "/";
    }

    /** The folder where a check of the storage writes, with a trailing slash; nothing in it is part of the archive. */
    static String checks() {
        return "checks/";
    }

    /** The folder of the ledger entry of that number and its neighbours, with a trailing slash. */
    static String ledgerFolder(SourceId source, long number) {
        return "%sledger/%012d/".formatted(source(source), number / ENTRIES_PER_FOLDER);
    }

    static String ledgerEntry(SourceId source, long number) {
        return "%s%016d.json".formatted(ledgerFolder(source, number), number);
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

    /** A new id for a base that is begun when the last change recorded is that of {@code seq}. */
    public static String baseId(long seq) {
        return "%019d-%s".formatted(seq, UUID.randomUUID());
    }

    /** Everything of a source that an entry may name and that nobody writes twice: row changes, transactions, bases. */
    public static List<String> dataFolders(SourceId source) {
        return List.of(source(source) + "history/", source(source) + "transactions/", source(source) + "base/");
    }

    /**
     * The number in the key of an object in {@link #dataFolders}: of a file's first change, or of the last change when its
     * base was begun. Empty for a key that this program did not make.
     */
    public static OptionalLong seq(String key) {
        Matcher numbered = NUMBERED.matcher(key);
        return numbered.find() ? OptionalLong.of(Long.parseLong(numbered.group(1))) : OptionalLong.empty();
    }

    /** Whether the key is that of a part of a base. */
    public static boolean isBase(String key) {
        return key.matches("sources/[^/]+/base/.*");
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
