package dev.cdp.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1 that nobody listens on. They lie below the range from which Linux serves outgoing connections
 * (32768 and up), so that a port is still free when its server comes back after a while.
 */
final class FreePort {
    private static final int FIRST = 20_000;
    private static final int BEHIND_LAST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private FreePort() {}

    static int choose() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND_LAST);
            if (isFree(port)) {
                return port;
            }
        }
        throw EmbeddedServiceException.packageMissing(
                "No free port found on 127.0.0.1 between " + FIRST + " and " + BEHIND_LAST,
                "Stop servers that are no longer needed");
    }

    /** Returns the port that {@code file} remembers if it is still free, else another, which it remembers from now on. */
    static int remembered(Path file) throws IOException {
        int port = Files.exists(file)
                ? chooseNear(Integer.parseInt(Files.readString(file).strip()))
                : choose();
        Files.writeString(file, port + "\n");
        return port;
    }

    /** Returns {@code wanted} if it is still free, else another port. */
    static int chooseNear(int wanted) {
        return isFree(wanted) ? wanted : choose();
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
