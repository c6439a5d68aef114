package dev.cdp.app.fidelity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tables of some types and what is done with them: one whose rows take the types through every kind of change, one
 * that has them as its key, and one without a key, whose rows are known by all their values. Each type has a column,
 * and one for its arrays.
 */
final class PostgresTypeTables {
    private static final int ROWS_OF_A_PLACE = 1000;
    /** Rows of the first table by the thousand. */
    private static final List<String> PLACES = List.of(
            "base",
            "base, other column updated",
            "base, updated",
            "base, deleted",
            "base, key changed",
            "insert",
            "insert, other column updated",
            "insert, updated",
            "insert, deleted",
            "insert, key and value changed");

    private static final int FIRST_INSERTED = 5;

    private final List<SampleType> samples;
    private final Set<SampleType> keys;
    private final int number;

    /** @param keys those of the types that can be keys */
    PostgresTypeTables(List<SampleType> samples, Set<SampleType> keys, int number) {
        this.samples = List.copyOf(samples);
        this.keys = Set.copyOf(keys);
        this.number = number;
    }

    List<SampleType> samples() {
        return samples;
    }

    List<String> tables() {
        return keys.isEmpty() ? List.of(changed(), withoutKey()) : List.of(changed(), withoutKey(), asKey());
    }

    private String changed() {
        return "changed_" + number;
    }

    private String asKey() {
        return "keyed_" + number;
    }

    private String withoutKey() {
        return "keyless_" + number;
    }

    /** The type that a column is there for; empty for columns of the tables' own. */
    String typeOf(String column) {
        return column.matches("[vad]\\d+(_\\d+)?")
                ? samples.get(Integer.parseInt(column.substring(1).replaceFirst("_.*", "")))
                        .type()
                : "";
    }

    private int rowCount() {
        return samples.stream().mapToInt(SampleType::rowCount).max().orElseThrow();
    }

    /** How many values of a type are compared at each place. */
    Map<String, Integer> places(SampleType sample) {
        int values = rowCount() * (sample.hasArray() ? 2 : 1);
        Map<String, Integer> places = new LinkedHashMap<>();
        PLACES.forEach(place -> places.put(place, values));
        places.put("no key", 2 * values);
        if (!sample.defaults().isEmpty()) {
            places.put("default of an added column", sample.defaults().size());
        }
        if (keys.contains(sample)) {
            places.put("key", rowCount());
        }
        return places;
    }

    /** The tables, and values to fill them with in a table of the session's own. */
    List<String> create() {
        String columns = columns("v%d %s", "a%d %s[]");
        List<String> statements = new ArrayList<>();
        statements.add("CREATE TEMP TABLE " + source() + " AS SELECT * FROM (VALUES " + rows() + ") x (i, "
                + columns("v%d", "a%d") + ", " + keyColumns("k%d") + ")");
        statements.add("CREATE TABLE " + changed() + " (id int PRIMARY KEY, note int, " + columns + ")");
        statements.add("CREATE TABLE " + withoutKey() + " (note int, " + columns + ")");
        statements.add("ALTER TABLE " + withoutKey() + " REPLICA IDENTITY FULL");
        if (!keys.isEmpty()) {
            statements.add("CREATE TABLE " + asKey() + " (" + keyColumns("v%d %s") + ", note int, PRIMARY KEY ("
                    + keyColumns("v%d") + "))");
        }
        return statements;
    }

    private String source() {
        return "values_" + number;
    }

