package dev.cdp.app.wiring;

import dev.cdp.app.config.Configuration;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import org.jspecify.annotations.Nullable;

/** Opens the configured archive. */
public final class Archives {
    private Archives() {}

    /** The storage; the caller closes it. Nothing is contacted yet. */
    public static ObjectStore open(Configuration.Archive archive) {
        return access(archive).open();
    }

    public static ArchiveAccess access(Configuration.Archive archive) {
        Configuration.S3 s3 = archive.s3();
        return new ArchiveAccess(
                archive.url(),
                new ArchiveAccess.S3(
                        s3.endpoint() == null ? null : s3.endpoint().toString(),
                        s3.region(),
                        s3.addressing() == Configuration.Addressing.PATH_STYLE,
                        switch (s3.checksums()) {
                            case WHEN_SUPPORTED -> ArchiveAccess.Checksums.WHEN_SUPPORTED;
                            case WHEN_REQUIRED -> ArchiveAccess.Checksums.WHEN_REQUIRED;
                        },
                        credentials(s3)));
    }

    private static ArchiveAccess.@Nullable Credentials credentials(Configuration.S3 s3) {
        return s3.accessKey() == null || s3.secretKey() == null
                ? null
                : new ArchiveAccess.Credentials(
                        s3.accessKey().reveal(), s3.secretKey().reveal());
    }

    /** What a command says that needs an archive where there is none. */
    public static CdpException absent(String url) {
        return new CdpException(
                ErrorCode.ARCHIVE_ABSENT,
                "There is no archive at " + url,
                "cdp run\nCheck archive.url: cdp config show");
    }
}
