package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are hard to follow, and names that are hard to carry, through capture, archive and restore. */
class PostgresRowsIT {
    @TempDir
    private Path folder;

    @Test
    void rowsComeBackFromVersion15AndBackAgainFromTheCopy() throws Exception {
        TestDatabase restored = rowsComeBack(15, TestPostgres.version15());
        try (FidelityLab lab = new FidelityLab(folder.resolve("again"), Engine.POSTGRESQL, restored)) {
            lab.start();
            lab.awaitArchived();

            compare(15, "captured and restored again", restored, lab.restore(restored));
            compare(
                    15,
                    "restored into version 18",
                    restored,
                    lab.restore(TestPostgres.version18().database("postgres")));
        }
    }

    @Test
    void rowsComeBackFromVersion18() throws Exception {
        rowsComeBack(18, TestPostgres.version18());
    }

    @Tag("versions")
    @ParameterizedTest
    @ValueSource(ints = {14, 16, 17})
    void rowsComeBackFromVersion(int version) throws Exception {
        try (TestPostgres server = TestPostgres.start(version, folder.resolve("server"))) {
            rowsComeBack(version, server);
        }
    }

    private TestDatabase rowsComeBack(int version, TestPostgres server) throws Exception {
        TestDatabase database = server.createDatabase("rows");
        for (RowCase each : PostgresRows.all()) {
            database.execute(each.before().toArray(String[]::new));
        }
        try (FidelityLab lab = new FidelityLab(folder.resolve("lab"), Engine.POSTGRESQL, database)) {
            lab.start();
            lab.awaitArchived();
            for (RowCase each : PostgresRows.all()) {
                database.execute(each.during().toArray(String[]::new));
            }
            lab.awaitBases();

            refusesANameThatEndsWithAQuote(version, database, lab);
            TestDatabase restored = lab.restore(database);
            compare(version, "restored", database, restored);
            return restored;
        }
    }

    private static void refusesANameThatEndsWithAQuote(int version, TestDatabase database, FidelityLab lab)
            throws SQLException {
        database.execute("CREATE TABLE \"a quote\"\"\" (id int PRIMARY KEY)", "INSERT INTO \"a quote\"\"\" VALUES (1)");
        lab.awaitArchived(); // goes on
        assertThat(lab.database().check())
                .filteredOn(finding -> finding.check().equals("table-names"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).contains("public.\"a quote\"\"\""));
        FidelityResults.record(FidelityResult.refused(
                new DatabaseVersion("PostgreSQL", Integer.toString(version)),
                new FidelityCase(FidelityKind.ROW, "a table whose name ends with a double quote", "check"),
                "named by the check table-names and left out"));
    }

    private static void compare(int version, String place, TestDatabase source, TestDatabase restored)
            throws SQLException {
        List<String> differences = new ArrayList<>();
        for (RowCase each : PostgresRows.all()) {
            int rowCount = 0;
            int before = differences.size();
            for (String table : each.tables()) {
                List<String> expected = PostgresContent.printed(source, table);
                List<String> actual = PostgresContent.printed(restored, table);
                rowCount += expected.size() - 1;
                PostgresContent.differences(expected, actual)
                        .forEach((column, what) ->
                                differences.add(each.subject() + ", " + table + ", " + column + ": " + what));
            }
            if (differences.size() == before) {
                FidelityResults.record(FidelityResult.certified(
                        new DatabaseVersion("PostgreSQL", Integer.toString(version)),
                        new FidelityCase(FidelityKind.ROW, each.subject(), place),
                        rowCount));
            }
        }
        assertThat(differences).as(place).isEmpty();
    }
}
