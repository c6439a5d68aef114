package dev.cdp.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.SourcePosition.Order;
import java.util.BitSet;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MySqlGtidSetTest {
    private static final UUID A = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");
    private static final String B = "f0000000-0000-0000-0000-000000000001";

    @Test
    void readsWhatTheServerPrintsAndPrintsItInOneForm() {
        String printed = B.toUpperCase() + ":3,\n" + A + ":9-11:1-5:6:7, " + A + ":12";

        assertThat(MySqlGtidSet.parse(printed)).hasToString(A + ":1-7:9-12," + B + ":3");
        assertThat(MySqlGtidSet.parse("")).isEqualTo(MySqlGtidSet.EMPTY).hasToString("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-5", "x:1", ":", "-", ":0", ":5-3", ":1-", ":1:", ":99999999999999999999"})
    void refusesWhatIsNoSet(String end) {
        String text = end.startsWith(":") ? A + end : end;

        assertThatThrownBy(() -> MySqlGtidSet.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesTagsByName() {
        assertThatThrownBy(() -> MySqlGtidSet.parse(A + ":1-5:billing:1-3"))
                .hasMessageContaining("has the tag 'billing'; tagged GTIDs are not supported");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A:1-5       | A:1-6       | BEFORE",
                "A:1-5,B:1   | A:1-5       | AFTER",
                "A:1-5:7     | A:1-6       | DIVERGED", // each holds what the other lacks
                "A:1-5:7     | A:1-7       | BEFORE",
                "A:1-5       | B:1-5       | DIVERGED",
                "A:1-3:4-5   | A:1-5       | SAME"
            })
    void ordersSetsByWhatTheyInclude(String one, String other, Order expected) {
        assertThat(position(one).orderAgainst(position(other))).isEqualTo(expected);
    }

    @Test
    void holdsWhatWasAddedInAnyOrder() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        MySqlGtidSet set = MySqlGtidSet.EMPTY;
        BitSet added = new BitSet();
        for (int i = 0; i < 200; i++) {
            int sequence = 1 + random.nextInt(120);
            added.set(sequence);
            set = set.with(new MySqlGtidSet.Gtid(A, sequence));
        }

        for (int sequence = 1; sequence <= 121; sequence++) {
            MySqlGtidSet single = MySqlGtidSet.EMPTY.with(new MySqlGtidSet.Gtid(A, sequence));
            assertThat(set.includes(single)).as("%d, seed %d", sequence, seed).isEqualTo(added.get(sequence));
        }
        assertThat(MySqlGtidSet.parse(set.toString())).as("seed %d", seed).isEqualTo(set);
    }

    private static SourcePosition position(String gtids) {
        String set = gtids.replace("A", A.toString()).replace("B", B);
        return new SourcePosition.MySql(MySqlGtidSet.parse(set), "binlog.000001", 4);
    }
}
