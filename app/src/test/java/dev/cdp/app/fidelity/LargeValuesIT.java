package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of many megabytes through a base and the log, the archive and a restore. */
@Tag("soak") // a minute each
class LargeValuesIT {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void of16MebibytesComeBackFromMariaDb() throws Exception {
        mariaDb(TestMariaDb.shared(), 16 * MEBIBYTE);
    }

    @Test
    void of16MebibytesComeBackFromPostgres() throws Exception {
        postgres(16 * MEBIBYTE);
    }

    @Test
    void of64MebibytesComeBackFromMariaDb() throws Exception {
        List<String> usual = List.of("--innodb-log-file-size=96M", "--innodb-buffer-pool-size=128M");
        try (TestMariaDb server = TestMariaDb.start(folder.resolve("server"), usual)) {
            mariaDb(server, 64 * MEBIBYTE);
        }
    }

    @Test
    void of64MebibytesComeBackFromPostgres() throws Exception {
        postgres(64 * MEBIBYTE);
    }

    private void mariaDb(TestMariaDb running, int size) throws Exception {
        TestDatabase server = running.createDatabase("large");
        String packet = String.valueOf(server.queryValue("SELECT @@GLOBAL.max_allowed_packet"));
        server.execute("SET GLOBAL max_allowed_packet = " + (1 << 30)); // for what is written here, not for a restore
        try {
            takeThrough(Engine.MARIADB, server, "longblob", "longtext", size, packet);
        } finally {
            server.execute("SET GLOBAL max_allowed_packet = " + packet);
        }
    }

    private void postgres(int size) throws Exception {
        takeThrough(Engine.POSTGRESQL, TestPostgres.version18().createDatabase("large"), "bytea", "text", size, "");
    }

    private void takeThrough(Engine engine, TestDatabase database, String bytes, String text, int size, String packet)
            throws Exception {
        long seed = System.nanoTime();
        System.out.printf("%s, values of %,d bytes, seed %d%n", engine, size, seed);
        database.execute("CREATE TABLE large (id int PRIMARY KEY, b " + bytes + ", t " + text + ", n int)");
        for (int id = 0; id < 50; id++) {
            database.execute("INSERT INTO large VALUES (" + (1000 + id) + ", NULL, 'small', 0)");
        }
        Random random = new Random(seed);
        insert(database, 1, random, size);
        insert(database, 2, random, size);
        try (FidelityLab lab = new FidelityLab(folder, engine, database)) {
            lab.start();
            lab.awaitArchived();
            insert(database, 3, random, size);
            database.execute("UPDATE large SET n = 1 WHERE id = 1", "UPDATE large SET b = NULL, n = 2 WHERE id = 2");
            lab.awaitArchived();
            if (engine == Engine.MARIADB) {
                database.execute("SET GLOBAL max_allowed_packet = " + packet);
            }

            assertThat(digests(engine, lab.restore(database))).isEqualTo(digests(engine, database));
        }
    }

    private static void insert(TestDatabase database, int id, Random random, int size) throws SQLException {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        StringBuilder text = new StringBuilder(size);
        while (text.length() < size / 2) { // characters of two bytes among others
            text.append((char) ('a' + random.nextInt(26)))
                    .append('\u00e9')
                    .append('\\')
                    .append('\t');
        }
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO large VALUES (?, ?, NULL, 0)")) {
            insert.setInt(1, id);
            insert.setBytes(2, bytes);
            insert.executeUpdate();
        }
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO large VALUES (?, NULL, ?, 0)")) {
            insert.setInt(1, id + 100);
            insert.setString(2, text.toString());
            insert.executeUpdate();
        }
    }

    private static List<String> digests(Engine engine, TestDatabase database) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                ResultSet row = connection
                        .createStatement()
                        .executeQuery("SELECT id, MD5(b), "
                                + (engine == Engine.MARIADB ? "LENGTH(b)" : "octet_length(b)")
                                + ", MD5(t), octet_length(t), n FROM large ORDER BY id")) {
            while (row.next()) {
                rows.add(row.getInt(1) + " " + row.getString(2) + " " + row.getString(3) + " " + row.getString(4) + " "
                        + row.getString(5) + " " + row.getInt(6));
            }
        }
        return rows;
    }
}
