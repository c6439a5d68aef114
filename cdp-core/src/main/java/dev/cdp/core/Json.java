package dev.cdp.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;

/**
 * How our records stand in JSON, everywhere: snake_case names, RFC 3339 times in UTC, positions as their own text.
 * Unknown fields are ignored when reading, so that older programs read what newer ones wrote.
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModules(new ParameterNamesModule(), new JavaTimeModule(), new Jdk8Module(), positions())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    /** The shared mapper; it must not be reconfigured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write " + value.getClass().getName() + " as JSON", e);
        }
    }

    /** @throws IllegalArgumentException when {@code json} is not a {@code type} */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    private static SimpleModule positions() {
        SimpleModule module = new SimpleModule();
        module.addSerializer(SourcePosition.class, ToStringSerializer.instance);
        module.addDeserializer(SourcePosition.class, new PositionDeserializer());
        return module;
    }

    private static final class PositionDeserializer extends FromStringDeserializer<SourcePosition> {
        private static final long serialVersionUID = 1;

        PositionDeserializer() {
            super(SourcePosition.class);
        }

        @Override
        protected SourcePosition _deserialize(
                String value, com.fasterxml.jackson.databind.DeserializationContext context) {
            return SourcePosition.parse(value);
        }
    }
}
