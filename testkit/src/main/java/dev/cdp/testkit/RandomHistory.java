package dev.cdp.testkit;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.SourceId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws transactions from a seed: inserts, updates, deletes, changes of keys, truncates, values that the source does not
 * log, changes of tables, restarts of capture in the middle of a transaction. The same seed gives the same history.
 */
public final class RandomHistory {
    private static final int MOST_EVENTS = 12;
    private static final List<String> TEXTS =
            List.of("", "a", "Ärger", "line\nbreak", "\\N", "\"quoted\"", "x".repeat(3000), "\uD83D\uDE00", "NULL");

    private final SyntheticSource source;
    private final Random random;
    private int names;

    /** Draws {@code transactions} on top of what {@code source} has already. */
    public static void grow(SyntheticSource source, long seed, int transactions) {
        RandomHistory history = new RandomHistory(source, seed);
        for (int i = 0; i < transactions; i++) {
            history.transaction();
        }
    }

    /** A new source with some tables and {@code transactions} drawn from {@code seed}. */
    public static SyntheticSource of(SourceId id, long seed, int transactions) {
        SyntheticSource source = new SyntheticSource(id);
        grow(source, seed, transactions);
        return source;
    }

    private RandomHistory(SyntheticSource source, long seed) {
        this.source = source;
        this.random = new Random(seed * 0x5DEECE66DL + 11); // neighbouring seeds start alike otherwise
    }

    private void transaction() {
        if (source.tables().size() < 2) {
            create();
            source.commit();
        }
        switch (random.nextInt(20)) {
            case 0 -> source.heartbeat();
            case 1 -> source.mark("mark-" + source.lastSeq());
            case 2 -> changeTables();
            default -> changeRows();
        }
        if (random.nextInt(10) == 0) {
            source.advance(Duration.ofMinutes(random.nextInt(30)));
        }
    }

    private void changeRows() {
        int events = 1 + random.nextInt(MOST_EVENTS);
        for (int i = 0; i < events; i++) {
            changeRow(pick(source.tables()));
            if (random.nextInt(60) == 0) {
                source.restartCapture(random.nextInt(i + 1));
            }
        }
        source.commit();
    }

    private void changeRow(SyntheticTable table) {
        int dice = random.nextInt(100);
        if (table.rowCount() == 0 || dice < 40) {
            insert(table);
        } else if (dice < 80) {
            update(table, random.nextInt(table.rowCount()));
        } else if (dice < 98) {
            source.delete(table, random.nextInt(table.rowCount()));
        } else {
            source.truncate(table);
        }
    }

    private void insert(SyntheticTable table) {
        @Nullable Object[] values = draw(table);
        while (table.schema().hasKey() && table.holdsKeyOf(values)) {
            values = draw(table);
        }
        source.insert(table, values);
    }

    private void update(SyntheticTable table, int index) {
        @Nullable Object[] row = table.row(index);
        @Nullable Object[] drawn = draw(table);
        Set<Integer> unlogged = new HashSet<>();
        boolean changesKey = random.nextInt(8) == 0 && table.schema().hasKey() && !table.holdsKeyOf(drawn);
        for (int i = 0; i < row.length; i++) {
            Column column = table.schema().columns().get(i);
            if (table.isKeyColumn(i)) {
                drawn[i] = changesKey ? drawn[i] : row[i];
            } else if (random.nextInt(3) > 0) {
                drawn[i] = row[i];
                boolean large = row[i] instanceof String text && text.length() > 2000;
                if (large && table.schema().hasKey() && column.carrier() == Carrier.TEXT) {
                    unlogged.add(i);
                }
            }
        }
        source.update(table, index, unlogged, drawn);
    }

    private void changeTables() {
        SyntheticTable table = pick(source.tables());
        int last = table.schema().columns().size() - 1;
        switch (random.nextInt(5)) {
            case 0 ->
                source.addColumn(
                        table, "added_" + source.lastSeq() + "_" + names++, random.nextBoolean() ? "fill" : null);
            case 1 -> {
                if (last > 1) {
                    source.dropColumn(table, last);
                }
            }
            case 2 ->
                source.truncate(table).retypeColumn(table, last, random.nextBoolean() ? Carrier.INT64 : Carrier.BYTES);
            case 3 -> recreate(table);
            default -> create();
        }
        insert(pick(source.tables()));
        source.commit();
    }

    /** Drops the table and creates another one under its name, in one transaction. */
    private void recreate(SyntheticTable table) {
        source.drop(table);
        create(table.name().name());
    }

    private void create() {
        create("table_" + source.lastSeq() + "_" + names++);
    }

    private void create(String name) {
        Column id = SyntheticTable.column(1, "id", random.nextInt(3) == 0 ? Carrier.TEXT : Carrier.INT64);
        Column text = SyntheticTable.column(2, "Text \"x\".y", Carrier.TEXT);
        Column number = SyntheticTable.column(3, "_cdp_seq", Carrier.FLOAT64);
        Column last = SyntheticTable.column(4, "last", pick(List.of(Carrier.values())));
        if (random.nextInt(4) == 0) {
            source.createKeylessTable(name, id, text, number, last);
        } else {
            source.createTable(name, id, text, number, last);
        }
    }

    private @Nullable Object[] draw(SyntheticTable table) {
        @Nullable Object[] values = new Object[table.schema().columns().size()];
        for (int i = 0; i < values.length; i++) {
            boolean mayBeNull = !table.isKeyColumn(i);
            values[i] = mayBeNull && random.nextInt(6) == 0
                    ? null
                    : value(table.schema().columns().get(i).carrier(), table.isKeyColumn(i));
        }
        return values;
    }

    private Object value(Carrier carrier, boolean key) {
        return switch (carrier) {
            case BOOLEAN -> random.nextBoolean();
            case INT64 -> key ? (long) random.nextInt(1000) : random.nextLong();
            case FLOAT32 -> pick(List.of(0f, -0f, Float.NaN, 1.5f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY));
            case FLOAT64 -> pick(List.of(0d, -0d, Double.NaN, 0.1, Double.MAX_VALUE, Double.POSITIVE_INFINITY));
            case BYTES -> pick(List.of(new byte[0], new byte[] {0}, new byte[] {-1, 0, 1}));
            case TEXT -> key ? "key-" + random.nextInt(1000) : pick(TEXTS);
        };
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
