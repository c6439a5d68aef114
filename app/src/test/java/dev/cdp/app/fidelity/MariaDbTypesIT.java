package dev.cdp.app.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.fidelity.MariaDbTypes.Type;
import dev.cdp.core.Engine;
import dev.cdp.testkit.fidelity.DatabaseVersion;
import dev.cdp.testkit.fidelity.FidelityCase;
import dev.cdp.testkit.fidelity.FidelityKind;
import dev.cdp.testkit.fidelity.FidelityResult;
import dev.cdp.testkit.fidelity.FidelityResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestMariaDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every type with the values at its edges, on every way through the product; the server itself says what stands in the
 * source and in the restored database, as bytes and as text.
 */
class MariaDbTypesIT {
    private static final int COLUMNS_PER_TABLE = 16;
    private static final int KEYS_BY_DEFAULT = 16;

    /** What happens to a row, as the thousands of its id; the last digits number the value. */
    private enum Place {
        BASE("base"),
        DELETED("deleted"),
        UNCHANGED("base, then updated beside it"),
        CHANGED("base, then updated"),
        REKEYED("base, then the row's key changed"),
        INSERTED("insert"),
        INSERTED_UNCHANGED("insert, then updated beside it"),
        INSERTED_DELETED("insert, then deleted"),
        MOVED("");

        private final String title;

        Place(String title) {
            this.title = title;
        }

        int first() {
            return ordinal() * 1000;
        }
    }

    @TempDir
    private Path folder;

    private TestDatabase database;
    private List<Type> types;

    @Test
    void comesBackAsTheServerSaysItWas() throws Exception {
        takeThroughWithSomeKeys(TestMariaDb.shared());
    }

    @Test
    @Tag("versions")
    void comesBackFromVersion10() throws Exception {
        takeThroughWithSomeKeys(TestMariaDb.oldest());
    }

    private void takeThroughWithSomeKeys(TestMariaDb server) throws Exception {
        long seed = System.nanoTime();
        prepare(server);
        System.out.printf("Some of %d types as keys, seed %d%n", types.size(), seed);
        List<Integer> some = new ArrayList<>(keyable());
        Collections.shuffle(some, new Random(seed));
        takeThroughAndCompare(some.subList(0, KEYS_BY_DEFAULT));
    }

    @Test
    @Tag("soak")
    void comesBackAsKeyOfEveryType() throws Exception {
        prepare(TestMariaDb.shared());
        takeThroughAndCompare(keyable());
    }

    private void prepare(TestMariaDb server) throws SQLException {
        database = server.createDatabase("types");
        types = MariaDbTypes.all(database);
    }

