package dev.cdp.capture.postgres;

import dev.cdp.capture.source.TableScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The schema {@code cdp} in a protected database: the marker, the record of data definition, the publication. Statements
 * are given as text so that they can be shown before they are run.
 */
final class CdpSchema {
    static final String PUBLICATION = "cdp";

    private CdpSchema() {}

    /** Makes the schema and publishes every table in scope that can be protected. */
    static List<String> create(TableScope scope) {
        List<String> statements = new ArrayList<>(script());
        scope.includedPatterns().forEach(pattern -> statements.add(scope(pattern, true)));
        scope.excludedPatterns().forEach(pattern -> statements.add(scope(pattern, false)));
        statements.add("SELECT cdp.publish(oid) FROM pg_catalog.pg_class WHERE cdp.can_protect(oid)");
        return List.copyOf(statements);
    }

    /** Leaves nothing of ours behind, except the slot, which is the daemon's. Nothing fails when it is gone already. */
    static List<String> drop() {
        return List.of(
                "DROP EVENT TRIGGER IF EXISTS cdp_ddl",
                "DROP EVENT TRIGGER IF EXISTS cdp_drop",
                "DROP EVENT TRIGGER IF EXISTS cdp_rewrite",
                "DROP PUBLICATION IF EXISTS cdp",
                "DROP SCHEMA IF EXISTS cdp CASCADE");
    }

    private static String scope(String pattern, boolean included) {
        return "INSERT INTO cdp.scope VALUES ('" + pattern.replace("'", "''") + "', " + included + ")";
    }

    private static List<String> script() {
        try (InputStream resource = CdpSchema.class.getResourceAsStream("cdp-schema.sql")) {
            String text = new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("(?m)^-{8}$")).map(String::strip).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
