package dev.cdp.capture.debezium;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Carries every column as an optional string without a default, so that nothing on the way can replace a NULL. Stands
 * for all columns of all tables; Debezium creates it by name.
 */
public final class VerbatimConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    /**
     * Stands for a value that the log leaves out because it did not change. Recognised by identity, so no value of a
     * database can be taken for it.
     */
    @SuppressWarnings("StringOperationCanBeSimplified") // the identity is the point
    static final String UNCHANGED = new String("unchanged");

    /**
     * Stands for a Java object that Debezium made of a text. It makes such objects of columns' defaults, which nobody
     * reads; in a row it is an error.
     */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String PARSED = new String("parsed");

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        registration.register(SchemaBuilder.string().optional(), VerbatimConverter::convert);
    }

    private static @Nullable Object convert(@Nullable Object value) {
        if (value == null || value instanceof String) {
            return value;
        }
        return UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value) ? UNCHANGED : PARSED;
    }
}