    /** @param keys numbers of types that are taken as keys as well */
    private void takeThroughAndCompare(List<Integer> keys) throws Exception {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                FidelityLab lab = new FidelityLab(folder, Engine.MARIADB, database)) {
            for (int group = 0; group < groups(); group++) {
                create(statement, group);
            }
            for (int i : keys) {
                createKeyed(statement, i);
            }
            connection.setAutoCommit(false);
            for (int group = 0; group < groups(); group++) {
                for (Place place : List.of(Place.BASE, Place.DELETED, Place.UNCHANGED, Place.CHANGED, Place.REKEYED)) {
                    insert(statement, group, place);
                }
            }
            for (int i : keys) {
                insertKeys(statement, i, 0);
            }
            connection.commit();
            lab.start();
            lab.awaitArchived();

            for (int group = 0; group < groups(); group++) {
                change(statement, group);
                connection.commit();
            }
            for (int i : keys) {
                changeKeyed(statement, i);
            }
            connection.commit();
            lab.awaitArchived();

            compare(lab.restore(database), keys);
        }
    }

    private List<Integer> keyable() {
        return IntStream.range(0, types.size())
                .filter(i -> types.get(i).keyPrefix() != null)
                .boxed()
                .toList();
    }

    private int groups() {
        return (types.size() + COLUMNS_PER_TABLE - 1) / COLUMNS_PER_TABLE;
    }

    private List<Type> group(int group) {
        int begin = group * COLUMNS_PER_TABLE;
        return types.subList(begin, Math.min(types.size(), begin + COLUMNS_PER_TABLE));
    }

    private int valueCount(int group) {
        return group(group).stream()
                .mapToInt(type -> type.literals().size())
                .max()
                .orElse(0);
    }

    private void create(Statement statement, int group) throws SQLException {
        StringBuilder sql = new StringBuilder("CREATE TABLE g" + group + " (id int PRIMARY KEY, beside int");
        List<Type> members = group(group);
        for (int i = 0; i < members.size(); i++) {
            sql.append(", c").append(i).append(' ').append(members.get(i).sql());
        }
        statement.execute(sql.append(")").toString());
    }

    private void insert(Statement statement, int group, Place place) throws SQLException {
        for (int value = 0; value < valueCount(group); value++) {
            StringBuilder sql = new StringBuilder("INSERT INTO g" + group + " VALUES (");
            sql.append(place.first() + value).append(", 0");
            for (Type type : group(group)) {
                sql.append(", ").append(type.literal(value));
            }
            statement.execute(sql.append(")").toString());
        }
    }

    private void change(Statement statement, int group) throws SQLException {
        String table = "g" + group;
        insert(statement, group, Place.INSERTED);
        insert(statement, group, Place.INSERTED_UNCHANGED);
        insert(statement, group, Place.INSERTED_DELETED);
        for (Place place : List.of(Place.UNCHANGED, Place.INSERTED_UNCHANGED)) {
            statement.execute("UPDATE " + table + " SET beside = 1 WHERE id DIV 1000 = " + place.ordinal());
        }
        for (Place place : List.of(Place.DELETED, Place.INSERTED_DELETED)) {
            statement.execute("DELETE FROM " + table + " WHERE id DIV 1000 = " + place.ordinal());
        }
        statement.execute("UPDATE " + table + " SET id = id + " + (Place.MOVED.first() - Place.REKEYED.first())
                + " WHERE id DIV 1000 = " + Place.REKEYED.ordinal());
        for (int value = 0; value < valueCount(group); value++) {
            StringBuilder sql = new StringBuilder("UPDATE " + table + " SET beside = 2");
            List<Type> members = group(group);
            for (int i = 0; i < members.size(); i++) {
                sql.append(", c").append(i).append(" = ").append(members.get(i).literal(value + 1));
            }
            statement.execute(sql + " WHERE id = " + (Place.CHANGED.first() + value));
        }
    }

    private void createKeyed(Statement statement, int index) throws SQLException {
        Type type = types.get(index);
        statement.execute("CREATE TABLE k%d (v %s NOT NULL, n int, PRIMARY KEY (v%s))"
                .formatted(index, type.sql().replaceAll(" NULL$", ""), type.keyPrefix()));
    }

    /** Every other value; what the key holds already is left out. */
    private void insertKeys(Statement statement, int index, int first) throws SQLException {
        List<String> literals = types.get(index).literals();
        for (int i = first; i < literals.size(); i += 2) {
            if (!literals.get(i).equals("NULL")) {
                statement.execute("INSERT IGNORE INTO k%d VALUES (%s, %d)".formatted(index, literals.get(i), i));
            }
        }
    }

    private void changeKeyed(Statement statement, int index) throws SQLException {
        Type type = types.get(index);
        if (type.keyPrefix() != null) {
            insertKeys(statement, index, 1);
            statement.execute("UPDATE k" + index + " SET n = n + 100");
            statement.execute("DELETE FROM k" + index + " WHERE n = 100");
            statement.execute(
                    "UPDATE IGNORE k" + index + " SET v = " + type.literals().get(0) + " WHERE n = 101");
        }
    }

    private void compare(TestDatabase restored, List<Integer> keys) throws SQLException {
        Map<FidelityCase, Integer> compared = new LinkedHashMap<>();
        List<String> different = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            Type type = types.get(i);
            String said = said("c" + i % COLUMNS_PER_TABLE, type);
            String sql = "SELECT id, beside, %s FROM g%d".formatted(said, i / COLUMNS_PER_TABLE);
            Map<String, String> was = rows(database, sql);
            note(type, was, rows(restored, sql), different);
            was.keySet().forEach(id -> compared.merge(place(type.sql(), id), 1, Integer::sum));
        }
        for (int i : keys) {
            Type type = types.get(i);
            String sql = "SELECT n, 0, %s FROM k%d".formatted(said("v", type), i);
            Map<String, String> was = rows(database, sql);
            note(type, was, rows(restored, sql), different);
            FidelityCase asKey = new FidelityCase(FidelityKind.TYPE, shown(type.sql()), "key");
            compared.merge(asKey, was.size(), Integer::sum);
        }
        assertThat(different).isEmpty();
        DatabaseVersion version = version();
        compared.forEach((of, count) -> FidelityResults.record(FidelityResult.certified(version, of, count)));
        int all = compared.values().stream().mapToInt(Integer::intValue).sum();
        System.out.printf("%d types, %d values compared%n", types.size(), all);
    }

    private static void note(Type type, Map<String, String> was, Map<String, String> is, List<String> different) {
        Set<String> ids = new TreeSet<>(was.keySet());
        ids.addAll(is.keySet());
        ids.stream()
                .filter(id -> !Objects.equals(was.get(id), is.get(id)))
                .forEach(id ->
                        different.add("%s, row %s: %s became %s".formatted(type.sql(), id, was.get(id), is.get(id))));
    }

    private DatabaseVersion version() throws SQLException {
        String[] numbers =
                String.valueOf(database.queryValue("SELECT VERSION()")).split("[.-]");
        return new DatabaseVersion("MariaDB", numbers[0] + "." + numbers[1]);
    }

    private static FidelityCase place(String type, String id) {
        int number = Integer.parseInt(id) / 1000;
        Place place = number == Place.MOVED.ordinal() ? Place.REKEYED : Place.values()[number];
        return new FidelityCase(FidelityKind.TYPE, shown(type), place.title);
    }

    private static String shown(String type) {
        return type.length() <= 60 ? type : type.substring(0, 30) + " ... " + type.substring(type.length() - 10);
    }

    /** What the server says of a value, in letters that no connection alters. */
    private static String said(String column, Type type) {
        String text = type.isSpatial()
                ? "HEX(ST_AsText(%1$s)), ST_SRID(%1$s)"
                : type.isNumbered() ? "HEX(CAST(%1$s AS CHAR)), CAST(%1$s + 0 AS CHAR)" : "HEX(CAST(%1$s AS CHAR))";
        String real = type.sql().startsWith("float") || type.sql().startsWith("double") ? ", CAST(%1$s AS DOUBLE)" : "";
        return ("CONCAT_WS('|', IFNULL(HEX(%1$s), 'NULL'), " + text + real + ")").formatted(column);
    }

    private static Map<String, String> rows(TestDatabase database, String sql) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.put(row.getString(1), row.getString(2) + " " + row.getString(3));
            }
        }
        return rows;
    }

    /** With every value allowed that the server can store at all. */
    private static Connection connect(TestDatabase database) throws SQLException {
        Connection connection = database.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'");
        }
        return connection;
    }
}
