package dev.cdp.core.archive;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A prefix of an S3 bucket as an object store.
 *
 * <p>Conditional writes use {@code If-None-Match: *} and nothing else: servers are known to get {@code If-Match} wrong.
 * The Apache client is used because the JDK's own repeats a PUT whose answer came early and then reports a conflict.
 */
final class S3ObjectStore implements ObjectStore {
    private static final String NOT_UNDERSTOOD = "Compare archive.region and archive.path-style with the server's; one"
            + " that refuses checksums in requests, as Ceph does, needs archive.checksums: when-required";
    private static final int BAD_REQUEST = 400;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Client client;
    private final String bucket;
    private final String prefix;

    private S3ObjectStore(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
    }

    @SuppressWarnings("deprecation") // its successor on HttpClient 5 has not been raced against early answers yet
    static S3ObjectStore open(String bucket, String prefix, ArchiveAccess.S3 settings) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(ApacheHttpClient.builder()
                        .maxConnections(32)
                        .connectionTimeout(Duration.ofSeconds(10))
                        .socketTimeout(Duration.ofSeconds(60)))
                .region(Region.of(settings.region() == null ? "us-east-1" : settings.region()))
                .forcePathStyle(settings.pathStyle());
        if (settings.checksums() == ArchiveAccess.Checksums.WHEN_REQUIRED) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        if (settings.endpoint() != null) {
            builder.endpointOverride(URI.create(settings.endpoint()));
        }
        ArchiveAccess.Credentials credentials = settings.credentials();
        builder.credentialsProvider(
                credentials == null
                        ? DefaultCredentialsProvider.builder().build()
                        : StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(credentials.accessKey(), credentials.secretKey())));
        return new S3ObjectStore(builder.build(), bucket, prefix);
    }

    @Override
    public PutOutcome putIfAbsent(String key, byte[] content) {
        return guarded("create " + key, () -> {
            try {
                client.putObject(request(key).ifNoneMatch("*").build(), RequestBody.fromBytes(content));
                return PutOutcome.CREATED;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return PutOutcome.EXISTS;
                }
                throw e;
            }
        });
    }

    @Override
    public void put(String key, Path file) {
        guarded("write " + key, () -> client.putObject(request(key).build(), RequestBody.fromFile(file)));
    }

    @Override
    public void putDerived(String key, byte[] content) {
        guarded("write " + key, () -> client.putObject(request(key).build(), RequestBody.fromBytes(content)));
    }

    @Override
    public Optional<byte[]> get(String key) {
        return guarded("read " + key, () -> {
            try {
                return Optional.of(client.getObjectAsBytes(reading(key).build()).asByteArray());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return guarded("read " + key, () -> {
            try {
                String range = "bytes=" + offset + "-" + (offset + length - 1);
                return client.getObjectAsBytes(reading(key).range(range).build())
                        .asByteArray();
            } catch (S3Exception e) {
                if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
                    return new byte[0];
                }
                throw e;
            }
        });
    }

    @Override
    public boolean download(String key, Path file) {
        return guarded("read " + key, () -> {
            try {
                file.toFile().delete(); // the transformer refuses to replace a file
                client.getObject(reading(key).build(), ResponseTransformer.toFile(file));
                return true;
            } catch (NoSuchKeyException e) {
                return false;
            }
        });
    }

    @Override
    public Optional<Long> size(String key) {
        return guarded("look at " + key, () -> {
            try {
                return Optional.of(client.headObject(head -> head.bucket(bucket).key(prefix + key))
                        .contentLength());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public List<String> list(String keyPrefix) {
        return guarded("list " + keyPrefix, () -> {
            List<String> keys = new ArrayList<>();
            for (S3Object object : client.listObjectsV2Paginator(
                            list -> list.bucket(bucket).prefix(prefix + keyPrefix))
                    .contents()) {
                keys.add(object.key().substring(prefix.length()));
            }
            return keys;
        });
    }

    @Override
    public void delete(String key) {
        guarded(
                "delete " + key,
                () -> client.deleteObject(delete -> delete.bucket(bucket).key(prefix + key)));
    }

    @Override
    public String location() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
    }

    @Override
    public void close() {
        client.close();
    }

    private PutObjectRequest.Builder request(String key) {
        return PutObjectRequest.builder().bucket(bucket).key(prefix + key);
    }

    private GetObjectRequest.Builder reading(String key) {
        return GetObjectRequest.builder().bucket(bucket).key(prefix + key);
    }

    private <T> T guarded(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (S3Exception e) {
            if (e.statusCode() == 401 || e.statusCode() == 403) {
                throw new StorageAccessDeniedException(what, location(), e);
            }
            if (e.statusCode() == BAD_REQUEST) {
                throw new StorageUnavailableException(what, location(), e, NOT_UNDERSTOOD);
            }
            throw new StorageUnavailableException(what, location(), e);
        } catch (SdkException e) {
            throw new StorageUnavailableException(what, location(), e);
        }
    }
}
