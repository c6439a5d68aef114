package dev.cdp.capture.debezium;

import dev.cdp.core.TableName;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/** The profile that loses least, as measured; every deviation from Debezium's defaults has its reason beside it. */
final class PostgresEngineProperties {

    private PostgresEngineProperties() {}

    static Properties of(PostgresLogSettings settings) {
        Properties engine = new Properties();
        engine.put("name", settings.name());
        engine.put("topic.prefix", settings.name());
        engine.put("connector.class", VerbatimPostgresConnector.class.getName());
        connection(engine, settings);
        position(engine, settings);
        values(engine);
        batches(engine);
        return engine;
    }

    private static void connection(Properties engine, PostgresLogSettings settings) {
        PostgresLogSettings.Server server = settings.server();
        engine.put("database.hostname", server.host());
        engine.put("database.port", Integer.toString(server.port()));
        engine.put("database.dbname", server.database());
        engine.put("database.user", server.user());
        engine.put("database.password", server.password());
        engine.put("database.sslmode", server.sslMode());
        engine.put("database.connection.factory.class", EngineConnections.class.getName());
        engine.put("plugin.name", "pgoutput");
        engine.put("slot.name", settings.slot());
        engine.put("slot.drop.on.stop", "false");
        engine.put("slot.max.retries", "0");
        engine.put("publication.name", settings.publication());
        if (!settings.unreadable().isEmpty()) {
            engine.put("table.exclude.list", patterns(settings.unreadable()));
        }
        engine.put("publication.autocreate.mode", "disabled"); // the default would take every table, keyless ones too
    }

    /** Each name to the letter: the connector takes the list for regular expressions that do not mind case. */
    private static String patterns(Set<TableName> tables) {
        return tables.stream()
                .map(table -> "(?-i)" + literal(table.schema()) + "\\." + literal(table.name()))
                .collect(Collectors.joining(","));
    }

    private static String literal(String name) {
        return name.codePoints().mapToObj("\\x{%x}"::formatted).collect(Collectors.joining());
    }

    private static void position(Properties engine, PostgresLogSettings settings) {
        engine.put("snapshot.mode", "no_data"); // the base snapshot is ours
        engine.put("offset.mismatch.strategy", "no_validation"); // trust_offset moves the slot ahead of the archive
        engine.put("lsn.flush.mode", "connector"); // connector_and_driver acknowledges what was not archived
        engine.put("errors.max.retries", "0"); // a retry inside would skip our checks of the slot and the server
        engine.put("heartbeat.interval.ms", "500"); // without it an idle database flushes nothing
        engine.put("provide.transaction.metadata", "true");
    }

    private static void values(Properties engine) {
        engine.put("converters", "verbatim");
        engine.put("verbatim.type", VerbatimConverter.class.getName());
        engine.put("include.unknown.datatypes", "true");
        engine.put("skipped.operations", "none"); // the default drops TRUNCATE
        engine.put("event.converting.failure.handling.mode", "fail"); // the default writes NULL instead
        engine.put("event.processing.failure.handling.mode", "fail");
        engine.put("schema.refresh.mode", "columns_diff");
        engine.put("tombstones.on.delete", "false");
        engine.put("message.prefix.exclude.list", ".*"); // logical messages repeat or lose rows around them (dbz#2058)
        // What the server prints depends on these; the session's time zone is set by VerbatimPostgresTask.
        engine.put(
                "driver.options",
                "-c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex"
                        + " -c lc_monetary=C -c search_path=pg_catalog"); // names of objects, as regclass prints them
    }

    private static void batches(Properties engine) {
        engine.put("max.batch.size", "4096");
        engine.put("max.queue.size", "16384");
        engine.put("max.queue.size.in.bytes", Integer.toString(32 << 20));
        engine.put("poll.interval.ms", "100");
        engine.put("record.processing.threads", "1");
    }
}
