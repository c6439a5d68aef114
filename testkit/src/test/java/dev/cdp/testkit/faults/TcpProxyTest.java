package dev.cdp.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TcpProxyTest {
    private final List<String> received = new CopyOnWriteArrayList<>();
    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "echo");
        thread.setDaemon(true);
        thread.start();
        proxy = TcpProxy.to("127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void passesBytesOnBothWaysUntilAPeerEnds() throws IOException {
        try (Client client = new Client()) {
            assertThat(client.ask("one")).isEqualTo("ONE");
            assertThat(client.ask("two")).isEqualTo("TWO");

            client.socket.shutdownOutput();
            assertThat(client.in.readLine()).isNull();
        }
    }

    @Test
    void breaksConnectionsAndRefusesNewOnesWhileItIsDown() throws IOException {
        try (Client client = new Client()) {
            client.ask("one");
            proxy.down();
            assertThatThrownBy(() -> client.ask("two")).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> new Client().ask("three")).isInstanceOf(IOException.class);

        proxy.up();
        try (Client client = new Client()) {
            assertThat(client.ask("four")).isEqualTo("FOUR");
        }
        assertThat(received).containsExactly("one", "four");
    }

    @Test
    void breaksWhatIsOpenAndLetsNewConnectionsIn() throws IOException {
        try (Client old = new Client()) {
            old.ask("one");
            proxy.cut();
            assertThatThrownBy(() -> old.ask("two")).isInstanceOf(IOException.class);
        }
        try (Client client = new Client()) {
            assertThat(client.ask("three")).isEqualTo("THREE");
        }
    }

    @Test
    void losesTheAnswerToARequestThatWasCarriedOut() throws Exception {
        CompletableFuture<Void> lost = proxy.loseAnswerTo(TcpProxy.containing("commit"));
        try (Client client = new Client()) {
            assertThat(client.ask("insert")).isEqualTo("INSERT");
            assertThatThrownBy(() -> client.ask("commit 1")).isInstanceOf(IOException.class);
        }
        lost.get(30, TimeUnit.SECONDS);
        try (Client client = new Client()) {
            assertThat(client.ask("commit 2")).isEqualTo("COMMIT 2");
        }
        assertThat(received).containsExactly("insert", "commit 1", "commit 2");
    }

    @Test
    void cutsAfterANumberOfBytes() throws IOException {
        proxy.cutAfterSending(10);
        try (Client client = new Client()) {
            assertThat(client.ask("eight88")).isEqualTo("EIGHT88");
            assertThatThrownBy(() -> client.ask("too long")).isInstanceOf(IOException.class);
        }
        proxy.cutAfterReceiving(2);
        try (Client client = new Client()) {
            assertThatThrownBy(() -> client.ask("half")).isInstanceOf(IOException.class);
        }
        try (Client client = new Client()) {
            assertThat(client.ask("whole")).isEqualTo("WHOLE");
        }
        assertThat(received).containsExactly("eight88", "half", "whole");
    }

    @Test
    void holdsAndDelaysBytes() throws IOException {
        try (Client client = new Client()) {
            proxy.hold();
            client.socket.setSoTimeout(200);
            assertThatThrownBy(() -> client.ask("one")).isInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(received).isEmpty();

            client.socket.setSoTimeout(30_000);
            proxy.release();
            assertThat(client.in.readLine()).isEqualTo("ONE");

            proxy.delay(Duration.ofMillis(50));
            long begin = System.nanoTime();
            client.ask("two");
            assertThat(System.nanoTime() - begin).isGreaterThan(100_000_000L);
        }
    }

    /** Answers each line with itself in capitals, and keeps what it was sent. */
    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> serve(socket), "echo");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                received.add(line);
                socket.getOutputStream().write((line.toUpperCase() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException broken) {
            // what the tests do to it
        }
    }

    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        private final BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));

        private Client() throws IOException {}

        String ask(String line) throws IOException {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("No answer to " + line);
            }
            return answer;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
