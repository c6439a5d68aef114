package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an archive.
 *
 * @param url {@code file:/path}, a plain path, or {@code s3://bucket/prefix}
 * @param s3 how to reach S3; ignored for files
 */
public record ArchiveAccess(String url, S3 s3) {

    /** When the client adds its own checksums to requests; some servers refuse them. */
    public enum Checksums {
        WHEN_SUPPORTED,
        WHEN_REQUIRED
    }

    /**
     * Settings of an S3 service; null means the client's own default chain.
     *
     * @param pathStyle whether the bucket stands in the path rather than in the host name
     */
    public record S3(
            @Nullable String endpoint,
            @Nullable String region,
            boolean pathStyle,
            Checksums checksums,
            @Nullable Credentials credentials) {
        public static final S3 DEFAULTS = new S3(null, null, false, Checksums.WHEN_SUPPORTED, null);
    }

    /** An access key; never printed. */
    public record Credentials(String accessKey, String secretKey) {
        @Override
        public String toString() {
            return "***";
        }
    }

    public static ArchiveAccess file(Path folder) {
        return new ArchiveAccess(folder.toAbsolutePath().toString(), S3.DEFAULTS);
    }

    /**
     * Opens the storage; nothing is created or contacted yet.
     *
     * @throws CdpException with {@code CONFIGURATION_INVALID} when the URL is of no known kind
     */
    public ObjectStore open() {
        if (url.startsWith("s3://")) {
            URI uri = URI.create(url);
            String path = uri.getPath() == null ? "" : uri.getPath();
            return S3ObjectStore.open(uri.getAuthority(), path.replaceAll("^/+|/+$", ""), s3);
        }
        if (url.startsWith("file:")) {
            return new FileObjectStore(Path.of(url.replaceFirst("^file:(//(?=/))?", "")));
        }
        if (url.contains("://")) {
            throw new CdpException(
                    ErrorCode.CONFIGURATION_INVALID,
                    "No storage is known for archive.url '" + url + "'",
                    "Use file:/path or s3://bucket/prefix");
        }
        return new FileObjectStore(Path.of(url));
    }
}
