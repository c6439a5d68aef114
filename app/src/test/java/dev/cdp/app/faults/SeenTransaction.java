package dev.cdp.app.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A transaction as a witness saw it.
 *
 * @param id the database's own: a transaction number of PostgreSQL, a GTID of MariaDB
 * @param place where its commit stands in the log: an LSN, or the number in the GTID
 * @param changes of the tables under test, in order, each as one line
 */
record SeenTransaction(String id, long place, List<String> changes) {
    SeenTransaction {
        changes = List.copyOf(changes);
    }

    /** The lines of one transaction, whichever witness tells of it. A changed key is a delete and an insert. */
    static final class Lines {
        private static final Map<String, Integer> KEY_LENGTHS = Map.of("entry", 3);
        private static final int LONG_TEXT = 1000;

        private final List<String> lines = new ArrayList<>();

        void inserted(String table, List<String> row) {
            lines.add("insert " + table + " " + text(row));
        }

        /** @param before as much of the row before as is known; at least its key, or nothing at all */
        void updated(String table, List<String> before, List<String> after) {
            if (before.isEmpty() || key(table, before).equals(key(table, after))) {
                lines.add("update " + table + " " + text(after));
            } else {
                deleted(table, before);
                inserted(table, after);
            }
        }

        void deleted(String table, List<String> before) {
            lines.add("delete " + table + " " + text(key(table, before)));
        }

        List<String> all() {
            return lines;
        }

        private static List<String> key(String table, List<String> row) {
            return row.subList(0, KEY_LENGTHS.getOrDefault(table, 1));
        }

        private static String text(List<String> values) {
            List<String> shortened = new ArrayList<>();
            for (String value : values) {
                boolean isLong = value.length() > LONG_TEXT;
                shortened.add(isLong ? value.length() + " characters, hash " + value.hashCode() : value);
            }
            return String.join("|", shortened);
        }
    }
}
