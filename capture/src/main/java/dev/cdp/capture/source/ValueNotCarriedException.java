package dev.cdp.capture.source;

import dev.cdp.capture.log.NotCarried;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableName;

/** A row holds a value that cannot be carried exactly: its table is not protected until that is mended. */
public final class ValueNotCarriedException extends CdpException {
    private static final long serialVersionUID = 1;

    private final transient TableName table;
    private final transient NotCarried what;
    private final String column;
    private final String row;

    /** @param row as {@link RowName} has it */
    public ValueNotCarriedException(TableName table, String column, NotCarried what, String row) {
        super(
                ErrorCode.VALUE_NOT_CARRIED,
                "A value of column '" + column + "' of table " + table + " cannot be carried exactly: " + what.why(),
                what.mend());
        this.table = table;
        this.column = column;
        this.what = what;
        this.row = row;
    }

    public TableName table() {
        return table;
    }

    /** For the record of a gap. It names the row by its key, which a log must not. */
    public String reason() {
        return "a value of column '" + column + "' in " + row + " cannot be carried exactly: " + what.why() + ". "
                + what.mend();
    }
}
