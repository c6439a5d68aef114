package dev.cdp.core.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a folder acknowledges must survive a power cut: the bytes, the name, and the names of new folders. */
class FileObjectStoreForcingTest {
    @TempDir
    Path root;

    private final List<String> forced = new ArrayList<>();

    @Test
    void forcesBytesBeforeTheNameAndTheNameBeforeItReturns() throws IOException {
        FileObjectStore store = store();
        Path file = Files.writeString(root.resolve("staged"), "rows");

        store.put("a/b/data.parquet", file);
        assertThat(forced)
                .containsExactly("folder root: a", "folder a: b", "bytes of 4, unnamed", "folder b: data.parquet");

        forced.clear();
        store.putIfAbsent("a/b/1.json", new byte[7]);
        assertThat(forced).containsExactly("bytes of 7, unnamed", "folder b: 1.json data.parquet");

        forced.clear();
        store.putDerived("a/b/1.json", new byte[9]);
        assertThat(forced).containsExactly("bytes of 9, unnamed", "folder b: 1.json data.parquet");
    }

    @Test
    void forcesFoldersThatAProcessLeftBehindThatEndedTooEarly() throws IOException {
        Files.createDirectories(root.resolve("a/b"));

        store().putIfAbsent("a/b/1.json", new byte[7]);

        assertThat(forced).startsWith("folder root: a", "folder a: b");
    }

    @Test
    void forcesAnObjectThatItFindsThere() throws IOException {
        Files.write(Files.createDirectories(root.resolve("a")).resolve("1.json"), new byte[7]);

        assertThat(store().putIfAbsent("a/1.json", new byte[7])).isEqualTo(ObjectStore.PutOutcome.EXISTS);

        assertThat(forced).endsWith("folder a: 1.json");
    }

    private FileObjectStore store() {
        return new FileObjectStore(root, path -> {
            if (Files.isRegularFile(path)) {
                boolean unnamed = path.getFileName().toString().startsWith(".tmp-");
                forced.add("bytes of " + Files.size(path) + (unnamed ? ", unnamed" : ", named"));
            } else {
                forced.add("folder " + (path.equals(root) ? "root" : path.getFileName()) + ": " + names(path));
            }
        });
    }

    private static String names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return String.join(
                    " ",
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> !name.startsWith(".tmp-") && !name.equals("staged"))
                            .sorted()
                            .toList());
        }
    }
}