    private String columns(String ofType, String ofArrays) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            columns.add(ofType.formatted(i, samples.get(i).type()));
            if (samples.get(i).hasArray()) {
                columns.add(ofArrays.formatted(i, samples.get(i).type()));
            }
        }
        return String.join(", ", columns);
    }

    private String keyColumns(String form) {
        String columns = IntStream.range(0, samples.size())
                .filter(i -> keys.contains(samples.get(i)))
                .mapToObj(i -> form.formatted(i, samples.get(i).type()))
                .collect(Collectors.joining(", "));
        return columns.isEmpty() ? form.formatted(0, "int") : columns;
    }

    private String rows() {
        List<String> rows = new ArrayList<>();
        for (int row = 0; row < rowCount(); row++) {
            List<String> values = new ArrayList<>(List.of(Integer.toString(row)));
            List<String> keyValues = new ArrayList<>();
            for (SampleType sample : samples) {
                values.add(sample.value(row));
                if (sample.hasArray()) {
                    values.add(sample.arrayValue(row));
                }
                if (keys.contains(sample)) {
                    keyValues.add(sample.keyValue(row));
                }
            }
            values.addAll(keyValues.isEmpty() ? List.of("0") : keyValues);
            rows.add("(" + String.join(", ", values) + ")");
        }
        return String.join(", ", rows);
    }

    /** Before the base. */
    List<String> fill() {
        List<String> statements = new ArrayList<>();
        IntStream.range(0, FIRST_INSERTED).forEach(place -> statements.add(insert(place)));
        for (int copy = 0; copy < 2; copy++) {
            statements.add("INSERT INTO " + withoutKey() + " SELECT 0, " + values() + " FROM " + source());
        }
        if (!keys.isEmpty()) {
            statements.add(insertKeys("i % 2 = 0", 0));
        }
        return statements;
    }

    /** While it is captured; each statement is a transaction. */
    List<String> change() {
        List<String> statements = new ArrayList<>();
        IntStream.range(FIRST_INSERTED, PLACES.size()).forEach(place -> statements.add(insert(place)));
        String update = "UPDATE " + changed() + " SET ";
        String others = columns("v%1$d = x.v%1$d", "a%1$d = x.a%1$d") + " FROM " + source() + " x";
        statements.add(update + "note = 1" + in(1, 6));
        statements.add(update + others + in(2, 7) + nextValue());
        statements.add("DELETE FROM " + changed() + in(3, 8));
        statements.add(update + "id = id + 100000" + in(4));
        statements.add(update + "id = id + 100000, " + others + in(9) + nextValue());
        statements.add("INSERT INTO " + withoutKey() + " SELECT 1, " + values() + " FROM " + source());
        statements.add("UPDATE " + withoutKey() + " SET note = 2 WHERE note = 1");
        statements.add("DELETE FROM " + withoutKey() + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + withoutKey()
                + " WHERE note = 0 LIMIT " + rowCount() + "))");
        if (!keys.isEmpty()) {
            statements.addAll(changeKeys());
        }
        return statements;
    }

    private String values() {
        return columns("v%d", "a%d");
    }

    private String insert(int place) {
        return "INSERT INTO " + changed() + " (id, note, " + values() + ") SELECT " + ROWS_OF_A_PLACE * place
                + " + i, 0, " + values() + " FROM " + source();
    }

    private static String in(int... places) {
        return IntStream.of(places)
                .mapToObj(place -> "id / " + ROWS_OF_A_PLACE + " = " + place)
                .collect(Collectors.joining(" OR ", " WHERE (", ")"));
    }

    private String nextValue() {
        return " AND x.i = (id %% %d + 1) %% %d".formatted(ROWS_OF_A_PLACE, rowCount());
    }

    private String insertKeys(String which, int noteFrom) {
        return "INSERT INTO " + asKey() + " SELECT " + keyColumns("k%d") + ", i + " + noteFrom + " FROM " + source()
                + " WHERE " + which + " ON CONFLICT DO NOTHING";
    }

    /** The first row goes, and another one takes its key; the last one goes and comes back. */
    private List<String> changeKeys() {
        String table = asKey();
        String last = "(SELECT max(note) FROM " + table + ")";
        return List.of(
                insertKeys("i % 2 = 1", 0),
                "UPDATE " + table + " SET note = note + 100",
                "DELETE FROM " + table + " WHERE note = 100",
                "UPDATE " + table + " SET note = note + 1000, " + keyColumns("v%1$d = x.k%1$d") + " FROM " + source()
                        + " x WHERE x.i = 0 AND note = " + last,
                "UPDATE " + table + " SET note = note + 1 WHERE note = " + last,
                insertKeys("true", 5000),
                "DELETE FROM " + table + " WHERE note = " + last,
                insertKeys("true", 7000));
    }

    /** Columns that stand in older rows by their default alone. */
    List<String> addColumns() {
        List<String> added = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            List<String> defaults = samples.get(i).defaults();
            for (int k = 0; k < defaults.size(); k++) {
                added.add("ADD COLUMN d%d_%d %s DEFAULT %s"
                        .formatted(i, k, samples.get(i).type(), defaults.get(k)));
            }
        }
        return List.of("ALTER TABLE " + changed() + " " + String.join(", ", added));
    }
}
