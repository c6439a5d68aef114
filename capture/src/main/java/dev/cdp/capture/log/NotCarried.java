package dev.cdp.capture.log;

/**
 * Stands in a {@link LoggedRow} for a value that cannot be carried exactly.
 *
 * @param why as a clause behind a colon; names no value
 * @param mend what an operator can do about it, as a sentence without a full stop
 */
public record NotCarried(String why, String mend) {

    /** It stands in a form that its column's type is not known to have. */
    public static final NotCarried UNKNOWN_FORM = new NotCarried(
            "it is not in a form that the server is known to print values of this type in",
            "Report this with the column's type and the server's version; change the column to another type, or drop"
                    + " it, to protect the table again");
}
