package dev.cdp.testkit.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

class TestS3IT {
    @Test
    void refusesWhoDoesNotKnowTheSecret() {
        String bucket = TestS3.shared().createBucket("archive");

        try (S3Client stranger = client(TestS3.shared(), "a guess")) {
            assertThatThrownBy(() -> put(stranger, bucket, "key", "value"))
                    .isInstanceOfSatisfying(S3Exception.class, refusal -> assertThat(refusal.statusCode())
                            .isEqualTo(403));
        }
    }

    @Test
    void givesEachTestABucketOfItsOwn() {
        String mine = TestS3.shared().createBucket("archive");
        String yours = TestS3.shared().createBucket("archive");

        try (S3Client client =
                client(TestS3.shared(), TestS3.shared().credentials().secretKey())) {
            put(client, mine, "folder/key", "value");

            assertThat(client.getObjectAsBytes(get -> get.bucket(mine).key("folder/key"))
                            .asUtf8String())
                    .isEqualTo("value");
            assertThat(client.listObjectsV2(list -> list.bucket(yours)).contents())
                    .isEmpty();
        }
    }

    @Test
    void letsOneOfSeveralWritersCreateAnObject() throws Exception {
        String bucket = TestS3.shared().createBucket("ledger");
        ExecutorService writers = Executors.newFixedThreadPool(8);

        try (S3Client client =
                client(TestS3.shared(), TestS3.shared().credentials().secretKey())) {
            for (int entry = 0; entry < 20; entry++) {
                String key = "entry-" + entry;
                List<Callable<Integer>> attempts = new ArrayList<>();
                for (int writer = 0; writer < 8; writer++) {
                    String value = "writer-" + writer;
                    attempts.add(() -> create(client, bucket, key, value));
                }
                List<Integer> answers = new ArrayList<>();
                for (Future<Integer> answer : writers.invokeAll(attempts)) {
                    answers.add(answer.get());
                }
                assertThat(answers).containsOnlyOnce(200).contains(412);
            }
        } finally {
            writers.shutdownNow();
        }
    }

    @Test
    void keepsItsObjectsWhenStartedAgain(@TempDir Path directory) {
        String bucket;
        try (TestS3 first = TestS3.start(directory);
                S3Client client = client(first, TestS3.shared().credentials().secretKey())) {
            bucket = first.createBucket("archive");
            put(client, bucket, "key", "value");
        }

        try (TestS3 second = TestS3.start(directory);
                S3Client client = client(second, TestS3.shared().credentials().secretKey())) {
            assertThat(client.getObjectAsBytes(get -> get.bucket(bucket).key("key"))
                            .asUtf8String())
                    .isEqualTo("value");
        }
    }

    private static void put(S3Client client, String bucket, String key, String value) {
        client.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromString(value));
    }

    /** Returns 200, or the status of the refusal. 409 says "ask again" where two writers meet. */
    private static int create(S3Client client, String bucket, String key, String value) {
        try {
            client.putObject(put -> put.bucket(bucket).key(key).ifNoneMatch("*"), RequestBody.fromString(value));
            return 200;
        } catch (S3Exception refusal) {
            return refusal.statusCode();
        }
    }

    private static S3Client client(TestS3 s3, String secret) {
        return S3Client.builder()
                .endpointOverride(s3.endpoint())
                .region(Region.of(TestS3.REGION))
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(s3.credentials().accessKey(), secret)))
                .build();
    }
}
