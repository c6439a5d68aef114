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
}
