package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.archive.ConditionalWrites;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every object store promises. */
interface ObjectStoreContract {

    /** An empty store of the test's own. */
    ObjectStore store();

    @Test
    default void createsAnObjectOnceAndKeepsTheFirst() {
        assertThat(store().putIfAbsent("a/b.json", bytes("first"))).isEqualTo(PutOutcome.CREATED);
        assertThat(store().putIfAbsent("a/b.json", bytes("second"))).isEqualTo(PutOutcome.EXISTS);

        assertThat(store().get("a/b.json")).contains(bytes("first"));
    }

    @Test
    default void letsExactlyOneOfManyWin() throws Exception {
        int racers = 8;
        CyclicBarrier start = new CyclicBarrier(racers);
        ExecutorService threads = Executors.newFixedThreadPool(racers);
        try {
            for (int key = 0; key < 20; key++) {
                String name = "race/" + key;
                List<Callable<PutOutcome>> calls = new ArrayList<>();
                for (int racer = 0; racer < racers; racer++) {
                    byte[] content = bytes("racer " + racer);
                    calls.add(() -> {
                        start.await(30, TimeUnit.SECONDS);
                        return store().putIfAbsent(name, content);
                    });
                }
                List<PutOutcome> outcomes = new ArrayList<>();
                for (Future<PutOutcome> call : threads.invokeAll(calls)) {
                    outcomes.add(call.get());
                }
                int winner = outcomes.indexOf(PutOutcome.CREATED);
                assertThat(outcomes).containsOnlyOnce(PutOutcome.CREATED);
                assertThat(store().get(name)).contains(bytes("racer " + winner));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    default void passesTheCheckThatRefusesUnsuitableOnes() {
        ConditionalWrites.require(store());

        assertThat(store().list("")).isEmpty();
    }

    @Test
    default void replacesWhatIsDerived() {
        store().putDerived("hint", bytes("1"));
        store().putDerived("hint", bytes("2"));

        assertThat(store().get("hint")).contains(bytes("2"));
    }

    @Test
    default void readsRangesUpToTheEnd() {
        store().putIfAbsent("range", bytes("0123456789"));

        assertThat(store().getRange("range", 2, 3)).isEqualTo(bytes("234"));
        assertThat(store().getRange("range", 8, 100)).isEqualTo(bytes("89"));
        assertThat(store().getRange("range", 10, 1)).isEmpty();
        assertThat(store().getRange("range", 50, 5)).isEmpty();
    }

    @Test
    default void listsByPrefixInOrderAndMoreThanOnePage() {
        for (int i = 0; i < 1100; i++) { // S3 lists 1000 at once
            store().putDerived("list/%05d".formatted(1099 - i), bytes("x"));
        }
        store().putDerived("list-other", bytes("x"));
        store().putDerived("odd/a b+c%2F=d.json", bytes("x"));

        assertThat(store().list("list/"))
                .hasSize(1100)
                .isSorted()
                .startsWith("list/00000")
                .endsWith("list/01099");
        assertThat(store().list("list/0001")).hasSize(10);
        assertThat(store().list("list")).hasSize(1101);
        assertThat(store().list("odd/")).containsExactly("odd/a b+c%2F=d.json");
        assertThat(store().list("nothing/")).isEmpty();
    }

    @Test
    default void listsWhileOthersComeAndGo() throws Exception {
        List<String> staying = List.of("busy/a", "busy/z");
        staying.forEach(key -> store().putDerived(key, bytes("x")));
        AtomicBoolean isOver = new AtomicBoolean();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> writer = thread.submit(() -> {
                int rounds = 0;
                for (; !isOver.get() || rounds < 20; rounds++) {
                    store().putIfAbsent("busy/b", bytes("x"));
                    store().delete("busy/b");
                }
                return rounds;
            });
            for (int i = 0; i < 200; i++) {
                assertThat(store().list("busy/")).containsAll(staying);
            }
            isOver.set(true);
            assertThat(writer.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(20);
        } finally {
            isOver.set(true);
            thread.shutdownNow();
        }
    }

    @Test
    default void saysThatAMissingObjectIsMissing(@TempDir Path folder) {
        assertThat(store().get("missing")).isEmpty();
        assertThat(store().size("missing")).isEmpty();
        assertThat(store().download("missing", folder.resolve("file"))).isFalse();
        store().delete("missing");
    }

    @Test
    default void bringsFilesInAndOutUnchanged(@TempDir Path folder) throws IOException {
        byte[] content = new byte[3 << 20];
        new java.util.Random(1).nextBytes(content);
        Path file = Files.write(folder.resolve("in"), content);
        Path out = Files.writeString(folder.resolve("out"), "replaced");

        store().put("deep/er/file.parquet", file);

        assertThat(store().size("deep/er/file.parquet")).contains((long) content.length);
        assertThat(store().download("deep/er/file.parquet", out)).isTrue();
        assertThat(out).hasBinaryContent(content);
        store().delete("deep/er/file.parquet");
        assertThat(store().list("deep/")).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
