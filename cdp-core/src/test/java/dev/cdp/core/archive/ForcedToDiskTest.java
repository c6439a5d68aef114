package dev.cdp.core.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a folder archive forces to disk although another process, or an earlier attempt, has made it. */
class ForcedToDiskTest {
    private static final String KEY = "sources/shop/ledger/entry.json";
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private Path root;
    private Path target;
    private ObjectStore store;
    private final List<String> forced = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(folder.resolve("archive"));
        target = root.resolve(KEY);
        store = new FileObjectStore(root, this::record);
    }

    private void record(Path path) {
        if (Files.isDirectory(path)) {
            forced.add("names in /" + root.relativize(path) + (Files.exists(target) ? " with the object" : ""));
        }
    }

    @Test
    void foldersOfAProcessThatEndedTooEarlyAreForced() throws IOException {
        Files.createDirectories(target.getParent());

        store.putIfAbsent(KEY, CONTENT);

        assertThat(forced).startsWith("names in /", "names in /sources", "names in /sources/shop");
    }

    @Test
    void anObjectThatIsFoundThereIsForcedByWhoeverFindsIt() throws IOException {
        Files.createDirectories(target.getParent());
        Files.write(target, CONTENT);

        assertThat(store.putIfAbsent(KEY, CONTENT)).isEqualTo(ObjectStore.PutOutcome.EXISTS);

        assertThat(forced).endsWith("names in /sources/shop/ledger with the object");
    }
}
