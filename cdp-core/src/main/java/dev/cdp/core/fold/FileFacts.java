package dev.cdp.core.fold;

import dev.cdp.core.Carrier;
import dev.cdp.core.RowImage;
import dev.cdp.core.archive.HistoryColumns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * What every fold asks of files before it reads them. Files never change, so each is asked once for as long as the
 * database is open: who looks at many moments of a table asks for the same files again and again. For one thread.
 */
final class FileFacts {
    private static final int MOST_KEPT = 20_000;

    private final FoldDatabase database;
    private final Map<Path, Long> largestRowGroups = new HashMap<>();
    private final Map<Path, NavigableSet<Long>> truncates = new HashMap<>();

    FileFacts(FoldDatabase database) {
        this.database = database;
    }

    /** Bytes of the largest row group of files, uncompressed. */
    long largestRowGroup(Collection<Path> files) {
        List<Path> unknown = unknown(files, largestRowGroups);
        if (!unknown.isEmpty()) {
            Map<Path, Long> found = new HashMap<>();
            unknown.forEach(file -> found.put(file, 0L)); // a file without rows has none
            read(Sql.largestRowGroups(unknown), unknown, found::put);
            largestRowGroups.putAll(found);
        }
        return files.stream()
                .mapToLong(file -> largestRowGroups.getOrDefault(file, 0L))
                .max()
                .orElse(0);
    }

    /**
     * The last truncate in ({@code after}, {@code upTo}], 0 when there is none.
     *
     * @param files of one schema version
     */
    long lastTruncate(Collection<Path> files, long after, long upTo) {
        List<Path> unknown = unknown(files, truncates);
        if (!unknown.isEmpty()) {
            Map<Path, NavigableSet<Long>> found = new HashMap<>();
            unknown.forEach(file -> found.put(file, new TreeSet<>()));
            String sql = "SELECT " + Sql.FILE + ", " + HistoryColumns.SEQ + " FROM " + Sql.namedScan(unknown)
                    + " WHERE " + HistoryColumns.OP + " = " + Sql.text(HistoryColumns.OP_TRUNCATE);
            read(sql, unknown, (file, seq) -> found.computeIfAbsent(file, absent -> new TreeSet<>())
                    .add(seq));
            truncates.putAll(found);
        }
        return files.stream()
                .map(file -> truncates.getOrDefault(file, new TreeSet<>()).floor(upTo))
                .filter(seq -> seq != null && seq > after)
                .mapToLong(seq -> seq)
                .max()
                .orElse(0);
    }

    private static <T> List<Path> unknown(Collection<Path> files, Map<Path, T> known) {
        if (known.size() > MOST_KEPT) {
            known.clear();
        }
        List<Path> unknown = new ArrayList<>(files);
        unknown.removeAll(known.keySet());
        return unknown;
    }

    /** A name that was not asked for would belong to nobody, and what is said of it would be overlooked. */
    private void read(String sql, List<Path> asked, BiConsumer<Path, Long> into) {
        Map<String, Path> byName = new HashMap<>();
        asked.forEach(file -> byName.put(file.toAbsolutePath().toString(), file));
        try (RowCursor cursor = database.query(sql, List.of(Carrier.TEXT, Carrier.INT64))) {
            for (RowImage row = cursor.next(); row != null; row = cursor.next()) {
                Path file = byName.get(Objects.requireNonNull(row.value(0)));
                if (file == null) {
                    throw new IllegalStateException("DuckDB speaks of " + row.value(0) + ", which is none of " + asked);
                }
                into.accept(file, (Long) Objects.requireNonNull(row.value(1)));
            }
        }
    }
}
