package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import org.jspecify.annotations.Nullable;

/** Another process has taken over a source's change topic. */
public final class WriterFencedException extends CdpException {
    private static final long serialVersionUID = 1;

    /** @param successor the name of its claim */
    WriterFencedException(SourceId source, String successor, @Nullable Throwable cause) {
        super(
                ErrorCode.FENCED,
                "Another process captures source '" + source + "', " + successor + "; this one stopped writing",
                "Find the other 'cdp run' with this source in its configuration and keep one of them",
                cause);
    }
}
