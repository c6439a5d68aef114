package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.CheckFinding;
import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every type of PostgreSQL, with values at its edges, through every kind of change and back. */
class PostgresTypesIT {
    private static final int TYPES_OF_A_TABLE = 12;

    @TempDir
    private Path folder;

    @Test
    void everyTypeComesBackFromVersion15() throws Exception {
        everyTypeComesBack(15, TestPostgres.version15());
    }

    @Test
    void everyTypeComesBackFromVersion18() throws Exception {
        everyTypeComesBack(18, TestPostgres.version18());
    }

    @Tag("versions")
    @ParameterizedTest
    @ValueSource(ints = {14, 16, 17})
    void everyTypeComesBackFromVersion(int version) throws Exception {
        try (TestPostgres server = TestPostgres.start(version, folder.resolve("server"))) {
            everyTypeComesBack(version, server);
        }
    }

    private void everyTypeComesBack(int version, TestPostgres server) throws Exception {
        TestDatabase database = server.createDatabase("types");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            run(statement, PostgresTypes.PREPARATION);
            List<PostgresTypeTables> groups = groups(statement, PostgresTypes.of(version));
            for (PostgresTypeTables group : groups) {
                run(statement, group.create());
                run(statement, group.fill());
            }
            try (FidelityLab lab = new FidelityLab(folder.resolve("lab"), Engine.POSTGRESQL, database)) {
                lab.start();
                lab.awaitArchived();
                for (PostgresTypeTables group : groups) {
                    run(statement, group.change());
                    run(statement, group.addColumns());
                }
                lab.awaitBases();

                if (version < 16) {
                    refusesBytesThatAreNoText(version, statement, lab);
                }
                Map<String, String> differences = new TreeMap<>();
                TestDatabase restored = lab.restore(database);
                for (PostgresTypeTables group : groups) {
                    Map<String, String> found = differences(group, database, restored);
                    differences.putAll(found);
                    record(version, group, found.keySet());
                }
                assertThat(differences).isEmpty();
            }
        }
    }

    /** What it prints of them would be taken for another character. */
    private static void refusesBytesThatAreNoText(int version, Statement statement, FidelityLab lab)
            throws SQLException {
        run(
                statement,
                List.of(
                        "CREATE DOMAIN letter AS \"char\"",
                        "CREATE TYPE letters AS (a int, b letter[])",
                        "CREATE TABLE plain_char (id int PRIMARY KEY, v \"char\")",
                        "CREATE TABLE hidden_char (id int PRIMARY KEY, v letters)",
                        "INSERT INTO plain_char VALUES (1, 'é')"));
        assertThat(lab.database().check().stream()
                        .filter(finding -> finding.check().equals("char-bytes"))
                        .map(CheckFinding::what))
                .hasSize(2)
                .anyMatch(what -> what.contains("public.plain_char has a column of type \"char\""))
                .anyMatch(what -> what.contains("public.hidden_char"));
        assertThat(lab.database().describe(oid(statement, "plain_char"))).isEmpty();
        FidelityResults.record(FidelityResult.refused(
                new DatabaseVersion("PostgreSQL", Integer.toString(version)),
                new FidelityCase(FidelityKind.TYPE, "\"char\"", "check"),
                "named by the check char-bytes and left out"));
    }

    private static String oid(Statement statement, String table) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT '" + table + "'::regclass::oid::bigint")) {
            row.next();
            return row.getString(1);
        }
    }

    private static List<PostgresTypeTables> groups(Statement statement, List<SampleType> types) {
        List<PostgresTypeTables> groups = new ArrayList<>();
        for (int from = 0; from < types.size(); from += TYPES_OF_A_TABLE) {
            List<SampleType> some = types.subList(from, Math.min(types.size(), from + TYPES_OF_A_TABLE));
            Set<SampleType> keys = new HashSet<>(some);
            keys.removeIf(sample -> !canBeKey(statement, sample));
            groups.add(new PostgresTypeTables(some, keys, groups.size()));
        }
        return groups;
    }

    private static boolean canBeKey(Statement statement, SampleType sample) {
        try {
            statement.execute("CREATE TEMP TABLE probe (v " + sample.type() + " PRIMARY KEY)");
            statement.execute("DROP TABLE probe");
            return true;
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("no default operator class for access method \"btree\"");
            return false;
        }
    }

    private static void run(Statement statement, List<String> statements) throws SQLException {
        for (String sql : statements) {
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new SQLException(e.getMessage() + " for " + sql, e);
            }
        }
    }

    /** By type. */
    private static Map<String, String> differences(PostgresTypeTables group, TestDatabase source, TestDatabase restored)
            throws SQLException {
        Map<String, String> differences = new TreeMap<>();
        for (String table : group.tables()) {
            PostgresContent.differences(
                            PostgresContent.printed(source, table), PostgresContent.printed(restored, table))
                    .forEach((column, what) -> differences.merge(
                            column.isEmpty() ? table : group.typeOf(column),
                            column + " in " + table + ": " + what,
                            (one, other) -> one + "; " + other));
        }
        return differences;
    }

    private static void record(int version, PostgresTypeTables group, Set<String> differing) {
        DatabaseVersion on = new DatabaseVersion("PostgreSQL", Integer.toString(version));
        boolean rowsAreEqual = group.tables().stream().noneMatch(differing::contains);
        group.samples().stream()
                .filter(sample -> rowsAreEqual && !differing.contains(sample.type()))
                .forEach(sample -> group.places(sample)
                        .forEach((place, count) -> FidelityResults.record(FidelityResult.certified(
                                on, new FidelityCase(FidelityKind.TYPE, sample.type(), place), count))));
    }
}
