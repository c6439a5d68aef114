package dev.cdp.core.topic;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Kafka did not do what was asked in time; trying again later makes sense. */
public final class KafkaUnavailableException extends CdpException {
    private static final long serialVersionUID = 1;

    KafkaUnavailableException(String what, KafkaAccess access, @Nullable Throwable cause) {
        super(
                ErrorCode.KAFKA_UNAVAILABLE,
                "Could not " + what + " at " + access.bootstrapServers() + ": " + reason(cause),
                "Check that the brokers run and that this machine reaches them, then start again",
                cause);
    }

    private static String reason(@Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? "no answer" : root.getClass().getSimpleName() + ": " + root.getMessage();
    }
}
