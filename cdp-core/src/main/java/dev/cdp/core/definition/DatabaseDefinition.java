package dev.cdp.core.definition;

import dev.cdp.core.Engine;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All objects of one database at one moment, as statements that make them again in an empty database.
 *
 * <p>Two databases whose objects are the same have equal definitions: nothing here depends on internal ids.
 *
 * <p>The statements of a phase run in order on one connection: in MariaDB those of kind {@code SESSION} set what the
 * following ones need, and give the connection back as it was. In PostgreSQL a statement that names a role raises a
 * warning on the connection, instead of failing, where the role does not exist.
 *
 * @param serverVersion as the server prints it, such as {@code 15.18}
 * @param databaseSettings what CREATE DATABASE has to be told: encoding, collation and the like
 * @param statements in an order that runs on an empty database, phase by phase, on a connection prepared with
 *     {@link DefinitionSession}
 * @param unprotected one sentence for each object or group of rows that a restore will not bring back
 */
public record DatabaseDefinition(
        Engine engine,
        String serverVersion,
        Map<String, String> databaseSettings,
        List<DefinitionStatement> statements,
        List<SequenceValue> sequences,
        List<String> unprotected) {

    public DatabaseDefinition {
        databaseSettings = Collections.unmodifiableMap(new TreeMap<>(databaseSettings));
        statements = List.copyOf(statements);
        sequences = List.copyOf(sequences);
        unprotected = List.copyOf(unprotected);
        for (int i = 1; i < statements.size(); i++) {
            if (statements.get(i).phase().compareTo(statements.get(i - 1).phase()) < 0) {
                throw new IllegalArgumentException("Statements are out of order: "
                        + statements.get(i).phase() + " " + statements.get(i).object() + " after "
                        + statements.get(i - 1).phase());
            }
        }
    }

    /** The statements of one phase, in the order to run them. */
    public List<DefinitionStatement> in(Phase phase) {
        return statements.stream().filter(each -> each.phase() == phase).toList();
    }
}
