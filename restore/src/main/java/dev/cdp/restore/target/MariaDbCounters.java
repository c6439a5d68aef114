package dev.cdp.restore.target;

import dev.cdp.core.definition.SequenceValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets sequences and AUTO_INCREMENT counters. The server itself takes no counter below what stands in the column. */
final class MariaDbCounters {
    private static final Logger log = LoggerFactory.getLogger(MariaDbCounters.class);

    private MariaDbCounters() {}

    /** In the database that the connection is in. */
    static void set(Connection connection, List<SequenceValue> values) throws SQLException {
        for (SequenceValue value : values) {
            String counter = MariaDbSessions.quoted(value.name());
            String sql =
                    switch (value.kind()) {
                        case SEQUENCE ->
                            "SELECT SETVAL(" + counter + ", " + value.lastValue() + ", " + (value.called() ? 1 : 0)
                                    + ")";
                        case AUTO_INCREMENT -> "ALTER TABLE " + counter + " AUTO_INCREMENT = " + value.lastValue();
                    };
            if (hasTable(connection, value.name())) {
                MariaDbSessions.run(connection, sql);
            } else {
                log.warn("{} is not part of the restored definition; its counter is left out", counter);
            }
        }
    }

    private static boolean hasTable(Connection connection, String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = ?")) {
            query.setString(1, table);
            try (ResultSet result = query.executeQuery()) {
                return result.next();
            }
        }
    }
}
