package dev.cdp.capture.binlog.reading;

import dev.cdp.core.MySqlGtidSet;
import dev.cdp.core.MySqlGtidSet.Gtid;
import dev.cdp.core.SourcePosition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * MySQL's GTIDs (the server's libs/mysql/binlog/event/control_events.cpp, {@code Gtid_event}). The event tells when the
 * server that we read committed, in microseconds, by its own clock.
 */
final class MySqlTransactions implements Transactions {
    private static final int LOGICAL_CLOCK = 2;
    private static final int LOGICAL_CLOCK_BYTES = 8 + 8;
    private static final int TIMESTAMP_BYTES = 7;
    private static final long ORIGINAL_TIMESTAMP_FOLLOWS = 1L << 55;

    private MySqlGtidSet read;
    private @Nullable Gtid open;

    MySqlTransactions(MySqlGtidSet read) {
        this.read = read;
    }

    @Override
    public Beginning begin(RawEvent event) {
        if (event.type() == RawEvent.ANONYMOUS_GTID) {
            throw BinlogSettingsException.gtidsMissing();
        }
        if (event.type() == RawEvent.TAGGED_GTID) {
            throw BinlogSettingsException.taggedGtid();
        }
        EventBytes in = new EventBytes(event.body());
        in.skip(1); // flags
        UUID server = new UUID(in.bigEndian(8), in.bigEndian(8));
        Gtid gtid = new Gtid(server, in.integer(8));
        open = gtid;
        return new Beginning(gtid.toString(), Form.STATEMENT, committedAt(in));
    }

    private static @Nullable Instant committedAt(EventBytes in) {
        if (!in.hasMore() || in.unsignedByte() != LOGICAL_CLOCK) {
            return null;
        }
        in.skip(LOGICAL_CLOCK_BYTES);
        long micros = in.remaining() < TIMESTAMP_BYTES ? 0 : in.integer(TIMESTAMP_BYTES) & ~ORIGINAL_TIMESTAMP_FOLLOWS;
        return micros == 0 ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    @Override
    public SourcePosition end(String file, long offset) {
        read = read.with(Objects.requireNonNull(open, "the end of a transaction that did not begin"));
        open = null;
        return new SourcePosition.MySql(read, file, offset);
    }
}
