package dev.cdp.restore.plan;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableName;
import java.util.Collection;

/** The rows of a table are known at a moment, and the definition of the database is only known at another one. */
public final class DefinitionMismatchException extends CdpException {
    private static final long serialVersionUID = 1;

    private static final String NEXT = "Choose an earlier or a later moment, at which no statement had just changed a"
            + " definition, or wait a few seconds if this one is the newest: definitions are read when statements pause";

    private final transient TableName table;

    private DefinitionMismatchException(SourceId source, TableName table, String what) {
        super(ErrorCode.FOLD_REFUSED, "Table " + source + "." + table + " " + what, NEXT);
        this.table = table;
    }

    /** The first one of which that is so. */
    public TableName table() {
        return table;
    }

    static DefinitionMismatchException absent(SourceId source, TableName table) {
        return new DefinitionMismatchException(
                source, table, "has rows in the archive and is not part of the database's definition at this moment");
    }

    /** @param defined by the definition; @param archived with the rows */
    public static DefinitionMismatchException columns(
            SourceId source, TableName table, Collection<String> archived, Collection<String> defined) {
        return new DefinitionMismatchException(
                source,
                table,
                "has the columns " + archived + " at this moment, and " + defined
                        + " in the database's definition, which is of another moment");
    }
}
