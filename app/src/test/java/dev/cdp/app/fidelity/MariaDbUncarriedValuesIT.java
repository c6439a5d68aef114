package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.CaptureStatus;
import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.TransactionId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.LedgerEntry;
import dev.cdp.restore.GapPolicy;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A value that cannot be carried makes a gap of its table alone, and the gap ends when the value has gone. */
class MariaDbUncarriedValuesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(300);

    @TempDir
    private Path folder;

    private TestDatabase database;
    private FidelityLab lab;

    @Test
    void refuseTheirTableAloneUntilTheyAreMended() throws Exception {
        database = TestMariaDb.shared().createDatabase("uncarried");
        execute(
                "CREATE TABLE good (id int PRIMARY KEY, v varchar(20))",
                "CREATE TABLE in_base (id int PRIMARY KEY, v varchar(20) CHARACTER SET ucs2)",
                "CREATE TABLE in_log (id int, e enum('', 'a'), v int, PRIMARY KEY (id, v))",
                "INSERT INTO good VALUES (1, 'good')",
                "INSERT INTO in_base VALUES (6, 'fine'), (7, _ucs2 X'D800')",
                "INSERT INTO in_log VALUES (1, 'a', 1), (2, '', 2)");
        try (FidelityLab opened = new FidelityLab(folder, Engine.MARIADB, database)) {
            lab = opened;
            lab.start();
            inTheFirstBase();
            inTheLog();
        }
    }

    private void inTheFirstBase() throws Exception {
        ArchiveState state = lab.awaitArchived();

        assertThat(state.gaps()).singleElement().satisfies(gap -> {
            assertThat(tables(gap)).containsExactly("in_base");
            assertThat(gap.reason()).contains("column 'v' in the row id = 7", "no text", "VARBINARY");
        });
        // the base is tried again after growing pauses
        await("the status")
                .atMost(PATIENCE)
                .until(() -> lab.status().reason().contains("in_base")
                        && lab.status().state() == CaptureStatus.State.STREAMING);
        assertThat(lab.status().next()).contains("mend them");
        refused(new RestorePoint.Latest(), "in_base");
        TestDatabase without = lab.restore(database, new RestorePoint.Latest(), GapPolicy.ALLOW, ExitCode.PARTIAL);
        assertSame(without, "good", "in_log");
        assertThat(MariaDbComparison.rows(without, "in_base")).isEmpty();

        execute("UPDATE in_base SET v = 'mended' WHERE id = 7", "INSERT INTO in_base VALUES (8, 'later')");
        state = lab.awaitBases();

        // one more where a base was already expected when the value was mended: it might have shown the table before
        // that
        assertThat(state.bases()).hasSizeBetween(2, 3);
        assertThat(state.bases().stream().skip(1)).allSatisfy(base -> assertThat(base.tables())
                .singleElement()
                .satisfies(table -> assertThat(table.schema().name().name()).isEqualTo("in_base")));
        assertSame(lab.restore(database), "good", "in_base", "in_log");
        await("a good status")
                .atMost(PATIENCE)
                .until(() -> lab.status().reason().isEmpty());
    }

    private void inTheLog() throws Exception {
        long before = lab.awaitArchived().watermark().orElseThrow().seq();
        List<String> wasInLog = MariaDbComparison.rows(database, "in_log");
        execute(
                "BEGIN",
                "INSERT INTO good VALUES (2, 'the same transaction')",
                "INSERT INTO in_log VALUES (3, 'a', 3)",
                "INSERT INTO in_log VALUES (4, 'no label', 4)",
                "COMMIT",
                "UPDATE in_log SET e = 'again no label' WHERE id < 3",
                "INSERT INTO good VALUES (3, 'later')");
        ArchiveState state = lab.awaitArchived();

        assertThat(state.gaps()).anySatisfy(gap -> {
            assertThat(tables(gap)).containsExactly("in_log");
            assertThat(gap.reason()).contains("column 'e' in the row id = 4, v = 4", "column = 0");
        });
        SourceId source = state.source();
        assertSame(
                lab.restore(
                        database,
                        new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(source, before))),
                "in_base");
        refused(new RestorePoint.Latest(), "in_log");
        TestDatabase held = lab.restore(database, new RestorePoint.Latest(), GapPolicy.ALLOW, ExitCode.PARTIAL);
        assertSame(held, "good", "in_base");
        assertThat(MariaDbComparison.rows(held, "in_log")).isEqualTo(wasInLog);

        execute("ALTER TABLE in_log DROP COLUMN e", "INSERT INTO in_log VALUES (9, 9)");
        lab.awaitBases();

        assertSame(lab.restore(database), "good", "in_base", "in_log");
    }

    private static List<String> tables(LedgerEntry.Gap gap) {
        return gap.tables().stream().map(table -> table.name()).toList();
    }

    private void refused(RestorePoint point, String table) {
        assertThatThrownBy(() -> lab.restore(database, point))
                .isInstanceOfSatisfying(
                        CdpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESTORE_POINT_IN_GAP))
                .hasMessageContaining(table)
                .hasMessageContaining("cannot be carried exactly");
    }

    private void assertSame(TestDatabase restored, String... tables) throws SQLException {
        for (String table : tables) {
            assertThat(MariaDbComparison.rows(restored, table))
                    .as(table)
                    .isEqualTo(MariaDbComparison.rows(database, table));
        }
    }

    /** In a session that stores what a strict one refuses. */
    private void execute(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET sql_mode = ''");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
