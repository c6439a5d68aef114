package dev.cdp.app.ddl;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Every statement of one seed, as it was sent, with the reason of those that failed. */
final class FuzzLog {
    private static final int LONGEST = 400;

    private final List<String> lines = new ArrayList<>();
    private final TreeMap<String, Integer> done = new TreeMap<>();
    private int failed;

    void done(String session, String sql) {
        lines.add(session + ": " + shortened(sql) + ";");
        done.merge(kind(sql), 1, Integer::sum);
    }

    void failed(String session, String sql, String reason) {
        lines.add(session + ": -- " + shortened(sql) + "; -- " + shortened(reason.replaceAll("\\s+", " ")));
        failed++;
    }

    void note(String text) {
        lines.add("-- " + text);
    }

    /** How often statements of a kind succeeded. */
    TreeMap<String, Integer> done() {
        return done;
    }

    int failed() {
        return failed;
    }

    private static String kind(String sql) {
        String[] words = sql.strip().split("[\\s(]+", 3);
        return words.length > 1 && words[0].matches("ALTER|CREATE|DROP") ? words[0] + " " + words[1] : words[0];
    }

    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
