package dev.cdp.capture;

import dev.cdp.capture.source.LogKeeping;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import org.jspecify.annotations.Nullable;

/**
 * Follows how a source keeps its log while it is read: by the same server, for the same session. What is odd ends the
 * run; the next one's start tells what it was.
 */
final class LogWatch {
    private final SourceId source;
    private @Nullable LogKeeping last;

    LogWatch(SourceId source) {
        this.source = source;
    }

    /** @throws CdpException {@code SOURCE_UNREACHABLE} when reading must start again */
    void look(LogKeeping now) {
        LogKeeping before = last;
        last = now;
        if (before == null) {
            return;
        }
        if (!before.server().equals(now.server())) {
            throw startAgain("the server was " + before.server() + ", it is " + now.server());
        }
        if (!before.reader().isEmpty() && !before.reader().equals(now.reader())) {
            throw startAgain("it was read by our session " + before.reader() + ", now by "
                    + (now.reader().isEmpty() ? "none" : "session " + now.reader()));
        }
    }

    private CdpException startAgain(String why) {
        return new CdpException(
                ErrorCode.SOURCE_UNREACHABLE,
                "Reading the log of source '" + source + "' starts again: " + why,
                "Nothing: what is missing, if anything is, gets recorded");
    }
}
