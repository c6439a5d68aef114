package dev.cdp.capture.postgres.definition;

import dev.cdp.capture.WitnessProgram;
import dev.cdp.testkit.services.TestDatabase;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** PostgreSQL's own opinion on what a database's schema is. */
final class PgDump {
    private static final Pattern OURS = Pattern.compile("-- Name: cdp[_; ]");

    private PgDump() {}

    /** The schema as {@code pg_dump} prints it, without our own. */
    static String schemaOf(TestDatabase database) throws IOException, InterruptedException {
        List<String> command =
                List.of("pg_dump", "--schema-only", "--exclude-schema=cdp", "-h", database.host(), database.name());
        Map<String, String> environment = Map.of(
                "PGPORT", Integer.toString(database.port()),
                "PGUSER", database.user(),
                "PGPASSWORD", database.password());
        return entries(WitnessProgram.output(command, environment));
    }

    /** What is printed, without our event trigger and publication and without the token that is new in each run. */
    private static String entries(String dump) {
        return Arrays.stream(dump.split("(?=\n--\n-- Name: )"))
                .filter(entry -> !OURS.matcher(entry).find() && !entry.contains("EVENT TRIGGER cdp_"))
                .map(entry -> entry.replaceAll("(?m)^\\\\(un)?restrict .*$", ""))
                .collect(Collectors.joining());
    }
}
