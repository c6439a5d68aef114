package dev.cdp.core;

/**
 * A place between two transactions of a source's log. Positions of one source in one epoch can be ordered; others
 * cannot, so this type is not {@link Comparable}.
 *
 * <p>Prints and parses as {@code pg:16/B374D848}, {@code gtid:0-1-42@binlog.000003:4711} (MariaDB) and {@code
 * mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5@binlog.000003:4711}.
 */
public sealed interface SourcePosition {

    /** How one position relates to another. */
    enum Order {
        BEFORE,
        SAME,
        AFTER,
        /** Neither includes the other: different servers, timelines or domains. */
        DIVERGED
    }

    /** How this position relates to {@code other}: {@code BEFORE} when {@code other} includes more. */
    Order orderAgainst(SourcePosition other);

    /** What the database itself prints for it, without our prefix: to be pasted into its client. */
    String nativeText();

    /** @throws IllegalArgumentException when {@code text} is none of the forms above */
    static SourcePosition parse(String text) {
        if (text.startsWith("pg:")) {
            return new Postgres(Lsn.parse(text.substring(3)));
        }
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        if (at > 0 && colon > at) {
            String file = text.substring(at + 1, colon);
            long offset = Long.parseLong(text.substring(colon + 1));
            if (text.startsWith("gtid:")) {
                return new MariaDb(GtidSet.parse(text.substring(5, at)), file, offset);
            }
            if (text.startsWith("mysql:")) {
                return new MySql(MySqlGtidSet.parse(text.substring(6, at)), file, offset);
            }
        }
        throw new IllegalArgumentException(
                "Not a source position: '" + text + "'; expected pg:16/B374D848, gtid:0-1-42@binlog.000003:4711 or"
                        + " mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5@binlog.000003:4711");
    }

    /** The end of a commit record in PostgreSQL's write-ahead log. */
    record Postgres(Lsn lsn) implements SourcePosition {
        @Override
        public Order orderAgainst(SourcePosition other) {
            if (!(other instanceof Postgres that)) {
                return Order.DIVERGED;
            }
            int order = lsn.compareTo(that.lsn);
            return order < 0 ? Order.BEFORE : order == 0 ? Order.SAME : Order.AFTER;
        }

        @Override
        public String nativeText() {
            return lsn.toString();
        }

        @Override
        public String toString() {
            return "pg:" + lsn;
        }
    }

    /**
     * A place in MariaDB's binary log.
     *
     * @param gtids every transaction before this place
     * @param file binary log file of the same place, so that reading can start there
     * @param offset bytes into that file
     */
    record MariaDb(GtidSet gtids, String file, long offset) implements SourcePosition {
        @Override
        public Order orderAgainst(SourcePosition other) {
            if (!(other instanceof MariaDb that)) {
                return Order.DIVERGED;
            }
            return order(gtids.includes(that.gtids), that.gtids.includes(gtids));
        }

        @Override
        public String nativeText() {
            return gtids.toString();
        }

        @Override
        public String toString() {
            return "gtid:" + gtids + "@" + file + ":" + offset;
        }
    }

    /**
     * A place in MySQL's binary log.
     *
     * @param gtids every transaction before this place
     * @param file binary log file of the same place, for people: reading starts by {@code gtids}
     * @param offset bytes into that file
     */
    record MySql(MySqlGtidSet gtids, String file, long offset) implements SourcePosition {
        @Override
        public Order orderAgainst(SourcePosition other) {
            if (!(other instanceof MySql that)) {
                return Order.DIVERGED;
            }
            return order(gtids.includes(that.gtids), that.gtids.includes(gtids));
        }

        @Override
        public String nativeText() {
            return gtids.toString();
        }

        @Override
        public String toString() {
            return "mysql:" + gtids + "@" + file + ":" + offset;
        }
    }

    private static Order order(boolean here, boolean there) {
        if (here && there) {
            return Order.SAME;
        }
        return here ? Order.AFTER : there ? Order.BEFORE : Order.DIVERGED;
    }
}
