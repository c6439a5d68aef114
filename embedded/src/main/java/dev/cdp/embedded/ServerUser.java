package dev.cdp.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * As whom PostgreSQL runs, which refuses to run as root. For everybody else that is the user of this process. For root
 * it is the unmapped user of a new user namespace ({@code unshare -U}), to whom root's files seem to belong, or, where
 * the kernel forbids that, a system user without rights to whom the data directory is given.
 *
 * @param prefix what to write before a command
 * @param owner whom the data directory must belong to, if not to this process
 */
record ServerUser(List<String> prefix, Optional<String> owner) {
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(20);
    private static final List<String> SYSTEM_USERS = List.of("postgres", "nobody");

    ServerUser {
        prefix = List.copyOf(prefix);
    }

    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }

    /** Finds a user who can run {@code program}, which must accept {@code --version} and end. */
    static ServerUser ableToRun(Path program, Path logFile) {
        if (!isRoot()) {
            return new ServerUser(List.of(), Optional.empty());
        }
        List<ServerUser> candidates = new ArrayList<>();
        candidates.add(new ServerUser(List.of("unshare", "-U"), Optional.empty()));
        SYSTEM_USERS.forEach(user -> candidates.add(new ServerUser(
                List.of("setpriv", "--reuid=" + user, "--regid=" + groupOf(user), "--clear-groups"),
                Optional.of(user))));
        return candidates.stream()
                .filter(candidate -> candidate.canRun(program, logFile))
                .findFirst()
                .orElseThrow(() -> EmbeddedServiceException.packageMissing(
                        "PostgreSQL refuses to run as root, and neither 'unshare -U' nor 'setpriv --reuid=nobody' can run '"
                                + program + "' here",
                        "Run as another user, or set -D" + PackageCache.PROPERTY
                                + " to a directory that every user may enter"));
    }

    private static String groupOf(String user) {
        try {
            Path home = Path.of("/");
            return home.getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(user)
                    .getName();
        } catch (IOException noSuchGroup) {
            return "nogroup";
        }
    }

    private boolean canRun(Path program, Path logFile) {
        try {
            ServerProcess.run(command(program, "--version"), Path.of("/"), logFile, PROBE_LIMIT);
            return true;
        } catch (EmbeddedServiceException notThisOne) {
            return false;
        }
    }

    List<String> command(Path program, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return List.copyOf(command);
    }

    /** Hands a directory tree over to this user. */
    void take(Path directory) {
        if (owner.isEmpty()) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            UserPrincipal user =
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner.get());
            for (Path path : paths.toList()) {
                Files.setAttribute(path, "posix:owner", user, LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException failure) {
            throw EmbeddedServiceException.failed(
                    "Cannot give '" + directory + "' to " + owner.get(), directory, failure);
        }
    }
}
