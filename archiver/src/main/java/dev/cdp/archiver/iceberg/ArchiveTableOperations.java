package dev.cdp.archiver.iceberg;

import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import dev.cdp.core.archive.StorageUnavailableException;
import dev.cdp.core.crash.CrashPoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/**
 * One table whose versions are {@code metadata/v1.metadata.json}, {@code v2…} and so on, each created once: the newest
 * that exists is the table. {@code version-hint.text} is where to start looking, for us and for Hadoop catalogs.
 */
final class ArchiveTableOperations implements TableOperations {
    private static final Pattern VERSION = Pattern.compile(".*/v(\\d+)\\.metadata\\.json");
    private static final int VERSIONS_KEPT = 20;

    private final ObjectStore store;
    private final ArchiveFileIo files;
    private final String folder;
    private long version;
    private @Nullable TableMetadata current;

    /** @param folder of the table, with a trailing slash */
    ArchiveTableOperations(ObjectStore store, String folder) {
        this.store = store;
        this.files = new ArchiveFileIo(store);
        this.folder = folder;
    }

    /** Looks for the newest version. @return whether there is any */
    boolean exists() {
        load();
        return current != null;
    }

    /** Where the table is, as it stands in its metadata. */
    String location() {
        return files.location(folder.substring(0, folder.length() - 1));
    }

    /** The absolute location of a data file. */
    String location(String key) {
        return files.location(key);
    }

    /** The key of a data file's absolute location. */
    String key(String location) {
        return files.key(location);
    }

    @Override
    public TableMetadata current() {
        TableMetadata known = current;
        if (known == null) {
            throw new NoSuchTableException("No table in %s", location());
        }
        return known;
    }

    /** Stays at the version that {@link #exists} found: what another process added since must make a commit fail. */
    @Override
    public TableMetadata refresh() {
        return current();
    }

    private void load() {
        if (version == 0) {
            version = newestKnown();
        }
        Optional<byte[]> newest = Optional.empty();
        for (Optional<byte[]> next = store.get(key(version + 1));
                next.isPresent();
                next = store.get(key(version + 1))) {
            newest = next;
            version++;
        }
        if (newest.isEmpty() && current == null && version > 0) {
            newest = store.get(key(version));
        }
        newest.ifPresent(json -> current =
                TableMetadataParser.fromJson(files.location(key(version)), new String(json, StandardCharsets.UTF_8)));
    }

    /** By the hint, else by a list; the hint may be behind or lost. */
    private long newestKnown() {
        Optional<byte[]> hint = store.get(hintKey());
        if (hint.isPresent()) {
            String text = new String(hint.get(), StandardCharsets.UTF_8).strip();
            if (text.matches("\\d{1,18}")
                    && store.size(key(Long.parseLong(text))).isPresent()) {
                return Long.parseLong(text);
            }
        }
        return store.list(folder + "metadata/v").stream()
                .map(VERSION::matcher)
                .filter(Matcher::matches)
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .max()
                .orElse(0);
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
        if (base != current) {
            throw new CommitFailedException("%s has changed meanwhile", location());
        }
        byte[] json = TableMetadataParser.toJson(metadata).getBytes(StandardCharsets.UTF_8);
        long next = version + 1;
        try {
            boolean isOurs = store.putIfAbsent(key(next), json) == PutOutcome.CREATED
                    || store.get(key(next))
                            .filter(there -> Arrays.equals(there, json))
                            .isPresent();
            if (!isOurs) {
                throw new CommitFailedException("%s has a version %s already", location(), next);
            }
            load();
            CrashPoint.ARCHIVER_VIEW_VERSION_CREATED.reached();
            store.putDerived(hintKey(), Long.toString(next).getBytes(StandardCharsets.UTF_8));
            if (next > VERSIONS_KEPT) {
                store.delete(key(next - VERSIONS_KEPT));
            }
        } catch (StorageUnavailableException e) {
            throw new CommitStateUnknownException(e);
        }
    }

    private String key(long number) {
        return folder + "metadata/v" + number + ".metadata.json";
    }

    private String hintKey() {
        return folder + "metadata/version-hint.text";
    }

    @Override
    public FileIO io() {
        return files;
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return files.location(folder + "metadata/" + fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(location(), current().properties());
    }
}
