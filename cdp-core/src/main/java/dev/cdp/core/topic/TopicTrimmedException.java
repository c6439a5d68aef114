package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** The change topic no longer holds records that were not read yet. */
public final class TopicTrimmedException extends CdpException {
    private static final long serialVersionUID = 1;

    TopicTrimmedException(SourceId source, KafkaAccess access, Throwable cause) {
        super(
                ErrorCode.TOPIC_TRIMMED,
                "Topic " + access.changesTopic(source) + " does not hold the place where reading must go on: "
                        + cause.getMessage(),
                "Changes between the archive and the topic's start are lost; 'cdp status' shows the archive's end."
                        + " Start source '" + source + "' again to record the gap and take a new base",
                cause);
    }
}
