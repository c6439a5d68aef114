package dev.cdp.capture.binlog.reading;

import dev.cdp.core.GtidSet;
import dev.cdp.core.GtidSet.Gtid;
import dev.cdp.core.SourcePosition;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB's GTIDs. The time of a commit stands at the end of the transaction. With {@code binlog_alter_two_phase} an
 * ALTER TABLE stands in the log when it begins and again when it is done or has failed (log_event.h, FL_START_ALTER_E1).
 */
final class MariaDbTransactions implements Transactions {
    private static final int STANDS_ALONE = 1;
    private static final int GROUP_COMMIT = 2;
    private static final int PREPARED_XA = 0x40;
    private static final int COMPLETED_XA = 0x80;
    private static final int EXTRA_START_ALTER = 2;
    private static final int EXTRA_ROLLBACK_ALTER = 8;

    private GtidSet read;
    private @Nullable Gtid open;

    MariaDbTransactions(GtidSet read) {
        this.read = read;
    }

    @Override
    public Beginning begin(RawEvent event) {
        EventBytes in = new EventBytes(event.body());
        long sequence = in.integer(8);
        long domain = in.integer(4);
        int flags = in.unsignedByte();
        Gtid gtid = new Gtid(domain, event.serverId(), sequence);
        open = gtid;
        return new Beginning(gtid.toString(), form(flags, in), null);
    }

    private static Form form(int flags, EventBytes in) {
        if ((flags & PREPARED_XA) != 0) {
            return Form.PREPARED;
        }
        if ((flags & STANDS_ALONE) == 0) {
            return Form.TRANSACTION;
        }
        return (extraFlags(flags, in) & (EXTRA_START_ALTER | EXTRA_ROLLBACK_ALTER)) != 0
                ? Form.STATEMENT_NOT_DONE
                : Form.STATEMENT;
    }

    private static int extraFlags(int flags, EventBytes in) {
        if ((flags & GROUP_COMMIT) != 0) {
            in.skip(8);
        }
        if ((flags & COMPLETED_XA) != 0) {
            in.skip(4);
            in.skip(in.unsignedByte() + in.unsignedByte());
        }
        return in.hasMore() ? in.unsignedByte() : 0;
    }

    @Override
    public SourcePosition end(String file, long offset) {
        read = read.with(Objects.requireNonNull(open, "the end of a transaction that did not begin"));
        open = null;
        return new SourcePosition.MariaDb(read, file, offset);
    }
}
