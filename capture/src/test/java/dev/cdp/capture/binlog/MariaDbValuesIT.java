package dev.cdp.capture.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.source.BaseReading;
import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.Carrier;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every type with the values at its edges: what the log gives, what a copy gives and what the server prints are the
 * same, and written back they are the same values again.
 */
class MariaDbValuesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TestDatabase database;
    private BinlogSource source;
    private final List<LogEvent> events = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void prepare() throws SQLException {
        database = TestMariaDb.shared().createDatabase("values");
        source = BinlogSource.mariaDb(
                new SourceId(database.name().replace('_', '-')),
                new DatabaseAddress(
                        database.host(), database.port(), database.name(), database.user(), database.password()),
                TableScope.ALL);
        source.install();
    }

    @AfterEach
    void remove() {
        source.uninstall();
    }

    @Test
    void theLogAndACopyGiveWhatTheServerPrintsAndTakesBack() throws Exception {
        List<MariaDbTypeSamples.Sample> samples = MariaDbTypeSamples.ALL;
        createTables(samples);
        SourcePosition start;
        List<TableDescription> known;
        try (BaseReading before = source.beginBase(Set.of())) {
            start = before.position();
            known = before.tables();
        }

        Map<String, Map<Long, @Nullable Object>> copied = new HashMap<>();
        try (SourceLog log = source.read(start, known, events::addAll)) {
            insertValues(samples);
            source.writeMarker("written", "round", Instant.EPOCH);
            await().atMost(PATIENCE).until(() -> log.failure().isPresent() || sawMarker());
            assertThat(log.failure()).isEmpty();
        }
        try (BaseReading copy = source.beginBase(Set.of())) {
            for (TableDescription table : copy.tables()) {
                Map<Long, @Nullable Object> rows = new TreeMap<>();
                copy.copies().get(0).read(table, values -> rows.put((Long) values[0], values[1]));
                copied.put(table.nativeId(), rows);
            }
        }

        int values = 0;
        for (int i = 0; i < samples.size(); i++) {
            Map<Long, @Nullable Object> rows = copied.get("t" + i);
            assertThat(rows)
                    .as(samples.get(i).type())
                    .hasSize(samples.get(i).literals().size());
            assertThat(printed(logged("t" + i)))
                    .as("%s in the log", samples.get(i).type())
                    .isEqualTo(printed(rows));
            judge(
                    samples.get(i),
                    "t" + i,
                    known.stream().filter(named("t" + i)).findFirst().orElseThrow(),
                    rows);
            values += rows.size();
        }
        System.out.printf("%d types, %d values%n", samples.size(), values);
    }

    private static java.util.function.Predicate<TableDescription> named(String name) {
        return table -> table.nativeId().equals(name);
    }

    /** The server prints the value like this, and writing it back makes the very same one. */
    private void judge(
            MariaDbTypeSamples.Sample sample,
            String table,
            TableDescription described,
            Map<Long, @Nullable Object> rows)
            throws SQLException {
        ColumnDescription column = described.columns().get(1);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            if (column.carrier() == Carrier.TEXT && !sample.type().contains("zerofill")) {
                Map<Long, @Nullable Object> server = new TreeMap<>();
                try (ResultSet row = statement.executeQuery("SELECT id, CAST(v AS CHAR) FROM " + table)) {
                    while (row.next()) {
                        server.put(row.getLong(1), row.getString(2));
                    }
                }
                assertThat(rows).as("%s as printed", sample.type()).isEqualTo(server);
            }
            statement.execute("CREATE TABLE back LIKE " + table);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO back VALUES (?, ?)")) {
                for (Map.Entry<Long, @Nullable Object> row : rows.entrySet()) {
                    insert.setLong(1, row.getKey());
                    insert.setObject(2, row.getValue());
                    insert.executeUpdate();
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT COUNT(*), SUM(a.v <=> b.v), SUM(HEX(a.v) <=> HEX(b.v))"
                    + " FROM " + table + " a JOIN back b USING (id)")) {
                row.next();
                assertThat(List.of(row.getInt(1), row.getInt(2), row.getInt(3)))
                        .as("%s written back: rows, equal, same bytes", sample.type())
                        .containsOnly(rows.size());
            }
            statement.execute("DROP TABLE back");
        }
    }

    private Map<Long, @Nullable Object> logged(String table) {
        Map<Long, @Nullable Object> rows = new TreeMap<>();
        for (LogEvent event : List.copyOf(events)) {
            if (event instanceof LogEvent.Row row && row.table().name().equals(table)) {
                LoggedRow after = Objects.requireNonNull(row.after());
                rows.put((Long) after.values()[0], after.values()[1]);
            }
        }
        return rows;
    }

    /** Bytes as text, so that they compare; everything else with its class. */
    private static Map<Long, String> printed(Map<Long, @Nullable Object> rows) {
        Map<Long, String> printed = new TreeMap<>();
        rows.forEach((id, value) -> printed.put(
                id,
                value instanceof byte[] bytes
                        ? java.util.HexFormat.of().formatHex(bytes)
                        : value == null ? "NULL" : value.getClass().getSimpleName() + " " + value));
        return printed;
    }

    private boolean sawMarker() {
        return List.copyOf(events).stream().anyMatch(LogEvent.MarkerSeen.class::isInstance);
    }

    private void createTables(List<MariaDbTypeSamples.Sample> samples) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < samples.size(); i++) {
                statement.execute("CREATE TABLE t%d (id bigint PRIMARY KEY, v %s)"
                        .formatted(i, samples.get(i).type()));
            }
        }
    }

    private void insertValues(List<MariaDbTypeSamples.Sample> samples) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < samples.size(); i++) {
                int row = 0;
                for (String literal : samples.get(i).literals()) {
                    statement.execute("INSERT INTO t%d VALUES (%d, %s)".formatted(i, ++row, literal));
                }
            }
        }
    }

    /** With every value allowed that the server can store at all. */
    private Connection connect() throws SQLException {
        Connection connection = database.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+00:00', sql_mode = ''");
        }
        return connection;
    }
}
