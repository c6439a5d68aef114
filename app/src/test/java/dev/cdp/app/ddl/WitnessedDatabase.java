package dev.cdp.app.ddl;

import dev.cdp.core.TableName;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A database in which every transaction ends by looking at the tables; one after another, so that the look is exact. */
interface WitnessedDatabase {

    /** One that is written to by one thread. */
    interface Session extends AutoCloseable {
        /** Runs a step. @param into takes what was seen, in the order in which transactions are committed */
        void run(int caseNumber, DdlCase.Step step, Consumer<Witness> into) throws SQLException;

        /** Writes some rows of some case, whatever its tables look like by now. @return whether it came to a commit */
        boolean writeSomething(int caseNumber, Consumer<Witness> into) throws SQLException;

        @Override
        void close() throws SQLException;
    }

    /** Makes the tables of a case. */
    void setUp(int caseNumber, DdlCase one) throws SQLException;

    /** Only what belongs to these cases is looked at from now on. */
    void lookAt(Witness.Scope scope);

    /** For statements of cases. */
    Session open() throws SQLException;

    /** For a writer. */
    Session openWriter(long seed) throws SQLException;

    /** What the tables of these cases hold in a database that was restored, under the names that they have here. */
    Map<TableName, TableState> lookInto(TestDatabase restored, Witness.Scope looked) throws SQLException;

    /** Which case a table is of. */
    OptionalInt caseOf(TableName table);
}
