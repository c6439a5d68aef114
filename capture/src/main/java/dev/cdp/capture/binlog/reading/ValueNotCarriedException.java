package dev.cdp.capture.binlog.reading;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableName;
import org.jspecify.annotations.Nullable;

/** A value stands in the log in a form that cannot be carried exactly. */
public final class ValueNotCarriedException extends CdpException {
    private static final long serialVersionUID = 1;

    ValueNotCarriedException(TableName table, String column, String why, String next, @Nullable Throwable cause) {
        super(
                ErrorCode.VALUE_NOT_CARRIED,
                "A value of column '" + column + "' of table " + table + " cannot be carried exactly: " + why,
                next,
                cause);
    }

    public static ValueNotCarriedException noText(TableName table, String column, Throwable cause) {
        return new ValueNotCarriedException(
                table,
                column,
                "its bytes are no text in the column's character set, or none that the server takes back",
                "Find such values with SELECT ... WHERE CAST(CONVERT(CONVERT(column USING utf8mb4) USING the column's"
                        + " character set) AS BINARY) <> CAST(column AS BINARY) and mend them, or change the column to"
                        + " VARBINARY or BLOB",
                cause);
    }

    /** An ENUM's value 0, where it prints like a label. */
    public static ValueNotCarriedException noLabel(TableName table, String column) {
        return new ValueNotCarriedException(
                table,
                column,
                "the empty text stands for a refused value (0) and for a label of the same column",
                "Find such values with SELECT ... WHERE column = 0 and mend them",
                null);
    }
}
