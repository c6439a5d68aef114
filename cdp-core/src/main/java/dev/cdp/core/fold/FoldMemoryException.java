package dev.cdp.core.fold;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** A table needs more memory outside of Java's heap than a fold may take, although rows go to disk where they can. */
public final class FoldMemoryException extends CdpException {
    private static final long serialVersionUID = 1;

    FoldMemoryException(Exception cause) {
        super(
                ErrorCode.RESTORE_MEMORY,
                "Computing the rows of a table takes more memory than is set aside for it: "
                        + String.valueOf(cause.getMessage()).lines().findFirst().orElse(""),
                "Nothing of it was loaded. Large values in a table without a key are counted all at once: give such a table"
                        + " a key for the next time, and restore the others without it now",
                cause);
    }

    static boolean isMeant(Exception e) {
        return String.valueOf(e.getMessage()).contains("Out of Memory");
    }
}
