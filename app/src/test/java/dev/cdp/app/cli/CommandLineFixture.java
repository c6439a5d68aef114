package dev.cdp.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.cdp.core.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/** Runs command lines, at a fixed moment unless told otherwise, and keeps what they print. */
public final class CommandLineFixture {
    static final Instant NOW = Instant.parse("2026-11-21T03:16:42Z");

    private final Clock clock;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CommandLineFixture() {
        this(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private CommandLineFixture(Clock clock) {
        this.clock = clock;
    }

    /** With the machine's clock. */
    public static CommandLineFixture now() {
        return new CommandLineFixture(Clock.systemUTC());
    }

    public int run(String... args) {
        out.reset();
        err.reset();
        return CommandLineRun.run(List.of(args), surroundings());
    }

    Surroundings surroundings() {
        return new Surroundings(
                Map.of(),
                clock,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Surroundings.Screen.NONE);
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    public JsonNode outJson() {
        return json(out);
    }

    /** The error, behind the notes. */
    JsonNode errJson() {
        return json(err);
    }

    /** The last document. */
    private static JsonNode json(ByteArrayOutputStream stream) {
        try (MappingIterator<JsonNode> documents =
                Json.mapper().readerFor(JsonNode.class).readValues(stream.toByteArray())) {
            JsonNode last = MissingNode.getInstance();
            while (documents.hasNextValue()) {
                last = documents.nextValue();
            }
            return last;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
