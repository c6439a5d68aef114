package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveAccess.Credentials;
import dev.cdp.core.archive.ArchiveAccess.S3;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.services.TestS3;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class S3ObjectStoreIT implements ObjectStoreContract {
    private String bucket;
    private ObjectStore store;

    @BeforeEach
    void open() {
        bucket = TestS3.shared().createBucket("archive");
        store = open(
                "/some/prefix/",
                TestS3.shared().endpoint().toString(),
                TestS3.shared().credentials());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Test
    void keepsKeysRelativeToItsPrefix() {
        store.putDerived("a", "x".getBytes(StandardCharsets.UTF_8));

        try (ObjectStore whole =
                open("", TestS3.shared().endpoint().toString(), TestS3.shared().credentials())) {
            assertThat(whole.list("")).containsExactly("some/prefix/a");
        }
        assertThat(store.location()).isEqualTo("s3://" + bucket + "/some/prefix");
    }

    @Test
    void namesARefusalOfTheKey() {
        Credentials wrong = new Credentials(TestS3.shared().credentials().accessKey(), "wrong");
        try (ObjectStore refused = open("", TestS3.shared().endpoint().toString(), wrong)) {
            assertThatThrownBy(() -> refused.get("a"))
                    .isInstanceOfSatisfying(
                            CdpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_ACCESS_DENIED))
                    .hasMessageStartingWith("Storage refuses to read a in s3://" + bucket);
        }
    }

    @Test
    void namesAnEndpointThatDoesNotAnswer() {
        try (ObjectStore unreachable =
                open("", "http://127.0.0.1:1", TestS3.shared().credentials())) {
            assertThatThrownBy(() -> unreachable.putIfAbsent("a", new byte[0]))
                    .isInstanceOfSatisfying(
                            CdpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_UNREACHABLE))
                    .hasMessageStartingWith("Could not create a in s3://" + bucket);
        }
    }

    private ObjectStore open(String prefix, String endpoint, Credentials credentials) {
        S3 settings = new S3(endpoint, TestS3.REGION, true, TestS3.shared().checksums(), credentials);
        return new ArchiveAccess("s3://" + bucket + prefix, settings).open();
    }
}
