package dev.cdp.testkit.services;

import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/**
 * An S3 endpoint for tests, inside this JVM on 127.0.0.1, that keeps its objects in a folder. It checks signatures and
 * lets one of several concurrent {@code PUT If-None-Match: *} win. Do not rely on its {@code If-Match}, which loses
 * updates, nor on versioning and Object Lock, which it does not have.
 */
public final class TestS3 implements AutoCloseable {
    public static final String REGION = "us-east-1";
    public static final String ACCESS_KEY = "test-access-key";
    public static final String SECRET_KEY = "test-secret-key";

    private static final AtomicInteger buckets = new AtomicInteger();
    private static final Shared<TestS3> shared = new Shared<>("s3", TestS3::start);

    private final BlobStore objects;
    private final S3Proxy server;

    private TestS3(BlobStore objects, S3Proxy server) {
        this.objects = objects;
        this.server = server;
    }

    /** Returns the endpoint that all tests of this JVM share. */
    public static TestS3 shared() {
        return shared.service();
    }

    /** Starts an endpoint that one test has for itself, to close and to start again; the folder keeps its objects. */
    public static TestS3 start(Path directory) {
        Properties settings = new Properties();
        settings.setProperty(
                "jclouds.filesystem.basedir", directory.toAbsolutePath().toString());
        settings.setProperty("jclouds.identity", ACCESS_KEY);
        settings.setProperty("jclouds.credential", SECRET_KEY);
        BlobStore objects = BlobStores.create("filesystem", settings);
        S3Proxy server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        try {
            server.start();
        } catch (Exception failure) { // what the library declares
            throw new IllegalStateException("S3 did not start in " + directory, failure);
        }
        return new TestS3(objects, server);
    }

    /** Returns where it listens; buckets are addressed by path. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    /** Returns a new, empty bucket whose name starts with {@code prefix}. */
    public String createBucket(String prefix) {
        String name = prefix + "-" + buckets.incrementAndGet();
        objects.createContainer(name);
        return name;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception failure) { // what the library declares
            throw new IllegalStateException("S3 did not stop", failure);
        }
        objects.close();
    }
}
