package dev.cdp.restore.target;

/**
 * The rows of one table, whatever their order.
 *
 * @param digest as {@link dev.cdp.restore.verify.RowDigest} prints it
 */
public record TableContent(long rowCount, String digest) {

    public TableContent {
        if (rowCount < 0 || digest.isBlank() || digest.contains(" ")) {
            throw new IllegalArgumentException("Not the content of a table: " + rowCount + " '" + digest + "'");
        }
    }

    static TableContent parse(String text) {
        int space = text.indexOf(' ');
        if (space < 0) {
            throw new IllegalArgumentException("Not the content of a table: '" + text + "'");
        }
        return new TableContent(Long.parseLong(text.substring(0, space)), text.substring(space + 1));
    }

    @Override
    public String toString() {
        return rowCount + " " + digest;
    }
}
