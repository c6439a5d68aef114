package dev.cdp.archiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest implements ObjectStoreContract {
    @TempDir
    private Path root;

    private ObjectStore store;

    @BeforeEach
    void open() {
        store = ArchiveAccess.file(root).open();
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Test
    void refusesKeysThatLeaveTheArchive() {
        assertThatThrownBy(() -> store.get("../outside")).hasMessageContaining("leaves the archive");
    }

    @Test
    void opensEveryWayToWriteItsPlace() {
        for (String url : new String[] {root.toString(), "file:" + root, "file://" + root}) {
            assertThat(new ArchiveAccess(url, ArchiveAccess.S3.DEFAULTS).open().location())
                    .isEqualTo("file://" + root);
        }
    }
}
