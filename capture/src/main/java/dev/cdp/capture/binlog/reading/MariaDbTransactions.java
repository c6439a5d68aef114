package dev.cdp.capture.binlog.reading;

import dev.cdp.core.GtidSet;
import dev.cdp.core.GtidSet.Gtid;
import dev.cdp.core.SourcePosition;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** MariaDB's GTIDs. The time of a commit stands at the end of the transaction. */
final class MariaDbTransactions implements Transactions {
    private static final int STANDS_ALONE = 1;
    private static final int PREPARED_XA = 0x40;

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
        Form form = (flags & PREPARED_XA) != 0
                ? Form.PREPARED
                : (flags & STANDS_ALONE) != 0 ? Form.STATEMENT : Form.TRANSACTION;
        return new Beginning(gtid.toString(), form, null);
    }

    @Override
    public SourcePosition end(String file, long offset) {
        read = read.with(Objects.requireNonNull(open, "the end of a transaction that did not begin"));
        open = null;
        return new SourcePosition.MariaDb(read, file, offset);
    }
}
