package dev.cdp.archiver;

import dev.cdp.core.CdpException;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.topic.KafkaAccess;
import dev.cdp.testkit.services.TestS3;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An archiver in a JVM of its own, to be paused as a whole. Ends when its archiver does, and says why. */
final class ArchiverProcess implements AutoCloseable {
    private final Process process;

    private ArchiverProcess(Process process) {
        this.process = process;
    }

    /** Starts one that reaches the archive of {@code archive} through its proxy. */
    static ArchiverProcess startBehindProxy(S3Archive archive, Path staging) throws IOException {
        ArchiveAccess.S3 s3 = TestS3.shared().settings();
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ArchiverProcess.class.getName(),
                archive.kafka.bootstrapServers(),
                archive.kafka.topicPrefix(),
                archive.url(),
                archive.proxy.endpoint().toString(),
                s3.checksums().name(),
                s3.credentials().accessKey(),
                s3.credentials().secretKey(),
                staging.toString());
        return new ArchiverProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** The child's side. */
    public static void main(String[] arguments) {
        KafkaAccess kafka = new KafkaAccess(arguments[0], arguments[1], Map.of());
        ArchiveAccess.S3 s3 = new ArchiveAccess.S3(
                URI.create(arguments[3]).toString(),
                TestS3.REGION,
                true,
                ArchiveAccess.Checksums.valueOf(arguments[4]),
                new ArchiveAccess.Credentials(arguments[5], arguments[6]));
        try (ObjectStore store = new ArchiveAccess(arguments[2], s3).open()) {
            new ArchiverService(S3Archive.settings(kafka, Path.of(arguments[7])), store, Clock.systemUTC()).run();
        } catch (CdpException e) {
            System.out.println(e.code() + " " + e.getMessage());
            System.out.flush();
            Runtime.getRuntime().halt(e.code().exitCode().code());
        }
    }

    /** Sends {@code STOP} or {@code CONT}, and waits until it is sent. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " failed");
        }
    }

    /** @return the code it ended with */
    int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("It still runs");
        }
        return process.exitValue();
    }

    String output() throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
