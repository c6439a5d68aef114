package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;

/** A change topic contradicts itself: something wrote to it that is not our capture, or records were removed. */
public final class TopicDamagedException extends CdpException {
    private static final long serialVersionUID = 1;

    TopicDamagedException(SourceId source, KafkaOffset at, String what) {
        super(
                ErrorCode.TOPIC_DAMAGED,
                "The change topic of source '" + source + "' is damaged at offset " + at.value() + ": " + what,
                "Nothing behind this place is taken over. Restores up to the archive's watermark still work;"
                        + " look for another writer of the topic before starting the source with a new base");
    }
}
