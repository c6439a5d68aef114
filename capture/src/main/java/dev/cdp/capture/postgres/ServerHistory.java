package dev.cdp.capture.postgres;

import dev.cdp.core.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose log it is that a PostgreSQL database writes: the server, the database in it, and the timelines that led here.
 * Each promotion starts a timeline where the one before it ends; the same number may be given twice, so a timeline is
 * told by its number and by those before it.
 *
 * <p>Prints and parses as {@code 7423650934/16384/1@0/5000060,2}: timeline 1 up to 0/5000060, then timeline 2.
 *
 * @param database the database's oid
 * @param ancestors the timelines before the present one, oldest first
 */
record ServerHistory(String systemIdentifier, String database, List<Ancestor> ancestors, int timeline) {

    /** A timeline that ended. */
    record Ancestor(int timeline, Lsn end) {}

    ServerHistory {
        ancestors = List.copyOf(ancestors);
    }

    /** @throws IllegalArgumentException when {@code text} was not printed by {@link #toString} */
    static ServerHistory parse(String text) {
        String[] parts = text.split("/", 3);
        if (parts.length < 3) {
            throw new IllegalArgumentException("Not a server's history: '" + text + "'");
        }
        String[] timelines = parts[2].split(",");
        List<Ancestor> ancestors = new ArrayList<>();
        for (int i = 0; i < timelines.length - 1; i++) {
            int at = timelines[i].indexOf('@');
            ancestors.add(new Ancestor(
                    Integer.parseInt(timelines[i].substring(0, at)), Lsn.parse(timelines[i].substring(at + 1))));
        }
        return new ServerHistory(parts[0], parts[1], ancestors, Integer.parseInt(timelines[timelines.length - 1]));
    }

    /** @param file the content of the timeline's history file: a line for each ancestor, oldest first */
    static List<Ancestor> ancestors(String file) {
        List<Ancestor> ancestors = new ArrayList<>();
        for (String line : file.lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] fields = line.split("\\s+", 3);
                ancestors.add(new Ancestor(Integer.parseInt(fields[0]), Lsn.parse(fields[1])));
            }
        }
        return ancestors;
    }

    /** Why what was read of {@code before} up to {@code boundary} is not part of this history; empty when it is. */
    Optional<String> breakSince(ServerHistory before, Lsn boundary) {
        if (!systemIdentifier.equals(before.systemIdentifier)) {
            return Optional.of("its system identifier was " + before.systemIdentifier + ", it is " + systemIdentifier);
        }
        if (!database.equals(before.database)) {
            return Optional.of("the database's oid was " + before.database + ", it is " + database);
        }
        if (equals(before)) {
            return Optional.empty();
        }
        int shared = before.ancestors.size();
        boolean descends = ancestors.size() > shared
                && ancestors.subList(0, shared).equals(before.ancestors)
                && ancestors.get(shared).timeline() == before.timeline;
        if (!descends) {
            return Optional.of("its timelines are " + timelines() + ", they were " + before.timelines());
        }
        Lsn end = ancestors.get(shared).end();
        return end.compareTo(boundary) < 0
                ? Optional.of(
                        "it left timeline " + before.timeline + " at " + end + ", which was read up to " + boundary)
                : Optional.empty();
    }

    private String timelines() {
        StringBuilder text = new StringBuilder();
        ancestors.forEach(ancestor -> text.append(ancestor.timeline())
                .append('@')
                .append(ancestor.end())
                .append(','));
        return text.append(timeline).toString();
    }

    @Override
    public String toString() {
        return systemIdentifier + "/" + database + "/" + timelines();
    }
}
