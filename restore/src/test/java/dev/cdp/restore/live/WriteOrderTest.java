package dev.cdp.restore.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.Column.Generation;
import dev.cdp.core.Column.Nullability;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.restore.live.TableRepair.Row;
import dev.cdp.restore.target.LiveDatabase.Write;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows that take unique values from each other, written one by one as a server judges them. */
class WriteOrderTest {
    private static final TableSchema TABLE = new TableSchema(
            new TableId(1),
            1,
            new TableName("public", "account"),
            List.of(
                    column(1, "id", Carrier.INT64, Nullability.NOT_NULL),
                    column(2, "email", Carrier.TEXT, Nullability.NOT_NULL),
                    column(3, "place", Carrier.INT64, Nullability.NULLABLE),
                    column(4, "shelf", Carrier.INT64, Nullability.NULLABLE)),
            List.of(1),
            Identity.KEY);
    private static final List<List<Integer>> UNIQUES = List.of(List.of(1), List.of(2, 3));

    private static Column column(int id, String name, Carrier carrier, Nullability nullability) {
        String type = carrier == Carrier.TEXT ? "character varying(60)" : "bigint";
        return new Column(id, name, type, carrier, nullability, Generation.WRITTEN, null);
    }

    @Test
    void noTwoRowsEverHoldTheSameValueAndAllEndAsWanted() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int parked = 0;
        for (int round = 0; round < 2000; round++) {
            int size = 1 + random.nextInt(8);
            List<@Nullable RowImage> now = draw(random, size);
            List<@Nullable RowImage> wanted = draw(random, size);
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                if (!Objects.equals(now.get(i), wanted.get(i))) {
                    rows.add(new Row(now.get(i), wanted.get(i)));
                }
            }
            parked += check("seed " + seed + ", round " + round, now, wanted, new TableRepair(TABLE, rows));
        }
        assertThat(parked).as("rows parked, seed " + seed).isGreaterThan(100);
    }

    /** Rows by number; absent ones are null. Values come out of few, each given once. */
    private static List<@Nullable RowImage> draw(Random random, int size) {
        List<Integer> emails = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < size + 2; i++) {
            emails.add(i);
            places.add(i);
        }
        Collections.shuffle(emails, random);
        Collections.shuffle(places, random);
        List<@Nullable RowImage> rows = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Long place = random.nextInt(4) == 0 ? null : Long.valueOf(places.get(i) / 2);
            rows.add(
                    random.nextInt(4) == 0
                            ? null
                            : RowImage.of((long) i, "e" + emails.get(i), place, (long) (places.get(i) % 2)));
        }
        return rows;
    }

    /** @return how many rows were parked */
    private static int check(
            String as, List<@Nullable RowImage> now, List<@Nullable RowImage> wanted, TableRepair repair) {
        Map<Object, RowImage> table = new HashMap<>();
        now.stream().filter(Objects::nonNull).forEach(row -> table.put(row.value(0), row));
        WriteOrder order = WriteOrder.of(repair, UNIQUES);
        int written = 0;
        for (WriteOrder.Step step : order.steps()) {
            for (RowImage image : step.images()) {
                assertThat(table.containsKey(image.value(0))).as(as).isEqualTo(step.kind() != Write.INSERT);
                if (step.kind() == Write.DELETE) {
                    table.remove(image.value(0));
                } else {
                    table.put(image.value(0), image);
                }
                requireUnique(as, table);
                written++;
            }
        }
        for (RowImage image : order.lastDeletes()) {
            assertThat(table.remove(image.value(0))).as(as).isNotNull();
        }
        Map<Object, RowImage> expected = new HashMap<>();
        wanted.stream().filter(Objects::nonNull).forEach(row -> expected.put(row.value(0), row));
        assertThat(table).as(as).isEqualTo(expected);
        return written + order.lastDeletes().size() - repair.rows().size();
    }

    private static void requireUnique(String as, Map<Object, RowImage> table) {
        for (List<Integer> unique : UNIQUES) {
            Set<List<Object>> seen = new HashSet<>();
            for (RowImage row : table.values()) {
                List<Object> value = new ArrayList<>();
                unique.forEach(column -> value.add(row.value(column)));
                assertThat(value.contains(null) || seen.add(value))
                        .as(as + ": " + value + " twice")
                        .isTrue();
            }
        }
    }
}
