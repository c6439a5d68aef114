package dev.cdp.core.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConditionalWritesTest {
    @TempDir
    private Path folder;

    private ObjectStore store;

    @BeforeEach
    void openStore() {
        store = ArchiveAccess.file(folder).open();
    }

    @Test
    void passesAStoreThatLetsOneWinAndLeavesNothingThere() {
        ConditionalWrites.require(store);

        assertThat(store.list("")).isEmpty();
    }

    @Test
    void refusesAStoreThatOverwrites() {
        ObjectStore careless = creatingWith((key, content) -> {
            store.putDerived(key, content);
            return PutOutcome.CREATED;
        });

        assertRefused(careless, "it overwrites an object that was to be created only");
    }

    /** As a server does that looks whether the object is there, and then writes it. */
    @Test
    void refusesAStoreThatLetsTwoWinWhoComeAtOnce() {
        CountDownLatch looked = new CountDownLatch(ConditionalWrites.WRITERS);
        ObjectStore racy = creatingWith((key, content) -> {
            if (store.size(key).isPresent()) {
                return PutOutcome.EXISTS;
            }
            if (!key.endsWith("first")) {
                looked.countDown();
                assertThat(looked.await(30, TimeUnit.SECONDS)).isTrue();
            }
            store.putDerived(key, content);
            return PutOutcome.CREATED;
        });

        assertRefused(racy, "8 of 8 writers at once created the same object");
    }

    @Test
    void refusesAStoreThatKeepsAnotherThanTheWinner() {
        ObjectStore confused = creatingWith((key, content) -> {
            PutOutcome outcome = store.putIfAbsent(key, content);
            if (outcome == PutOutcome.EXISTS && !key.endsWith("first")) {
                store.putDerived(key, content);
            }
            return outcome;
        });

        assertRefused(confused, "another one than the winner was kept");
    }

    @Test
    void refusesAStoreThatLetsNobodyWin() {
        ObjectStore mute = creatingWith(
                (key, content) -> key.endsWith("first") ? store.putIfAbsent(key, content) : PutOutcome.EXISTS);

        assertRefused(mute, "were told that the object is there");
    }

    /** S3 answers 409 where writers meet; that leaves open what happened, and is no proof against it. */
    @Test
    void passesAStoreThatAsksAllButOneToComeBack() {
        ObjectStore busy = creatingWith((key, content) -> {
            PutOutcome outcome = store.putIfAbsent(key, content);
            if (outcome == PutOutcome.EXISTS && !key.endsWith("first")) {
                throw new StorageUnavailableException("create " + key, store.location(), new IOException("409"));
            }
            return outcome;
        });

        ConditionalWrites.require(busy);
    }

    private static void assertRefused(ObjectStore store, String why) {
        assertThatThrownBy(() -> ConditionalWrites.require(store))
                .isInstanceOfSatisfying(
                        CdpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNSUITABLE))
                .hasMessageContaining(why);
        assertThat(store.list("")).isEmpty();
    }

    private interface Creation {
        PutOutcome create(String key, byte[] content) throws Exception;
    }

    private ObjectStore creatingWith(Creation creation) {
        return (ObjectStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("putIfAbsent")) {
                        return creation.create((String) arguments[0], (byte[]) arguments[1]);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
