package dev.cdp.capture.binlog;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.Engine;
import dev.cdp.core.GtidSet;
import dev.cdp.core.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** What differs between the servers that keep a binary log. */
interface BinlogServer {

    Engine engine();

    /** Settings under which the server prints every value in one way, as one statement. */
    String sessionSettings();

    /** Properties of a JDBC connection beyond the usual ones. */
    Map<String, String> connectionProperties();

    /** Tells this server from every other one, as far as the server itself knows. */
    String identity(Connection connection) throws SQLException;

    /**
     * Starts a transaction that sees one moment.
     *
     * @return the place in the log at which exactly what it sees had been written
     */
    SourcePosition openSnapshot(Connection connection) throws SQLException;

    /** Whether a table that was read may have been defined anew since its snapshot without the server saying so. */
    DefinitionWatch definitionWatch();

    /** Who notices that a table is defined anew while a snapshot is read. */
    enum DefinitionWatch {
        SERVER,
        US
    }

    /**
     * Makes sure that everything behind the place can be read.
     *
     * @throws HistoryLostException when some of it is gone, or the place is on another history
     */
    void requireReadable(Connection connection, SourcePosition boundary) throws SQLException;

    /** Up to where the log is written; empty for a server on which it is not watched while reading goes on. */
    Optional<GtidSet> written(Connection connection) throws SQLException;

    /** The condition on information_schema.COLUMNS that holds for columns that the server computes. */
    String computedColumn();

    /** Adds what is to be said about the server's version. */
    void checkVersion(Findings findings) throws SQLException;

    /** Adds what is to be said about log, settings and rights of the user. */
    void checkLog(Findings findings, String database) throws SQLException;
}
