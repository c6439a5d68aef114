package dev.cdp.app.faults;

import dev.cdp.app.faults.SeenTransaction.Lines;
import dev.cdp.testkit.services.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MariaDB's own {@code mariadb-binlog}, which prints the rows of the log as text. */
final class BinlogWitness implements LogWitness {
    static final String PROGRAM = "mariadb-binlog";

    private static final int FIRST_EVENT = 4;
    private static final Pattern EVENT = Pattern.compile("#\\d{6} .* end_log_pos (\\d+)\\b.*");
    private static final Pattern GTID = Pattern.compile(".*\\tGTID (\\d+-\\d+-(\\d+))\\b.*");
    private static final Pattern ROW = Pattern.compile("### (INSERT INTO|UPDATE|DELETE FROM) `([^`]+)`\\.`([^`]+)`");
    private static final Pattern VALUE = Pattern.compile("###   @\\d+=(.*)");

    private final TestDatabase database;
    private final String base;
    private String file;
    private long position;

    private final List<SeenTransaction> finished = new ArrayList<>();
    private Lines open = new Lines();
    private String gtid = "";
    private long place;
    private long eventEnd;
    private String operation = "";
    private String table = "";
    private List<String> before = new ArrayList<>();
    private List<String> after = new ArrayList<>();
    private List<String> filling = after;

    /** Sees everything that is committed after this. */
    BinlogWitness(TestDatabase database) throws SQLException {
        this.database = database;
        List<String> status = database.query("SHOW MASTER STATUS").get(0);
        this.base = database.queryValue("SELECT @@log_bin_basename");
        this.file = status.get(0);
        this.position = Long.parseLong(status.get(1));
    }

    @Override
    public List<SeenTransaction> read() throws SQLException, IOException, InterruptedException {
        finished.clear();
        List<String> status = database.query("SHOW MASTER STATUS").get(0);
        while (!file.equals(status.get(0))) {
            readTo(null);
            file = following(file);
            position = FIRST_EVENT;
        }
        if (Long.parseLong(status.get(1)) > position) {
            readTo(status.get(1));
        }
        return List.copyOf(finished);
    }

    /** The server begins another file when one is full, and behind the end of a transaction. */
    private String following(String log) throws SQLException {
        return database.query("SHOW BINARY LOGS").stream()
                .map(row -> row.get(0))
                .dropWhile(each -> !each.equals(log))
                .skip(1)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No log file follows " + log));
    }

    /** @param end the position behind the last event wanted; null for the whole file */
    private void readTo(@Nullable String end) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(PROGRAM, "--base64-output=DECODE-ROWS", "--verbose", "--start-position=" + position));
        if (end != null) {
            command.add("--stop-position=" + end);
        }
        command.add(base + file.substring(file.lastIndexOf('.')));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        StringBuilder strange = new StringBuilder();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                take(line);
                if (line.startsWith("ERROR")) {
                    strange.append(line).append('\n');
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException("mariadb-binlog failed: " + strange);
        }
    }

    private void take(String line) {
        Matcher row = ROW.matcher(line);
        Matcher value = VALUE.matcher(line);
        if (value.matches()) {
            String text = value.group(1);
            filling.add(text.startsWith("'") ? text.substring(1, text.length() - 1) : text);
        } else if (line.equals("### WHERE")) {
            filling = before;
        } else if (line.equals("### SET")) {
            filling = after;
        } else {
            endRow();
            if (row.matches()) {
                operation = row.group(2).equals(database.name()) ? row.group(1) : "";
                table = row.group(3);
            } else if (line.startsWith("COMMIT")) {
                commit();
            } else {
                event(line);
            }
        }
    }

    private void event(String line) {
        Matcher event = EVENT.matcher(line);
        if (event.matches()) {
            eventEnd = Long.parseLong(event.group(1));
            Matcher begin = GTID.matcher(line);
            if (begin.matches()) {
                gtid = begin.group(1);
                place = Long.parseLong(begin.group(2));
                open = new Lines();
            }
        }
    }

    private void endRow() {
        if (!before.isEmpty() || !after.isEmpty()) {
            switch (operation) {
                case "INSERT INTO" -> open.inserted(table, after);
                case "DELETE FROM" -> open.deleted(table, before);
                case "UPDATE" -> open.updated(table, before, after);
                default -> {
                    // a row of another database on the same server
                }
            }
        }
        before = new ArrayList<>();
        after = new ArrayList<>();
        filling = after;
    }

    private void commit() {
        if (!open.all().isEmpty()) {
            finished.add(new SeenTransaction(gtid, place, open.all()));
        }
        open = new Lines();
        position = eventEnd;
    }
}
