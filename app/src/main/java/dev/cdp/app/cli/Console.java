package dev.cdp.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cdp.core.Json;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;

/**
 * How a command speaks: its answer goes to stdout once, in the form asked for; progress and warnings go to stderr.
 * Whatever is printed has control characters removed, because row values may hold them.
 */
public final class Console {

    /** What stdout carries. */
    public enum Form {
        TEXT,
        /** One record per line. */
        PLAIN,
        /** One document. */
        JSON
    }

    /** Whether words are coloured as well. */
    public enum Palette {
        COLOUR,
        NONE
    }

    private final Surroundings surroundings;
    private final Form form;
    private final Palette palette;

    Console(Surroundings surroundings, Form form, Palette palette) {
        this.surroundings = surroundings;
        this.form = form;
        this.palette = palette;
    }

    Form form() {
        return form;
    }

    Clock clock() {
        return surroundings.clock();
    }

    Instant now() {
        return surroundings.clock().instant();
    }

    boolean hasTerminal() {
        return surroundings.screen() == Surroundings.Screen.TERMINAL;
    }

    /** A document of the given schema, such as {@code cdp.status/v1}, to be filled in. */
    static ObjectNode document(String schema) {
        return Json.mapper().createObjectNode().put("schema", schema);
    }

    /** Answers: the document when JSON was asked for, else what {@code text} prints. */
    void answer(ObjectNode document, Runnable text) {
        if (form == Form.JSON) {
            surroundings.out().println(pretty(document));
        } else {
            text.run();
        }
    }

    /** A line of the answer. */
    void line(String text) {
        surroundings.out().println(Printable.line(text));
    }

    void table(TextTable table) {
        PrintStream out = surroundings.out();
        (form == Form.PLAIN ? table.plainLines() : table.lines()).forEach(out::println);
    }

    /** A word that carries a verdict; the colour only repeats it. */
    String good(String word) {
        return coloured("32", word);
    }

    String bad(String word) {
        return coloured("31", word);
    }

    private String coloured(String code, String word) {
        return palette == Palette.COLOUR ? "\u001b[" + code + "m" + word + "\u001b[0m" : word;
    }

    void warning(String text) {
        note("warning " + text);
    }

    /** A line beside the answer. */
    void note(String text) {
        if (form == Form.JSON) {
            surroundings.err().println(Json.write(document("cdp.note/v1").put("message", Printable.text(text))));
        } else {
            surroundings.err().println(Printable.line(text));
        }
    }

    Progress progress() {
        return new Progress(surroundings, form);
    }

    private static String pretty(ObjectNode document) {
        try {
            return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot print a JSON document", e);
        }
    }
}
