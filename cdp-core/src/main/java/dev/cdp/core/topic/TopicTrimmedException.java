package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import org.jspecify.annotations.Nullable;

/** The change topic no longer holds records that were not read yet. */
public final class TopicTrimmedException extends CdpException {
    private static final long serialVersionUID = 1;

    TopicTrimmedException(SourceId source, KafkaAccess access, Throwable cause) {
        this(source, access, cause.getMessage(), cause);
    }

    /** @param why what the topic holds instead of the place where reading must go on */
    public TopicTrimmedException(SourceId source, KafkaAccess access, String why) {
        this(source, access, why, null);
    }

    private TopicTrimmedException(
            SourceId source, KafkaAccess access, @Nullable String why, @Nullable Throwable cause) {
        super(
                ErrorCode.TOPIC_TRIMMED,
                "Topic " + access.changesTopic(source) + " does not hold the place where reading must go on: " + why,
                "Capture of source '" + source + "' finds this within a minute, records a gap and takes a new base;"
                        + " 'cdp status' shows both. Start 'cdp run' if it does not run",
                cause);
    }
}
