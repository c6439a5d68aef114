package dev.cdp.app.fidelity;

import dev.cdp.app.fidelity.SampleType.Array;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's types with values at their edges, as {@code postgres-types.txt} lists them. */
final class PostgresTypes {
    static final List<String> PREPARATION = List.of(
            "CREATE EXTENSION hstore",
            "CREATE EXTENSION ltree",
            "CREATE EXTENSION citext",
            "CREATE EXTENSION cube",
            "CREATE EXTENSION seg",
            "CREATE EXTENSION isn",
            "CREATE EXTENSION intarray",
            "CREATE SCHEMA elsewhere",
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s, \"fine\"', '', ' ', 'NULL', 'null', 'a,b', '{x}', 'back\\slash',"
                    + " 'żółć 🐘', '(p)', 'sixty-three bytes are the longest that a label of enums can be.')",
            "CREATE TYPE elsewhere.mood AS ENUM ('other', 'ok', 'SAD')",
            "CREATE TYPE pair AS (a int, b text)",
            "CREATE TYPE nested AS (p pair, m mood, list text[], n numeric)",
            "CREATE TYPE shrunk AS (a int, gone text, b timestamptz)",
            "ALTER TYPE shrunk DROP ATTRIBUTE gone",
            "CREATE TABLE shape (w float8, h float8, name text, PRIMARY KEY (name))",
            "CREATE TYPE without_labels AS ENUM ()",
            "CREATE DOMAIN positive AS numeric(10, 2) CHECK (VALUE > 0)",
            "CREATE DOMAIN very_positive AS positive CHECK (VALUE > 1)",
            "CREATE DOMAIN zoned AS timetz",
            "CREATE DOMAIN zoned_twice AS zoned",
            "CREATE DOMAIN flag AS bool",
            "CREATE DOMAIN octets AS bytea",
            "CREATE DOMAIN ratio AS float8",
            "CREATE DOMAIN short_list AS int[] CHECK (cardinality(VALUE) < 4)",
            "CREATE DOMAIN good_mood AS mood CHECK (VALUE <> 'sad')",
            "CREATE DOMAIN named_pair AS pair CHECK ((VALUE).a > 0)",
            "CREATE TYPE floatrange AS RANGE (subtype = float8)",
            "CREATE TYPE textrange AS RANGE (subtype = text, collation = \"C\")",
            "CREATE TYPE elsewhere.timerange AS RANGE (subtype = time)",
            "CREATE TYPE moodrange AS RANGE (subtype = mood)",
            "CREATE TYPE \"Odd.Type \"\"x\"\"\" AS ENUM ('a', 'B')",
            "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2'",
            "CREATE VIEW seen AS SELECT 1 AS one",
            "CREATE SEQUENCE counted",
            "CREATE TEXT SEARCH CONFIGURATION own (COPY = simple)",
            "CREATE COLLATION own_collation FROM \"C\"");

    private static final String NO_ARRAY = "no array of ";

    private PostgresTypes() {}

    /** All that the version has. */
    static List<SampleType> of(int version) {
        List<SampleType> types = new ArrayList<>();
        String header = null;
        List<String> literals = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith(" ")) {
                literals.add(line.strip());
            } else if (!line.startsWith("#")) {
                add(version, header, literals, types);
                header = line;
                literals.clear();
            }
        }
        add(version, header, literals, types);
        return types;
    }

    private static List<String> lines() {
        try (InputStream resource = PostgresTypes.class.getResourceAsStream("postgres-types.txt")) {
            return new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(int version, @Nullable String header, List<String> literals, List<SampleType> types) {
        if (header == null) {
            return;
        }
        Array array = header.startsWith(NO_ARRAY) ? Array.NONE : Array.TRIED;
        String type = header.replace(NO_ARRAY, "");
        if (isThere(version, type)) {
            types.add(new SampleType(
                    plain(type),
                    array,
                    literals.stream()
                            .filter(literal -> isThere(version, literal))
                            .map(PostgresTypes::plain)
                            .toList()));
        }
    }

    private static boolean isThere(int version, String text) {
        return !text.matches("\\d\\d\\+ .*") || version >= Integer.parseInt(text.substring(0, 2));
    }

    private static String plain(String text) {
        return text.replaceFirst("^\\d\\d\\+ ", "");
    }
}
