package dev.cdp.core.fold;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** The archive does not say exactly what a table held. */
public final class FoldRefusedException extends CdpException {
    private static final long serialVersionUID = 1;

    /** @param why completes "cannot be computed: " and holds no row values */
    FoldRefusedException(String table, String why) {
        super(
                ErrorCode.FOLD_REFUSED,
                "The state of table " + table + " cannot be computed: " + why,
                "Choose another moment, or leave the table out; a new base snapshot of it mends later moments");
    }
}
