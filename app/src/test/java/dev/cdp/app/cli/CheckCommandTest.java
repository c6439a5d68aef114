package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code cdp check} says about the archive's storage; about sources see {@link SourceCommandIT}. */
class CheckCommandTest {
    private final CommandLineFixture cdp = new CommandLineFixture();

    @TempDir
    Path folder;

    @Test
    void passesAFolderAndLeavesNothingInIt() throws IOException {
        String config = configure("archive: { url: \"file:archive\" }");

        assertThat(cdp.run("check", config)).isZero();
        assertThat(cdp.out())
                .contains("archive  file:")
                .contains("ok       conditional-writes: one of several writers at once creates an object");
        try (var files = Files.walk(folder.resolve("archive"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void refusesS3StorageThatIgnoresIfNoneMatch() throws IOException {
        HttpServer server = startCarelessS3();
        try {
            String config = configureS3(server.getAddress().getPort());

            assertThat(cdp.run("check", config)).isEqualTo(4);
            assertThat(cdp.out())
                    .contains("FAILED   conditional-writes: CDP-4006 Storage s3://bucket/cdp cannot hold a ledger")
                    .contains("Use a folder, or S3 storage that honours 'If-None-Match: *'");
            assertThat(cdp.run("check", config, "--json")).isEqualTo(4);
            assertThat(cdp.outJson().at("/archive/checks/0/verdict").asText()).isEqualTo("failed");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void saysThatStorageDoesNotAnswer() throws IOException {
        String config = configureS3(1);

        assertThat(cdp.run("check", config)).isEqualTo(7);
        assertThat(cdp.out()).contains("FAILED   conditional-writes: CDP-4002 Could not create checks/");
    }

    /** As Ceph does when a request carries a checksum behind its content. */
    @Test
    void saysWhichSettingAServerMayNeedThatDoesNotUnderstandTheRequest() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, 400, new byte[0]));
        server.start();
        try {
            String config = configureS3(server.getAddress().getPort());

            assertThat(cdp.run("check", config)).isEqualTo(7);
            assertThat(cdp.out()).contains("as Ceph does, needs archive.checksums: when-required");
        } finally {
            server.stop(0);
        }
    }

    private String configureS3(int port) throws IOException {
        return configure("""
                archive:
                  url: "s3://bucket/cdp"
                  endpoint: "http://127.0.0.1:%d"
                  region: us-east-1
                  path-style: true
                  credentials: { access-key: a, secret-key: b }
                """.formatted(port));
    }

    private String configure(String archive) throws IOException {
        return "--config=" + Files.writeString(folder.resolve("cdp.yaml"), "sources: {}\n" + archive + "\n");
    }

    /** As S3 servers of the years before conditional writes: the header is of no effect. */
    private static HttpServer startCarelessS3() throws IOException {
        Map<String, byte[]> objects = new ConcurrentHashMap<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String key = exchange.getRequestURI().getPath();
            switch (exchange.getRequestMethod()) {
                case "PUT" -> {
                    objects.put(key, payload(exchange));
                    answer(exchange, 200, new byte[0]);
                }
                case "GET" ->
                    answer(
                            exchange,
                            200,
                            objects.getOrDefault(key, "<ListBucketResult/>".getBytes(StandardCharsets.UTF_8)));
                default -> answer(exchange, 204, new byte[0]);
            }
        });
        server.start();
        return server;
    }

    /** Without the chunk sizes and checksums that the client puts around it. */
    private static byte[] payload(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        return body.replaceAll("(?s)^[0-9a-f]+(;[^\r]*)?\r\n|\r\n0(;.*|\r.*)$", "")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
