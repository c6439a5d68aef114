package dev.cdp.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills {@code ${env:NAME}}, {@code ${env:NAME:-default}} and {@code ${file:PATH}} into one parsed value; {@code $${}
 * stands for a literal {@code ${}. Working on values and not on the file's text, it lets no secret change the
 * document, whatever characters it holds.
 */
final class Interpolation {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)\\}?");

    private final Map<String, String> environment;
    private final Path folder;

    /** @param folder where relative paths start */
    Interpolation(Map<String, String> environment, Path folder) {
        this.environment = environment;
        this.folder = folder;
    }

    /** Whether some of {@code text} comes from elsewhere. */
    static boolean hasReference(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                return true;
            }
        }
        return false;
    }

    /** @throws IllegalArgumentException naming the reference that cannot be filled in */
    String apply(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String filled = matcher.group(1) == null ? "${" : resolve(matcher.group(), matcher.group(1));
            matcher.appendReplacement(result, Matcher.quoteReplacement(filled));
        }
        return matcher.appendTail(result).toString();
    }

    private String resolve(String whole, String reference) {
        if (!whole.endsWith("}")) {
            throw new IllegalArgumentException("\"" + whole + "\" is not closed by \"}\"");
        }
        if (reference.startsWith("env:")) {
            return environmentValue(reference.substring(4));
        }
        if (reference.startsWith("file:")) {
            return content(reference.substring(5));
        }
        throw new IllegalArgumentException(
                "\"" + whole + "\" is neither ${env:NAME} nor ${file:PATH}; write $${ for a literal ${");
    }

    private String environmentValue(String reference) {
        int dash = reference.indexOf(":-");
        String name = dash < 0 ? reference : reference.substring(0, dash);
        String value = environment.get(name);
        if (value != null && !value.isEmpty()) {
            return value;
        }
        if (dash < 0) {
            throw new IllegalArgumentException("the environment variable " + name + " is not set");
        }
        return reference.substring(dash + 2);
    }

    private String content(String path) {
        Path file = folder.resolve(path);
        try {
            return Files.readString(file).replaceFirst("[\\r\\n]+$", "");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}
