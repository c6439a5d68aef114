package dev.cdp.core;

import java.time.Instant;

/** What an operator asks to go back to. */
public sealed interface RestorePoint {

    /** Which side of a transaction is meant. */
    enum Side {
        BEFORE,
        AFTER
    }

    /** The newest complete state of the whole group. */
    record Latest() implements RestorePoint {
        @Override
        public String toString() {
            return "latest";
        }
    }

    /** Every transaction committed at or before the moment, by each source's own clock. */
    record AtTime(Instant time) implements RestorePoint {
        @Override
        public String toString() {
            return time.toString();
        }
    }

    /** Just before or after one transaction; other sources at its commit time. */
    record AtTransaction(Side side, TransactionId transaction) implements RestorePoint {
        @Override
        public String toString() {
            return (side == Side.BEFORE ? "before:" : "after:") + transaction;
        }
    }

    /** Where a named marker stands in each source. */
    record AtMark(String name) implements RestorePoint {
        @Override
        public String toString() {
            return "mark:" + name;
        }
    }

    /** One source at a position of its own log. */
    record AtPosition(SourceId source, SourcePosition position) implements RestorePoint {
        @Override
        public String toString() {
            return source + "@" + position.nativeText();
        }
    }
}
