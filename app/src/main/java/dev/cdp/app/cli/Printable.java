package dev.cdp.app.cli;

/** Makes foreign text harmless for a terminal: row values and names are written by whoever uses the application. */
final class Printable {
    private Printable() {}

    /** Without any control character, bidirectional override or line separator; each becomes {@code ?}. */
    static String text(String text) {
        return filtered(text, "");
    }

    /** Like {@link #text}, but our own line breaks and colours stay. */
    static String line(String text) {
        return filtered(text, "\n\t");
    }

    private static String filtered(String text, String allowed) {
        StringBuilder safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int colour = allowed.isEmpty() ? 0 : ourColour(text, i);
            if (colour > 0) {
                safe.append(text, i, i + colour);
                i += colour - 1;
            } else {
                safe.append(allowed.indexOf(c) >= 0 || !isDangerous(c) ? c : '?');
            }
        }
        return safe.toString();
    }

    /** Length of one of the sequences that {@link Console} writes itself, 0 otherwise. They can do no harm. */
    private static int ourColour(String text, int at) {
        for (String colour : new String[] {"\u001b[31m", "\u001b[32m", "\u001b[0m"}) {
            if (text.startsWith(colour, at)) {
                return colour.length();
            }
        }
        return 0;
    }

    private static boolean isDangerous(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
