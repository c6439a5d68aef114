package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.source.DatabaseAddress;
import dev.cdp.core.SourcePosition;

/**
 * Which binary log to read, and from where.
 *
 * @param name of the source; names threads
 * @param replicaId by which the server knows this reader; a second reader of the same id ends the first
 * @param voidParts kept over all readings of this source
 * @param prepared likewise
 * @param boundary the end of a transaction from which reading goes on
 */
public record BinlogSettings(
        String name,
        DatabaseAddress server,
        BinlogScope scope,
        long replicaId,
        VoidParts voidParts,
        PreparedTransactions prepared,
        SourcePosition boundary) {

    Transactions transactions() {
        if (boundary instanceof SourcePosition.MariaDb place) {
            return new MariaDbTransactions(place.gtids());
        }
        if (boundary instanceof SourcePosition.MySql place) {
            return new MySqlTransactions(place.gtids());
        }
        throw notOfBinlog();
    }

    LogFormat format() {
        return boundary instanceof SourcePosition.MySql ? LogFormat.MYSQL : LogFormat.MARIADB;
    }

    /** Of the place where reading starts, until the log itself names the next. */
    String file() {
        if (boundary instanceof SourcePosition.MariaDb place) {
            return place.file();
        }
        if (boundary instanceof SourcePosition.MySql place) {
            return place.file();
        }
        throw notOfBinlog();
    }

    private IllegalStateException notOfBinlog() {
        return new IllegalStateException(boundary + " is no place in a binary log");
    }
}
