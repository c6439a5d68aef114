package dev.cdp.archiver;

import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.topic.KafkaAccess;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the archiver of one source has to know.
 *
 * @param stagingDirectory local, of this source and archiver alone; emptied at every start
 * @param commitInterval time between two ledger entries while rows change; heartbeats alone are committed every third
 * @param targetFileSize of a history file; files are smaller where an interval brings less
 * @param retryFor how long storage or Kafka may be away before the archiver gives up
 */
public record ArchiverSettings(
        SourceId source,
        Engine engine,
        KafkaAccess kafka,
        Path stagingDirectory,
        Duration commitInterval,
        DataSize targetFileSize,
        Duration retryFor) {

    public ArchiverSettings {
        if (commitInterval.isNegative() || commitInterval.isZero() || targetFileSize.bytes() < 1) {
            throw new IllegalArgumentException(
                    "Not a commit interval and a file size above zero: " + commitInterval + ", " + targetFileSize);
        }
    }
}
