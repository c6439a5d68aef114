package dev.cdp.restore.cut;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The archive does not reach to the restore point. */
public final class OutsideWindowException extends CdpException {
    private static final long serialVersionUID = 1;

    private OutsideWindowException(String message, String next) {
        super(ErrorCode.RESTORE_POINT_OUTSIDE, message, next);
    }

    static OutsideWindowException before(SourceId source, String wanted, Instant earliest) {
        return new OutsideWindowException(
                "Source '" + source + "' cannot be restored to " + wanted + ": its first base was taken at " + earliest,
                "Earliest restorable moment: " + earliest + ". Run: cdp plan --to " + earliest);
    }

    static OutsideWindowException after(SourceId source, String wanted, Instant latest, @Nullable String tailMissing) {
        return new OutsideWindowException(
                "Source '" + source + "' cannot be restored to " + wanted + ": what is known of it ends at " + latest
                        + (tailMissing == null ? "" : " (newer transactions may stand in Kafka: " + tailMissing + ")"),
                "Latest restorable moment: " + latest + ". Run: cdp plan --to " + latest
                        + ", or wait until 'cdp status' shows a later one");
    }

    static OutsideWindowException noBase(SourceId source) {
        return new OutsideWindowException(
                "Source '" + source + "' cannot be restored yet: no base snapshot of it is in the archive",
                "Wait until 'cdp status' shows the source as protected");
    }

    static OutsideWindowException unknown(SourceId source, String wanted) {
        return new OutsideWindowException(
                "Source '" + source + "' cannot be restored to " + wanted + ": the archive holds no such thing",
                "'cdp find' lists transactions, 'cdp status' shows what can be restored");
    }
}
