package dev.cdp.core.archive;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/**
 * Objects that a commit was to name are listed for deletion or gone: the writer was away for so long that they passed for
 * left behind. Nothing was committed; doing the work again, with new objects, is safe.
 */
public final class InputsListedException extends CdpException {
    private static final long serialVersionUID = 1;

    InputsListedException(String key, String location) {
        super(
                ErrorCode.FENCED,
                "Object " + key + " in " + location
                        + " was listed for deletion, or deleted, before a ledger entry named"
                        + " it; nothing was committed",
                "Nothing, when the archiver goes on by itself: it reads the changes again from Kafka");
    }
}
