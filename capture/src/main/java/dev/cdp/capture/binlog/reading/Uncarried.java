package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.log.NotCarried;

/** The values of MariaDB and MySQL that cannot be carried exactly, and what mends each. */
public final class Uncarried {
    /** Bytes that its character set does not know, or that it would not make of the text again. */
    public static final NotCarried NO_TEXT = new NotCarried(
            "its bytes are no text in the column's character set, or none that the server takes back",
            "Find such values with SELECT ... WHERE CAST(CONVERT(CONVERT(column USING utf8mb4) USING the column's"
                    + " character set) AS BINARY) <> CAST(column AS BINARY) and mend them, or change the column to"
                    + " VARBINARY or BLOB, or drop it");

    /** An ENUM's value 0, where it prints like a label. */
    public static final NotCarried NO_LABEL = new NotCarried(
            "the empty text stands for a refused value (0) and for a label of the same column",
            "Find such values with SELECT ... WHERE column = 0 and mend them, or take the empty label away");

    private Uncarried() {}

    static NotCarried opaque(OpaqueJsonException e) {
        return new NotCarried(
                String.valueOf(e.getMessage()), "Replace such values by what JSON has a form for, or drop the column");
    }

    static NotCarried column(MappedColumn column) {
        String why =
                switch (column.type()) {
                    case MappedColumn.COMPRESSED_BLOB, MappedColumn.COMPRESSED_VARCHAR -> "the column is COMPRESSED";
                    case MappedColumn.OLD_DATETIME, MappedColumn.OLD_TIME, MappedColumn.OLD_TIMESTAMP ->
                        "the column has the format of times from before mysql56_temporal_format";
                    default -> "the log gives it the unknown type " + column.type();
                };
        return new NotCarried(
                why, "Change the column (ALTER TABLE ... MODIFY, or FORCE for old times), or leave the table out");
    }
}
