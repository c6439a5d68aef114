package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.objects.WitnessProgram;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sums of money in a database that prints them as another country does. */
class PostgresMoneyIT {
    private static final String LOCALE = "de_DE.UTF-8";
    private static final String PRINTED = "SELECT id, m, m::numeric, many, r FROM sums ORDER BY id";

    @TempDir
    private Path folder;

    @Test
    @Tag("witness")
    void comesBackFromADatabaseOfAnotherLocale() throws Exception {
        TestDatabase database = TestPostgres.version15().createDatabase("money");
        inAnotherLocale(database);
        database.execute(
                "CREATE TYPE spread AS (low money, high money)",
                "CREATE TABLE sums (id int PRIMARY KEY, m money, many money[], r spread)",
                "INSERT INTO sums SELECT i, v::numeric::money, ARRAY[v::numeric::money, NULL],"
                        + " ROW(v::numeric::money, NULL)::spread FROM (VALUES (1, '1234.56'), (2, '-0.01'),"
                        + " (3, '92233720368547758.07'), (4, '-92233720368547758.08'), (5, '0')) s (i, v)");
        assertThat(database.queryValue("SELECT m FROM sums WHERE id = 1")).isEqualTo("1.234,56 €");
        try (FidelityLab lab = new FidelityLab(folder, Engine.POSTGRESQL, database)) {
            lab.start();
            lab.awaitArchived();
            database.execute(
                    "INSERT INTO sums SELECT id + 10, m, many, r FROM sums",
                    "UPDATE sums SET m = m * -1 WHERE id IN (1, 12)",
                    "ALTER TABLE sums ADD COLUMN fee money DEFAULT 1000.5::numeric::money");
            lab.awaitBases();

            List<?> expected = database.query(PRINTED);
            assertThat(lab.restore(database).query(PRINTED)).isEqualTo(expected).hasSize(10);
            FidelityResults.record(FidelityResult.certified(
                    new DatabaseVersion("PostgreSQL", "15"),
                    new FidelityCase(FidelityKind.TYPE, "money", "a database of locale " + LOCALE),
                    3 * expected.size()));
        }
    }

    private static void inAnotherLocale(TestDatabase database) throws SQLException {
        try {
            database.execute("ALTER DATABASE " + database.name() + " SET lc_monetary = '" + LOCALE + "'");
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("lc_monetary");
            WitnessProgram.missing("locale " + LOCALE);
        }
    }
}
