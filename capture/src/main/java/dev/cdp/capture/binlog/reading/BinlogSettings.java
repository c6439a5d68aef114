package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.core.SourcePosition;

/**
 * Which binary log to read, and from where.
 *
 * @param name of the source; names threads
 * @param replicaId by which the server knows this reader; a second reader of the same id ends the first
 * @param voidParts kept over all readings of this source
 * @param boundary the end of a transaction from which reading goes on
 */
public record BinlogSettings(
        String name,
        DatabaseAddress server,
        BinlogScope scope,
        long replicaId,
        VoidParts voidParts,
        SourcePosition.MariaDb boundary) {}
