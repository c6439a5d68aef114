package dev.cdp.testkit.objects;

import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** One of each kind of object that PostgreSQL has, and the ways in which they need each other. */
public final class RichPostgres {
    private static final String ROLES = """
            DO $$ BEGIN CREATE ROLE cdp_test_owner; CREATE ROLE cdp_test_reader;
            EXCEPTION WHEN duplicate_object THEN NULL; END $$
            """;

    private RichPostgres() {}

    /** Makes all that a version has, without rows. */
    public static void create(TestDatabase database, int version) throws SQLException {
        database.execute(ROLES);
        run(database, RichPostgres.class, "postgresql.sql");
        if (version >= 15) {
            run(database, RichPostgres.class, "postgresql-15.sql");
        }
        if (version >= 18) {
            run(database, RichPostgres.class, "postgresql-18.sql");
        }
    }

    /** Runs a script that lies beside a class. */
    public static void run(TestDatabase database, Class<?> beside, String script) throws SQLException {
        try (InputStream text = beside.getResourceAsStream(script)) {
            run(database, new String(Objects.requireNonNull(text, script).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read " + script, e);
        }
    }

    /** Runs statements in one string, of any kind. */
    public static void run(TestDatabase database, String script) throws SQLException {
        // The driver's extended mode takes scripts apart and stumbles over BEGIN ATOMIC; the simple one sends them.
        String url = database.jdbcUrl() + "?preferQueryMode=simple";
        try (Connection connection = DriverManager.getConnection(url, database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(script);
        }
    }
}
