package dev.cdp.capture.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.LoggedRow;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.capture.postgres.TypeSamples;
import dev.cdp.core.Unchanged;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every value arrives from the log as PostgreSQL itself prints it, whatever its type. */
class PostgresVerbatimIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static TestDatabase database;

    private final List<LogEvent> events = new CopyOnWriteArrayList<>();

    /** A database whose own settings would print everything differently. */
    @BeforeAll
    static void createDatabase() throws SQLException {
        database = TestPostgres.version15().createDatabase("verbatim");
        for (String setting : List.of(
                "timezone TO 'Asia/Kathmandu'",
                "datestyle TO 'German'",
                "intervalstyle TO 'iso_8601'",
                "bytea_output TO 'escape'",
                "extra_float_digits TO -10")) {
            database.execute("ALTER DATABASE " + database.name() + " SET " + setting);
        }
    }

    @Test
    void carriesEveryTypeAsTheServerPrintsIt() throws Exception {
        Map<String, List<String>> types = TypeSamples.all();
        List<String> statements = new ArrayList<>(TypeSamples.PREPARATION);
        int number = 0;
        for (Map.Entry<String, List<String>> type : types.entrySet()) {
            String table = "v" + number++;
            statements.add("CREATE TABLE " + table + " (id int PRIMARY KEY, v " + type.getKey() + ")");
            statements.add("ALTER TABLE " + table + " REPLICA IDENTITY FULL");
        }
        statements.add("CREATE PUBLICATION p_types FOR ALL TABLES");
        statements.add("SELECT pg_create_logical_replication_slot('s_types', 'pgoutput')");
        number = 0;
        int values = 0;
        for (List<String> literals : types.values()) {
            String table = "v" + number++;
            for (int i = 0; i < literals.size(); i++) {
                statements.add("INSERT INTO " + table + " VALUES (" + i + ", " + literals.get(i) + ")");
                values++;
            }
            statements.add("INSERT INTO " + table + " VALUES (-1, NULL)");
            statements.add("DELETE FROM " + table + " WHERE id = 0"); // the before image takes the same way
        }
        statements.add("CREATE TABLE last (id int PRIMARY KEY)");
        Map<String, @Nullable String> printed = new LinkedHashMap<>();
        execute(statements);
        read("s_types", "p_types", "last");

        Map<String, @Nullable Object> logged = logged();
        try (Connection connection =
                        database.connect(); // format('%s') calls the type's output function, a cast to text may not
                Statement statement = connection.createStatement()) {
            statement.execute(TypeSamples.PINNED_SESSION);
            for (int table = 0; table < types.size(); table++) {
                try (ResultSet rows = statement.executeQuery(
                        "SELECT id, CASE WHEN v IS DISTINCT FROM NULL THEN format('%s', v) END FROM v" + table)) {
                    while (rows.next()) {
                        printed.put("v" + table + "/" + rows.getInt(1), rows.getString(2));
                    }
                }
            }
        }
        System.out.printf("%d types, %d values%n", types.size(), values);
        assertThat(values).isGreaterThan(150);
        assertThat(printed.size()).isEqualTo(values); // one row per table was deleted, one NULL added
        printed.forEach((place, text) -> assertThat(logged.get(place))
                .as(
                        "%s %s",
                        List.copyOf(types.keySet()).get(Integer.parseInt(place.substring(1, place.indexOf('/')))),
                        place)
                .isEqualTo(text));
        for (int table = 0; table < types.size(); table++) {
            assertThat(logged.get("v" + table + "/deleted"))
                    .as("before image of %s", List.copyOf(types.keySet()).get(table))
                    .isNotNull()
                    .isEqualTo(logged.get("v" + table + "/0"));
        }
    }

    @Test
    void keepsNullsApartFromDefaultsAndUnchangedValuesApartFromTexts() throws Exception {
        execute(List.of(
                "CREATE TABLE d (id int PRIMARY KEY, a text DEFAULT 'a default', b int DEFAULT 7, c timestamptz DEFAULT now(), "
                        + "big text DEFAULT repeat('x', 10))",
                "ALTER TABLE d ALTER big SET STORAGE EXTERNAL",
                "CREATE PUBLICATION p_nulls FOR TABLE d",
                "SELECT pg_create_logical_replication_slot('s_nulls', 'pgoutput')",
                "INSERT INTO d VALUES (1, NULL, NULL, NULL, repeat('y', 10000))",
                "UPDATE d SET a = 'unchanged' WHERE id = 1",
                "UPDATE d SET id = 2",
                "INSERT INTO d VALUES (100)"));
        read("s_nulls", "p_nulls", null);

        List<LogEvent.Row> rows = events.stream()
                .filter(LogEvent.Row.class::isInstance)
                .map(LogEvent.Row.class::cast)
                .toList();
        assertThat(after(rows.get(0)))
                .containsEntry("a", null)
                .containsEntry("b", null)
                .containsEntry("c", null);
        assertThat(after(rows.get(1))).containsEntry("a", "unchanged").containsEntry("big", Unchanged.UNCHANGED);
        assertThat(rows.get(1).before()).isNull();
        LogEvent.Row keyChange = rows.get(2);
        assertThat(keyChange.operation()).isEqualTo(dev.cdp.core.ChangeEvent.Operation.UPDATE);
        assertThat(Objects.requireNonNull(keyChange.before()).values()[0]).isEqualTo("1");
        assertThat(after(keyChange)).containsEntry("id", "2").containsEntry("big", Unchanged.UNCHANGED);
        assertThat(rows).hasSize(4);
    }

    private void read(String slot, String publication, @Nullable String untilTable) throws Exception {
        PostgresLogSettings settings = new PostgresLogSettings(
                "verbatim",
                new PostgresLogSettings.Server(
                        database.host(),
                        database.port(),
                        database.name(),
                        database.user(),
                        database.password(),
                        "disable"),
                slot,
                publication,
                Set.of(),
                null);
        try (SourceLog reading = EngineLog.start(settings, events::addAll)) {
            if (untilTable != null) {
                execute(List.of("INSERT INTO " + untilTable + " VALUES (1)"));
            }
            await().atMost(PATIENCE)
                    .until(() -> reading.failure().isPresent()
                            || events.stream().anyMatch(event -> ends(event, untilTable)));
            assertThat(reading.failure()).isEmpty();
        } finally {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                execute(List.of("SELECT pg_drop_replication_slot('" + slot + "')", "DROP PUBLICATION " + publication));
                return true;
            });
        }
    }

    private static boolean ends(LogEvent event, @Nullable String table) {
        if (!(event instanceof LogEvent.Row row)) {
            return false;
        }
        return table == null
                ? "100".equals(after(row).get("id"))
                : row.table().name().equals(table);
    }

    private Map<String, @Nullable Object> logged() {
        Map<String, @Nullable Object> logged = new LinkedHashMap<>();
        for (LogEvent event : events) {
            if (event instanceof LogEvent.Row row) {
                LoggedRow image = row.after();
                if (image != null && image.values().length == 2) {
                    logged.put(row.table().name() + "/" + image.values()[0], image.values()[1]);
                } else if (image == null) {
                    logged.put(
                            row.table().name() + "/deleted",
                            Objects.requireNonNull(row.before()).values()[1]);
                }
            }
        }
        return logged;
    }

    private static Map<String, @Nullable Object> after(LogEvent.Row row) {
        LoggedRow image = Objects.requireNonNull(row.after());
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < image.values().length; i++) {
            values.put(image.names().get(i), image.values()[i]);
        }
        return values;
    }

    private static void execute(List<String> statements) throws SQLException {
        database.execute(statements.toArray(String[]::new));
    }
}
