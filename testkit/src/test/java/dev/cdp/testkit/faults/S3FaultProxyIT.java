package dev.cdp.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.ObjectStore.PutOutcome;
import dev.cdp.core.archive.StorageAccessDeniedException;
import dev.cdp.core.archive.StorageUnavailableException;
import dev.cdp.testkit.faults.S3FaultProxy.Fault;
import dev.cdp.testkit.services.TestS3;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class S3FaultProxyIT {
    private static final int MORE_THAN_A_CLIENT_TRIES = 50;

    private S3FaultProxy proxy;
    private ObjectStore direct;
    private ObjectStore store;

    @BeforeEach
    void open() {
        proxy = S3FaultProxy.before(TestS3.shared().endpoint(), 1);
        String url = "s3://" + TestS3.shared().createBucket("faults") + "/cdp";
        direct = new ArchiveAccess(url, TestS3.shared().settings()).open();
        store = new ArchiveAccess(url, TestS3.shared().settingsThrough(proxy.endpoint())).open();
    }

    @AfterEach
    void close() {
        store.close();
        direct.close();
        proxy.close();
    }

    @Test
    void passesEverythingOn(@TempDir Path folder) {
        byte[] content = new byte[300_000];
        assertThat(store.putIfAbsent("a/b", content)).isEqualTo(PutOutcome.CREATED);
        assertThat(store.putIfAbsent("a/b", content)).isEqualTo(PutOutcome.EXISTS);
        assertThat(store.get("a/b")).contains(content);
        assertThat(store.get("a/c")).isEmpty();
        assertThat(store.size("a/b")).contains(300_000L);
        assertThat(store.download("a/b", folder.resolve("file"))).isTrue();
        assertThat(store.list("a/")).containsExactly("a/b");
        store.delete("a/b");
        assertThat(store.size("a/b")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"ERROR", "SLOW_DOWN", "RESET", "ANSWER_LOST", "ERROR_AFTERWARDS", "BODY_CUT"})
    void makesAWriteFail(Fault fault) {
        proxy.failNext(fault, MORE_THAN_A_CLIENT_TRIES, S3FaultProxy.Request::isWrite);

        assertThatThrownBy(() -> store.putDerived("a", new byte[1000])).isInstanceOf(StorageUnavailableException.class);

        assertThat(proxy.count(fault)).isPositive();
        boolean applied = fault == Fault.ANSWER_LOST || fault == Fault.ERROR_AFTERWARDS;
        assertThat(direct.size("a").isPresent()).isEqualTo(applied);
        proxy.heal();
        store.putDerived("a", new byte[1000]);
        assertThat(direct.size("a")).contains(1000L);
    }

    @Test
    void refusesCutsAndHidesWhatIsRead() {
        direct.putDerived("a/1", new byte[100]);
        direct.putDerived("a/2", new byte[100]);

        proxy.failNext(Fault.FORBIDDEN, MORE_THAN_A_CLIENT_TRIES, request -> true);
        assertThatThrownBy(() -> store.get("a/1")).isInstanceOf(StorageAccessDeniedException.class);
        proxy.failNext(Fault.ANSWER_CUT, MORE_THAN_A_CLIENT_TRIES, request -> true);
        assertThatThrownBy(() -> store.get("a/1")).isInstanceOf(StorageUnavailableException.class);
        proxy.failNext(Fault.NEWEST_UNLISTED, 1, request -> true);
        assertThat(store.list("a/")).containsExactly("a/1");
        assertThat(store.list("a/")).containsExactly("a/1", "a/2");
    }

    @Test
    void holdsARequestBack() throws Exception {
        S3FaultProxy.Held held = proxy.hold(S3FaultProxy.Request::isWrite);
        CompletableFuture<PutOutcome> write = CompletableFuture.supplyAsync(() -> store.putIfAbsent("a", new byte[1]));

        assertThat(held.await(Duration.ofSeconds(30))).isTrue();
        assertThat(direct.size("a")).isEmpty();
        assertThat(store.putIfAbsent("a", new byte[2])).isEqualTo(PutOutcome.CREATED);
        held.release();

        assertThat(write.get(30, TimeUnit.SECONDS)).isEqualTo(PutOutcome.EXISTS);
    }
}
