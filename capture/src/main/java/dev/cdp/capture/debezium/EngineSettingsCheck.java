package dev.cdp.capture.debezium;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.connect.connector.Connector;

/** Asks a connector what is wrong with its settings, including whether it reaches the database. */
final class EngineSettingsCheck {

    private EngineSettingsCheck() {}

    /** What the connector objects to, empty when nothing. */
    static String faults(Properties properties) {
        Map<String, String> settings = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        try {
            Connector connector = (Connector) Class.forName(settings.get("connector.class"))
                    .getDeclaredConstructor()
                    .newInstance();
            return connector.validate(settings).configValues().stream()
                    .flatMap(value -> value.errorMessages().stream().map(fault -> value.name() + ": " + fault))
                    .collect(Collectors.joining("; "));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("No connector " + settings.get("connector.class"), e);
        }
    }
}
