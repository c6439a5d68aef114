package dev.cdp.capture;

import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards the disk of a source: says once when the log it keeps for us has reached half of what it may, and demands that
 * it be given up at the limit. Used by one thread.
 */
final class LogBudget {
    private static final Logger log = LoggerFactory.getLogger(LogBudget.class);

    /** What the operator can do about it. */
    static final String NEXT =
            "Mend what keeps the archive from following; a new epoch begins by itself once it has taken the gap";

    private final SourceId source;
    private final @Nullable DataSize limit;
    private boolean alarmed;

    /** What a source keeps for us has reached its budget. */
    static final class ExceededException extends CdpException {
        private static final long serialVersionUID = 1;

        ExceededException(SourceId source, long retainedBytes, DataSize limit) {
            super(
                    ErrorCode.LOG_GIVEN_UP,
                    "The log of source '" + source + "' was given up to protect its disk: it kept "
                            + new DataSize(retainedBytes).rounded() + " for us, the log-budget is " + limit.rounded(),
                    NEXT);
        }
    }

    /** @param limit null for none */
    LogBudget(SourceId source, @Nullable DataSize limit) {
        this.source = source;
        this.limit = limit;
    }

    boolean isLimited() {
        return limit != null;
    }

    /** @throws ExceededException at the limit */
    void look(long retainedBytes) {
        if (limit == null) {
            return;
        }
        if (retainedBytes >= limit.bytes()) {
            throw new ExceededException(source, retainedBytes, limit);
        }
        boolean half = retainedBytes >= limit.bytes() / 2;
        if (half && !alarmed) {
            log.warn(
                    "Source {} keeps {} of its log for us, more than half of its log-budget {}; at the limit it is given"
                            + " up and history has a gap",
                    source,
                    new DataSize(retainedBytes).rounded(),
                    limit.rounded());
        }
        alarmed = half;
    }
}
