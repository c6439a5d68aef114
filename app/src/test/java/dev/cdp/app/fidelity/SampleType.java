package dev.cdp.app.fidelity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A type with values at its edges.
 *
 * @param literals SQL expressions of the values
 */
record SampleType(String type, Array array, List<String> literals) {

    /** Whether a column of the type's arrays stands beside the column of the type. */
    enum Array {
        TRIED,
        NONE
    }

    SampleType {
        literals = List.copyOf(literals);
    }

    boolean hasArray() {
        return array == Array.TRIED;
    }

    /** How many rows it takes to hold every value and NULL once. */
    int rowCount() {
        return literals.size() + 1;
    }

    /** The value that stands in a row; NULL comes behind all others. */
    String value(int row) {
        int index = row % rowCount();
        return cast(index < literals.size() ? literals.get(index) : "NULL");
    }

    /** A value that a key can be: none is NULL or too long for an index. */
    String keyValue(int row) {
        List<String> usable = literals.stream()
                .filter(literal -> !literal.matches("(?s).*(repeat\\(.*, \\d{3,}\\)|SELECT).*"))
                .toList();
        return cast(usable.get(row % usable.size()));
    }

    /** Arrays of the values: of all, of one, without any, of two and three dimensions, with bounds and NULLs. */
    String arrayValue(int row) {
        String first = cast(literals.get(0));
        String last = cast(literals.get(literals.size() - 1));
        List<String> arrays = new ArrayList<>();
        arrays.add("ARRAY[" + literals.stream().map(this::cast).collect(Collectors.joining(", ")) + "]");
        arrays.add("CAST('{}' AS " + type + "[])");
        arrays.add("ARRAY[[" + first + ", NULL], [" + last + ", " + first + "]]");
        arrays.add("array_fill(" + first + ", ARRAY[2], ARRAY[-5])");
        arrays.add("array_fill(" + cast("NULL") + ", ARRAY[1, 2], ARRAY[0, 7])");
        arrays.add("array_fill(" + last + ", ARRAY[2, 1, 2], ARRAY[1, 2, -1])");
        arrays.add("CAST(ARRAY[NULL, " + last + ", NULL] AS " + type + "[])");
        arrays.add("CAST(NULL AS " + type + "[])");
        literals.forEach(literal -> arrays.add("ARRAY[" + cast(literal) + "]"));
        return arrays.get(row % arrays.size());
    }

    /** Those of the values that may stand as the default of a column. */
    List<String> defaults() {
        return type.equals("regrole") // of which the server takes no constant in a definition
                ? List.of()
                : literals.stream()
                        .filter(literal -> !literal.contains("SELECT"))
                        .map(this::cast)
                        .toList();
    }

    private String cast(String literal) {
        return "CAST(" + literal + " AS " + type + ")";
    }
}
