package dev.cdp.app.faults;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A decoder of the database's log that is not ours. */
interface LogWitness {
    /** The transactions that were committed since the last call, in commit order, without those of no table under test. */
    List<SeenTransaction> read() throws SQLException, IOException, InterruptedException;
}
