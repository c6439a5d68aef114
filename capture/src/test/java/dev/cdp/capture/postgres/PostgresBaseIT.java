package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.log.NotCarried;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.Carrier;
import dev.cdp.core.CdpException;
import dev.cdp.core.SourceId;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies of tables hold what the server prints, as of one position. */
class PostgresBaseIT {
    private TestDatabase database;
    private PostgresSource source;

    @BeforeEach
    void createDatabase() throws SQLException {
        database = TestPostgres.version15().createDatabase("base");
        source = new PostgresSource(
                new SourceId("base"),
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                "cdp_" + database.name(),
                new TableScope(List.of("public.*"), List.of("*.left_out*")));
    }

    @AfterEach
    void uninstall() {
        source.uninstall();
    }

    @Test
    void copiesEveryTypeAsTheServerPrintsIt() throws SQLException {
        List<String> statements = new ArrayList<>(TypeSamples.PREPARATION);
        Map<String, String> tables = new LinkedHashMap<>();
        TypeSamples.all().forEach((type, literals) -> {
            String table = "v" + tables.size();
            tables.put(table, type);
            statements.add("CREATE TABLE " + table + " (id int PRIMARY KEY, v " + type + ")");
            for (int i = 0; i < literals.size(); i++) {
                statements.add("INSERT INTO " + table + " VALUES (" + i + ", " + literals.get(i) + ")");
            }
            statements.add("INSERT INTO " + table + " VALUES (-1, NULL)");
        });
        database.execute(statements.toArray(String[]::new));
        source.install();

        int values = 0;
        try (BaseReading view = source.beginBase(Set.of());
                Connection connection = database.connect()) {
            assertThat(view.tables()).hasSize(tables.size());
            for (TableDescription table : view.tables()) {
                Map<Long, @Nullable String> copied = copied(view, table);
                assertThat(copied)
                        .as("%s %s", tables.get(table.name().name()), table.columns())
                        .isEqualTo(printed(connection, table.name().name()));
                values += copied.size();
            }
        }
        assertThat(values).isGreaterThan(200);
    }

    @Test
    void seesNothingThatWasCommittedAfterItsPosition() throws SQLException {
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "CREATE TABLE left_out (id int PRIMARY KEY)",
                "INSERT INTO t VALUES (1, 'before')");
        source.install();
        try (BaseReading view = source.anchor()) {
            database.execute("INSERT INTO t VALUES (2, 'after')", "UPDATE t SET v = 'changed' WHERE id = 1");

            assertThat(view.tables()).singleElement().satisfies(table -> assertThat(copied(view, table))
                    .isEqualTo(Map.of(1L, "before")));
        }
    }

    @Test
    void givesUpWhenATableWasTruncatedWhileTheSnapshotWasTaken() throws SQLException {
        database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'lost')");
        source.install();
        PostgresConnections connections = new PostgresConnections(new DatabaseAddress(
                database.host(), database.port(), database.name(), database.user(), database.password()));
        ExportedSnapshot snapshot = ExportedSnapshot.ofPassingSlot(connections, new SlotWait(), "passing");
        database.execute("TRUNCATE t");

        assertThatThrownBy(() -> new PostgresBaseReading(connections, snapshot, Set.of()).close())
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("truncated or rewritten while their snapshot was taken: public.t");
    }

    @Test
    void goesOnInItsSnapshotBehindATableThatCannotBeCopied() throws SQLException {
        database.execute(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n");
        source.install();
        try (BaseReading view = source.anchor()) {
            database.execute("INSERT INTO t VALUES (-1, 'after')");
            TableDescription table = view.tables().get(0);
            BaseReading.TableCopy copy = view.copies().get(1);
            ValueNotCarriedException refusal =
                    new ValueNotCarriedException(table.name(), "v", NotCarried.UNKNOWN_FORM, "the row id = 1");

            assertThatThrownBy(() -> copy.read(table, values -> {
                        throw refusal;
                    }))
                    .isSameAs(refusal);

            long[] rowCount = new long[1];
            copy.read(table, values -> rowCount[0]++);
            assertThat(rowCount[0]).isEqualTo(20_000);
        }
    }

    private static Map<Long, @Nullable String> copied(BaseReading view, TableDescription table) {
        Map<Long, @Nullable String> rows = new TreeMap<>();
        Carrier carrier = table.column("v").orElseThrow().carrier();
        view.copies().get(1).read(table, values -> rows.put((Long) values[0], printed(carrier, values[1])));
        return rows;
    }

    private static @Nullable String printed(Carrier carrier, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        assertThat(value).isInstanceOf(carrier.javaType());
        return switch (carrier) {
            case BOOLEAN -> (Boolean) value ? "t" : "f";
            case BYTES -> "\\x" + HexFormat.of().formatHex((byte[]) value);
            case FLOAT32, FLOAT64 -> "number " + Double.doubleToLongBits(((Number) value).doubleValue());
            case INT64, TEXT -> value.toString();
        };
    }

    private static Map<Long, @Nullable String> printed(Connection connection, String table) throws SQLException {
        Map<Long, @Nullable String> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute(TypeSamples.PINNED_SESSION);
            try (ResultSet row = statement.executeQuery(
                    "SELECT id, CASE WHEN v IS DISTINCT FROM NULL THEN format('%s', v) END, pg_typeof(v)::text FROM "
                            + table)) {
                while (row.next()) {
                    String text = row.getString(2);
                    rows.put(row.getLong(1), text == null ? null : comparable(row.getString(3), text));
                }
            }
        }
        return rows;
    }

    // A float travels as its bits; two spellings of the same bits are the same value.
    private static String comparable(String type, String text) {
        return switch (type) {
            case "real" -> "number " + Double.doubleToLongBits(Float.parseFloat(text));
            case "double precision" -> "number " + Double.doubleToLongBits(Double.parseDouble(text));
            default -> text;
        };
    }
}
