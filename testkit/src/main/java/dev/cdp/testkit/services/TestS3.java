package dev.cdp.testkit.services;

import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveAccess.Checksums;
import dev.cdp.core.archive.ArchiveAccess.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * An S3 endpoint for tests, inside this JVM on 127.0.0.1, that keeps its objects in a folder. It checks signatures and
 * lets one of several concurrent {@code PUT If-None-Match: *} win. Do not rely on its {@code If-Match}, which loses
 * updates, nor on versioning and Object Lock, which it does not have.
 *
 * <p>With {@code -Dcdp.test.s3.endpoint=http://host:port} the shared one is that server instead, reached with {@code
 * -Dcdp.test.s3.access-key}, {@code -Dcdp.test.s3.secret-key} and {@code -Dcdp.test.s3.checksums}; buckets that tests
 * create there stay.
 */
public final class TestS3 implements AutoCloseable {
    public static final String REGION = "us-east-1";
    private static final String SETTINGS = "cdp.test.s3.";
    private static final Credentials OWN = new Credentials("test-access-key", "test-secret-key");

    private static final AtomicInteger buckets = new AtomicInteger();
    private static final Shared<TestS3> shared = new Shared<>("s3", TestS3::startOrReach);

    private final URI endpoint;
    private final Credentials credentials;
    private final Checksums checksums;
    private final @Nullable InThisJvm server;

    private record InThisJvm(BlobStore objects, S3Proxy proxy) {}

    private TestS3(URI endpoint, Credentials credentials, Checksums checksums, @Nullable InThisJvm server) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.checksums = checksums;
        this.server = server;
    }

    /** Returns the endpoint that all tests of this JVM share. */
    public static TestS3 shared() {
        return shared.service();
    }

    private static TestS3 startOrReach(Path directory) {
        String endpoint = System.getProperty(SETTINGS + "endpoint");
        if (endpoint == null) {
            return start(directory);
        }
        return new TestS3(
                URI.create(endpoint),
                new Credentials(setting("access-key"), setting("secret-key")),
                Checksums.valueOf(System.getProperty(SETTINGS + "checksums", "when-supported")
                        .toUpperCase(Locale.ROOT)
                        .replace('-', '_')),
                null);
    }

    private static String setting(String name) {
        String value = System.getProperty(SETTINGS + name);
        if (value == null) {
            throw new IllegalStateException("-D" + SETTINGS + name + " is missing beside -D" + SETTINGS + "endpoint");
        }
        return value;
    }

    /** Starts an endpoint that one test has for itself, to close and to start again; the folder keeps its objects. */
    public static TestS3 start(Path directory) {
        Properties settings = new Properties();
        settings.setProperty(
                "jclouds.filesystem.basedir", directory.toAbsolutePath().toString());
        settings.setProperty("jclouds.identity", OWN.accessKey());
        settings.setProperty("jclouds.credential", OWN.secretKey());
        BlobStore objects = BlobStores.create("filesystem", settings);
        S3Proxy proxy = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, OWN.accessKey(), OWN.secretKey())
                .build();
        try {
            proxy.start();
        } catch (Exception failure) { // what the library declares
            throw new IllegalStateException("S3 did not start in " + directory, failure);
        }
        return new TestS3(
                URI.create("http://127.0.0.1:" + proxy.getPort()),
                OWN,
                Checksums.WHEN_SUPPORTED,
                new InThisJvm(objects, proxy));
    }

    /** Returns where it listens; buckets are addressed by path. */
    public URI endpoint() {
        return endpoint;
    }

    public Credentials credentials() {
        return credentials;
    }

    public Checksums checksums() {
        return checksums;
    }

    /** Returns how an archive in one of its buckets is reached. */
    public ArchiveAccess.S3 settings() {
        return new ArchiveAccess.S3(endpoint.toString(), REGION, true, checksums, credentials);
    }

    /** The same settings with another way to the service, such as a proxy before it. */
    public ArchiveAccess.S3 settingsThrough(URI way) {
        return new ArchiveAccess.S3(way.toString(), REGION, true, checksums(), credentials());
    }

    /** Returns the same as lines of the section {@code archive} of a configuration file. */
    public String yaml() {
        return """
                endpoint: "%s"
                region: %s
                path-style: true
                checksums: %s
                credentials: { access-key: "%s", secret-key: "%s" }
                """.formatted(
                        endpoint,
                        REGION,
                        checksums.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        credentials.accessKey(),
                        credentials.secretKey());
    }

    /** Returns a new, empty bucket whose name starts with {@code prefix}. */
    public String createBucket(String prefix) {
        if (server != null) {
            String name = prefix + "-" + buckets.incrementAndGet();
            server.objects().createContainer(name);
            return name;
        }
        String name = prefix + "-" + UUID.randomUUID().toString().substring(0, 8); // other runs have left theirs
        try (S3Client client = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.of(REGION))
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(credentials.accessKey(), credentials.secretKey())))
                .build()) {
            client.createBucket(create -> create.bucket(name));
        }
        return name;
    }

    @Override
    public void close() {
        if (server == null) {
            return;
        }
        try {
            server.proxy().stop();
        } catch (Exception failure) { // what the library declares
            throw new IllegalStateException("S3 did not stop", failure);
        }
        server.objects().close();
    }
}
