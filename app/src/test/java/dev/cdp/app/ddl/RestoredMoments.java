package dev.cdp.app.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.restore.RestoreBeside;
import dev.cdp.core.Engine;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.plan.DefinitionMismatchException;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;

/**
 * Moments that are restored into databases of their own, and compared with what was seen there. One may be refused when
 * a table did not stay long enough for its definition to be read.
 */
final class RestoredMoments {
    private static final int TRIED_FOR_EACH = 10;

    /** Looks into a restored database. */
    @FunctionalInterface
    interface Eyes {
        Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope scope) throws SQLException;
    }

    private final ProtectedDatabase source;
    private final Engine engine;
    private final TestDatabase database;
    private final List<Witness> witnesses;
    private final Function<TableName, OptionalInt> cases;
    private final Eyes eyes;
    private final ArchiveState state;
    private int restored;
    private int refused;

    /** @param database the one that was protected; @param witnesses in the order of commits */
    RestoredMoments(
            ProtectedDatabase source,
            Engine engine,
            TestDatabase database,
            List<Witness> witnesses,
            Function<TableName, OptionalInt> cases,
            Eyes eyes) {
        this.source = source;
        this.engine = engine;
        this.database = database;
        this.witnesses = List.copyOf(witnesses);
        this.cases = cases;
        this.eyes = eyes;
        this.state = source.state();
    }

    /** The newest moment, which is never refused. */
    void compareLatest(Map<TableName, TableState> now, Witness.Scope scope) throws SQLException {
        TestDatabase latest = restore(new RestorePoint.Latest(), database.name() + "_latest");
        compare("latest", now, eyes.lookInto(latest, scope));
    }

    /** Some moments, by the number of the transaction before them. */
    void compareSome(Map<Long, Witness> moments, int most, Random random) throws SQLException {
        List<Long> shuffled = new ArrayList<>(moments.keySet());
        Collections.shuffle(shuffled, random);
        for (long moment : shuffled.subList(0, Math.min(shuffled.size(), TRIED_FOR_EACH * most))) {
            if (restored < most) {
                compare(moment, moments.get(moment));
            }
        }
        System.out.println("Restored " + restored + " moments of " + moments.size() + ", refused " + refused);
    }

    private void compare(long moment, Witness witness) throws SQLException {
        try {
            TestDatabase found = restore(
                    new RestorePoint.AtTransaction(
                            RestorePoint.Side.AFTER, new TransactionId(ProtectedDatabase.SOURCE, moment)),
                    database.name() + "_at_" + moment);
            restored++;
            compare(
                    "behind " + moment + " (" + witness.nativeId() + ", case " + witness.caseNumber() + ")",
                    witness.tables(),
                    eyes.lookInto(found, witness.scope()));
        } catch (DefinitionMismatchException e) {
            refused++;
            assertThat(isDefinedAnew(e.table(), moment, witness))
                    .as("behind " + moment + " it was refused, and the table stayed as it was: " + e.getMessage())
                    .isTrue();
        }
    }

    private TestDatabase restore(RestorePoint point, String into) {
        try (ObjectStore archive = ArchiveAccess.file(source.archive()).open()) {
            return new RestoreBeside(
                            ProtectedDatabase.SOURCE,
                            engine,
                            archive,
                            source.scratch().resolve("restore"))
                    .restore(database.name(), database, point, into);
        }
    }

    private static void compare(String when, Map<TableName, TableState> seen, Map<TableName, TableState> found) {
        seen.forEach((name, table) -> {
            if (table.standing() == TableState.Standing.PROTECTED) {
                assertThat(found.get(name)).as(name + " restored " + when).isEqualTo(table);
            }
        });
    }

    private boolean isDefinedAnew(TableName table, long moment, Witness witness) {
        int number = cases.apply(table).orElseThrow();
        List<String> columns = TableFiles.schemas(state, moment).stream()
                .filter(schema -> schema.name().equals(table))
                .findFirst()
                .map(RestoredMoments::columns)
                .orElseThrow();
        return witnesses.subList(witnesses.indexOf(witness) + 1, witnesses.size()).stream()
                .filter(later -> later.scope().covers(number))
                .map(later -> later.tables().get(table))
                .anyMatch(later -> later == null
                        || later.standing() != TableState.Standing.LOCKED
                                && !later.columns().equals(columns));
    }

    private static List<String> columns(TableSchema schema) {
        return schema.columns().stream()
                .map(column -> column.name() + " " + column.sourceType())
                .toList();
    }
}
