package dev.cdp.capture.debezium;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/** Debezium's PostgreSQL connector, with values as the server printed them; see {@link VerbatimPostgresTask}. */
@SuppressWarnings("unchecked") // inside Debezium: its connector overrides a generic method by a raw one
public final class VerbatimPostgresConnector extends PostgresConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return VerbatimPostgresTask.class;
    }
}
