package dev.cdp.restore.target;

import dev.cdp.core.Column;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableSchema;
import dev.cdp.restore.target.TargetDatabase.RowSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** Sends and fetches rows in COPY's text format. */
final class PostgresCopy {
    private PostgresCopy() {}

    /** @param sql a {@code COPY … FROM STDIN} of the columns of {@code table} */
    static void in(Connection connection, String sql, TableSchema table, RowSource rows) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        CopyEncoder text = new CopyEncoder(
                table.columns().stream().map(Column::carrier).toList(),
                (bytes, length) -> copy.writeToCopy(bytes, 0, length));
        try {
            for (RowImage row = rows.next(); row != null; row = rows.next()) {
                text.append(row);
            }
            text.flush();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** @param sql a {@code COPY … TO STDOUT} of the columns of {@code table} */
    static void out(Connection connection, String sql, TableSchema table, Consumer<RowImage> reader)
            throws SQLException {
        CopyDecoder text =
                new CopyDecoder(table.columns().stream().map(Column::carrier).toList());
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            reader.accept(text.decode(line));
        }
    }
}
