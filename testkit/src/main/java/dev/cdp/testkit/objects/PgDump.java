package dev.cdp.testkit.objects;

import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** PostgreSQL's own opinion on what a database holds; for servers of the version of the program or before it. */
public final class PgDump {
    private static final String PROGRAM = "pg_dump";
    private static final Pattern OURS = Pattern.compile("-- Name: cdp[_; ]");
    private static final String COUNTER = "Type: SEQUENCE SET;";
    private static final Pattern ROWS = Pattern.compile("(?ms)^(COPY .*? FROM stdin;\n)(.*?)(^\\\\\\.$)");

    private PgDump() {}

    /** The schema as {@code pg_dump} prints it, without our own. */
    public static String schemaOf(TestDatabase database) throws IOException, InterruptedException {
        return entries(dump(database, List.of("--schema-only")), entry -> true);
    }

    /**
     * Schema and rows, those of a table sorted, without our own, without where sequences stand, and without what is named
     * as not protected: rows of tables that are not logged, large objects, publications.
     */
    public static String contentOf(TestDatabase database) throws IOException, InterruptedException {
        String dump = dump(database, List.of("--no-unlogged-table-data", "--no-blobs", "--no-publications"));
        return ROWS.matcher(entries(dump, entry -> !entry.contains(COUNTER)))
                .replaceAll(copy -> Matcher.quoteReplacement(copy.group(1) + sorted(copy.group(2)) + copy.group(3)));
    }

    private static String sorted(String lines) {
        return lines.lines().sorted().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static String dump(TestDatabase database, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM, "--exclude-schema=cdp", "-h", database.host()));
        command.addAll(options);
        command.add(database.name());
        Map<String, String> environment = Map.of(
                "PGPORT", Integer.toString(database.port()),
                "PGUSER", database.user(),
                "PGPASSWORD", database.password());
        return WitnessProgram.output(command, environment);
    }

    /** What is printed, without our event trigger and publication and without the token that is new in each run. */
    private static String entries(String dump, Predicate<String> wanted) {
        return Arrays.stream(dump.split("(?=\n--\n-- (?:Data for )?Name: )"))
                .filter(entry -> !OURS.matcher(entry).find() && !entry.contains("EVENT TRIGGER cdp_"))
                .filter(wanted)
                .map(entry -> entry.replaceAll("(?m)^\\\\(un)?restrict .*$", ""))
                .collect(Collectors.joining());
    }
}
