package dev.cdp.capture.postgres;

import dev.cdp.capture.source.TableScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The schema {@code cdp} in a protected database: the marker, the record of data definition, the publication. Statements
 * are given as text so that they can be shown before they are run.
 */
final class CdpSchema {
    static final String PUBLICATION = "cdp";

    private static final Pattern VERSION_IN_SCRIPT =
            Pattern.compile("cdp\\.version\\(\\).*?\\$\\$SELECT (\\d+)\\$\\$", Pattern.DOTALL);

    /** Of what {@link #create} makes. */
    static final int VERSION = versionIn(String.join("\n", script()));

    private CdpSchema() {}

    private static int versionIn(String script) {
        Matcher version = VERSION_IN_SCRIPT.matcher(script);
        if (!version.find()) {
            throw new IllegalStateException("The script does not say which version it is");
        }
        return Integer.parseInt(version.group(1));
    }

    /** 0 where there is no such schema. */
    static int installedVersion(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (isTrue(statement, "SELECT to_regnamespace('cdp') IS NULL")) {
                return 0;
            }
            if (isTrue(
                    statement,
                    "SELECT NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'version' AND pronamespace = 'cdp'::regnamespace)")) {
                return 1;
            }
            try (ResultSet row = statement.executeQuery("SELECT cdp.version()")) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    /** Whether the database was told of this scope. */
    static boolean isScoped(Connection connection, TableScope scope) throws SQLException {
        Set<String> told = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT included || ' ' || pattern FROM cdp.scope")) {
            while (row.next()) {
                told.add(row.getString(1));
            }
        }
        Set<String> wanted = new HashSet<>();
        scope.includedPatterns().forEach(pattern -> wanted.add("true " + pattern));
        scope.excludedPatterns().forEach(pattern -> wanted.add("false " + pattern));
        return told.equals(wanted);
    }

    /** Whether every table that can be protected is published. */
    static boolean isComplete(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet missing = statement.executeQuery(TableChecks.UNPUBLISHED)) {
            return !missing.next();
        }
    }

    private static boolean isTrue(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** Makes the schema and publishes every table in scope that can be protected, in one transaction. */
    static List<String> create(TableScope scope) {
        List<String> statements = new ArrayList<>(List.of("BEGIN"));
        statements.addAll(script());
        statements.addAll(told(scope));
        statements.addAll(List.of(
                "SELECT cdp.make_publication()",
                "SELECT cdp.make_event_triggers()",
                "INSERT INTO cdp.watched SELECT * FROM cdp.found()",
                "SELECT cdp.publish(oid) FROM pg_catalog.pg_class WHERE cdp.can_protect(oid)",
                "COMMIT"));
        return List.copyOf(statements);
    }

    /**
     * Brings a schema that is there up to date, in one transaction. The lock waits for transactions that have changed
     * definitions, and those that change some meanwhile wait for it with what they recorded, so each is recorded by the
     * functions of one version. Should the two wait for each other, this one is the first to give way.
     */
    static List<String> upgrade(TableScope scope) {
        List<String> statements = new ArrayList<>(List.of(
                "BEGIN",
                "SET LOCAL lock_timeout = '5s'",
                "SET LOCAL deadlock_timeout = '100ms'",
                "LOCK TABLE cdp.ddl IN ACCESS EXCLUSIVE MODE"));
        statements.addAll(script());
        statements.add("DELETE FROM cdp.scope");
        statements.addAll(told(scope));
        statements.addAll(List.of("SELECT cdp.upgrade()", "COMMIT"));
        return List.copyOf(statements);
    }

    private static List<String> told(TableScope scope) {
        List<String> statements = new ArrayList<>();
        scope.includedPatterns().forEach(pattern -> statements.add(scope(pattern, true)));
        scope.excludedPatterns().forEach(pattern -> statements.add(scope(pattern, false)));
        return statements;
    }

    /** Leaves nothing of ours behind, except the slot, which is the daemon's. Nothing fails when it is gone already. */
    static List<String> drop() {
        return List.of(
                "DROP EVENT TRIGGER IF EXISTS cdp_ddl",
                "DROP EVENT TRIGGER IF EXISTS cdp_drop",
                "DROP EVENT TRIGGER IF EXISTS cdp_rewrite",
                "DROP PUBLICATION IF EXISTS cdp",
                "DROP SCHEMA IF EXISTS cdp CASCADE");
    }

    private static String scope(String pattern, boolean included) {
        return "INSERT INTO cdp.scope VALUES ('" + pattern.replace("'", "''") + "', " + included + ")";
    }

    static List<String> script() {
        try (InputStream resource = CdpSchema.class.getResourceAsStream("cdp-schema.sql")) {
            String text = new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("(?m)^-{8}$")).map(String::strip).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
