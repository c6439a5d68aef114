package dev.cdp.app.faults;

import dev.cdp.app.faults.SeenTransaction.Lines;
import dev.cdp.core.Lsn;
import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PostgreSQL's own {@code test_decoding}, over SQL, on a slot of its own. */
final class TestDecodingWitness implements LogWitness {
    private static final Pattern ROW =
            Pattern.compile("table public\\.(\\w+): (INSERT|UPDATE|DELETE): (.*)", Pattern.DOTALL);
    private static final Pattern VALUE = Pattern.compile("\\w+\\[[^]]+]:('(?:[^']++|'')*+'|\\S+)");

    private final TestDatabase database;
    private final String slot;
    private Lines open = new Lines();

    /** Sees everything that is committed after this. */
    TestDecodingWitness(TestDatabase database) throws SQLException {
        this.database = database;
        this.slot = "witness_" + database.name();
        database.queryValue(
                "SELECT slot_name FROM pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
    }

    @Override
    public List<SeenTransaction> read() throws SQLException {
        List<SeenTransaction> transactions = new ArrayList<>();
        for (List<String> line : database.query("SELECT lsn, xid, data FROM pg_logical_slot_get_changes('" + slot
                + "', NULL, NULL, 'skip-empty-xacts', '1')")) {
            String data = line.get(2);
            Matcher row = ROW.matcher(data);
            if (data.startsWith("BEGIN")) {
                open = new Lines();
            } else if (row.matches()) {
                change(row.group(1), row.group(2), row.group(3));
            } else if (data.startsWith("COMMIT") && !open.all().isEmpty()) {
                transactions.add(
                        new SeenTransaction(line.get(1), Lsn.parse(line.get(0)).value(), open.all()));
            }
        }
        return transactions;
    }

    private void change(String table, String operation, String columns) {
        int newRow = columns.indexOf(" new-tuple: ");
        switch (operation) {
            case "INSERT" -> open.inserted(table, values(columns));
            case "DELETE" -> open.deleted(table, values(columns));
            default ->
                open.updated(
                        table,
                        newRow < 0 ? List.of() : values(columns.substring(0, newRow)),
                        values(columns.substring(Math.max(newRow, 0))));
        }
    }

    private static List<String> values(String columns) {
        List<String> values = new ArrayList<>();
        Matcher value = VALUE.matcher(columns);
        while (value.find()) {
            String text = value.group(1);
            values.add(text.startsWith("'") ? text.substring(1, text.length() - 1) : text);
        }
        return values;
    }

    /** Where the slot that capture uses was last told it may move to. */
    static Lsn confirmed(TestDatabase database, String captureSlot) throws SQLException {
        List<List<String>> rows = database.query(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + captureSlot + "'");
        return rows.isEmpty() || rows.get(0).get(0) == null
                ? new Lsn(0)
                : Lsn.parse(rows.get(0).get(0));
    }

    void drop() throws SQLException {
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    }
}
