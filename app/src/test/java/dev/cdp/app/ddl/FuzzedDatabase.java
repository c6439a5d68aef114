package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A database in which random transactions run. One thread plays all sessions, so that a seed gives the same history again
 * and nothing is committed between the end of a transaction and the look at what it left.
 */
interface FuzzedDatabase extends AutoCloseable {

    /** A session with transactions of its own, which overlap with those of others. */
    interface Player extends AutoCloseable {
        /** Does the next thing of the open transaction, or begins another one. @return its end, if that was it */
        Optional<Ended> act() throws SQLException;

        /** Ends what is open. */
        Optional<Ended> end() throws SQLException;

        @Override
        void close() throws SQLException;
    }

    /** A transaction that was committed. @param nativeId null when it left no trace in the log */
    record Ended(String what, @Nullable String nativeId) {}

    /** Makes tables and rows of a case. @return the last transaction of it */
    Optional<Ended> setUp(int caseNumber, Random random, FuzzLog log) throws SQLException;

    Player open(int caseNumber, Random random, FuzzLog log) throws SQLException;

    /** What every table of these cases holds now, as committed. */
    Map<TableName, TableState> look(Witness.Scope scope) throws SQLException;

    /** What these tables hold in a database that was restored, under the names that they have here. */
    Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope scope) throws SQLException;

    /** Which case a table is of. */
    OptionalInt caseOf(TableName table);

    @Override
    void close() throws SQLException;
}
