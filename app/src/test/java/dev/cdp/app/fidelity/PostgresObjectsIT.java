package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.CheckFinding;
import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.objects.PgDump;
import dev.cdp.testkit.objects.PostgresCensus;
import dev.cdp.testkit.objects.RichPostgres;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All objects of a database with their rows, restored, and captured and restored again from the copy; judged by the
 * servers' own catalogs and {@code COPY}, and by {@code pg_dump} as far as there is one.
 */
class PostgresObjectsIT {
    private static final int PG_DUMP = 15;

    @TempDir
    private Path folder;

    @Test
    @Tag("witness")
    void pgDumpCannotTellTheRestoredDatabaseFromTheSource() throws Exception {
        comesBack(15, TestPostgres.version15());
    }

    @Test
    void theCatalogOfVersion18CannotEither() throws Exception {
        comesBack(18, TestPostgres.version18());
    }

    @Tag("versions")
    @ParameterizedTest
    @ValueSource(ints = {14, 16, 17})
    void theCatalogOfVersionCannotEither(int version) throws Exception {
        try (TestPostgres server = TestPostgres.start(version, folder.resolve("server"))) {
            comesBack(version, server);
        }
    }

    private void comesBack(int version, TestPostgres server) throws Exception {
        TestDatabase database = server.createDatabase("objects");
        RichPostgres.create(database, version);
        PostgresObjects.BASE.run(database, version);
        TestDatabase restored;
        try (FidelityLab lab = new FidelityLab(folder.resolve("lab"), Engine.POSTGRESQL, database)) {
            lab.start();
            lab.awaitArchived();
            PostgresObjects.CHANGES.run(database, version);
            lab.awaitBases();

            restored = lab.restore(database);
            assertThat(lab.database().check().stream().map(CheckFinding::what))
                    .anyMatch(what -> what.contains("large object"))
                    .anyMatch(what -> what.contains("public.scratch"));
        }
        TestDatabase again;
        try (FidelityLab lab = new FidelityLab(folder.resolve("again"), Engine.POSTGRESQL, restored)) {
            lab.start();
            lab.awaitArchived();

            again = lab.restore(restored);
        }
        compareCatalogs(version, "restored", database, restored);
        compareCatalogs(version, "captured and restored again", database, again);
        if (version <= PG_DUMP) {
            compareDumps(version, "restored", database, restored);
            compareDumps(version, "captured and restored again", database, again);
        }
    }

    private static void compareCatalogs(int version, String place, TestDatabase source, TestDatabase restored)
            throws Exception {
        List<String> expected = PostgresCensus.of(source);
        List<String> actual = PostgresCensus.of(restored);
        assertThat(without(expected, actual)).as("missing when " + place).isEmpty();
        assertThat(without(actual, expected)).as("too much when " + place).isEmpty();
        Map<String, Long> sequences = PostgresCensus.sequences(restored);
        PostgresCensus.sequences(source)
                .forEach((name, value) ->
                        assertThat(sequences.get(name)).as(name).isNotNull().isGreaterThanOrEqualTo(value));
        record(version, "every kind of object, by COPY and the catalog", place, expected.size());
    }

    private static List<String> without(List<String> lines, List<String> others) {
        List<String> left = new ArrayList<>(lines);
        others.forEach(left::remove);
        return left;
    }

    private static void compareDumps(int version, String place, TestDatabase source, TestDatabase restored)
            throws Exception {
        String expected = PgDump.contentOf(source);
        assertThat(PgDump.contentOf(restored)).as(place).isEqualTo(expected);
        record(version, "every kind of object, by pg_dump", place, (int)
                expected.lines().count());
    }

    private static void record(int version, String what, String place, int lines) {
        System.out.printf("%s of version %d, %s: %d lines compared%n", what, version, place, lines);
        FidelityResults.record(FidelityResult.certified(
                new DatabaseVersion("PostgreSQL", Integer.toString(version)),
                new FidelityCase(FidelityKind.STATEMENT, what, place),
                lines));
    }
}
