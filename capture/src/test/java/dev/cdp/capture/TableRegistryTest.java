package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableRegistryTest {
    private static final ColumnDescription ID = column("1", "id", "bigint", null);
    private static final ColumnDescription NAME = column("2", "name", "text", null);

    private final TableRegistry registry = TableRegistry.load(Map.of());

    @Test
    void keepsTheVersionOfATableThatDidNotChange() {
        TableSchema first = registry.observe(table("16384", "t", ID, NAME));

        assertThat(registry.observe(table("16384", "t", ID, NAME))).isSameAs(first);
    }

    @Test
    void keepsTheFieldOfARenamedColumnAndGivesARetypedOneANewOne() {
        TableSchema first = registry.observe(table("16384", "t", ID, NAME));

        TableSchema renamed = registry.observe(table("16384", "t", ID, column("2", "title", "text", null)));
        TableSchema retyped = registry.observe(table("16384", "t", ID, column("2", "title", "integer", null)));

        assertThat(renamed.version()).isEqualTo(2);
        assertThat(field(renamed, 1)).isEqualTo(field(first, 1));
        assertThat(retyped.version()).isEqualTo(3);
        assertThat(field(retyped, 1)).isGreaterThan(field(first, 1));
    }

    @Test
    void keepsTheFieldOfATextThatGetsAnotherLength() {
        ColumnDescription before = column("2", "name", "character varying(10)", null);
        ColumnDescription after = column("2", "name", "character varying(20)", null);
        TableSchema first = registry.observe(table("16384", "t", ID, before));

        assertThat(registry.outdates(table("16384", "t", ID, after))).isFalse();
        assertThat(registry.outdates(table("16384", "t", ID, column("2", "name", "integer", null))))
                .isTrue();
        assertThat(field(registry.observe(table("16384", "t", ID, after)), 1)).isEqualTo(field(first, 1));
    }

    @Test
    void needsANewBaseBehindAnotherKey() {
        registry.observe(table("16384", "t", ID, NAME));

        assertThat(registry.outdates(keyed("id", ID, NAME))).isFalse();
        assertThat(registry.outdates(keyed("key", column("1", "key", "bigint", null), NAME)))
                .isFalse();
        assertThat(registry.outdates(keyed("name", ID, NAME))).isTrue();
    }

    @Test
    void needsANewBaseBehindAColumnThatIsNoLongerComputed() {
        ColumnDescription computed = new ColumnDescription(
                "2", "n", "bigint", Carrier.INT64, Column.Nullability.NULLABLE, Column.Generation.COMPUTED, null);
        registry.observe(table("16384", "t", ID, computed));

        assertThat(registry.outdates(table("16384", "t", ID, computed, column("3", "more", "bigint", null))))
                .isFalse();
        assertThat(registry.outdates(table("16384", "t", ID, column("2", "n", "bigint", null))))
                .isTrue();
    }

    private static TableDescription keyed(String key, ColumnDescription... columns) {
        return new TableDescription(
                "16384", new TableName("public", "t"), List.of(columns), List.of(key), TableSchema.Identity.KEY);
    }

    @Test
    void neverGivesTheFieldOfADroppedColumnAgain() {
        int dropped = field(registry.observe(table("16384", "t", ID, NAME)), 1);
        registry.observe(table("16384", "t", ID));

        TableSchema added = registry.observe(table("16384", "t", ID, column("3", "name", "text", "x")));

        assertThat(field(added, 1)).isGreaterThan(dropped);
        assertThat(added.columns().get(1).fill()).isEqualTo("x");
    }

    @Test
    void takesATableMadeAgainUnderItsNameForAnother() {
        TableSchema first = registry.observe(table("16384", "t", ID));
        registry.drop("16384");

        TableSchema second = registry.observe(table("16999", "t", ID));

        assertThat(second.tableId()).isNotEqualTo(first.tableId());
        assertThat(registry.entry(new TableName("public", "t")).orElseThrow().schema())
                .isEqualTo(second);
    }

    /** Such as one that lost its key, was changed unseen, and has a key again. */
    @Test
    void takesATableThatWasLeftOutAndComesBackForAnother() {
        TableSchema first = registry.observe(table("16384", "t", ID));
        registry.drop("16384");

        assertThat(registry.observe(table("16384", "t", ID)).tableId()).isNotEqualTo(first.tableId());
    }

    @Test
    void knowsTheSameAfterARestart() {
        Map<String, String> state = new HashMap<>();
        registry.observe(table("16384", "t", ID, NAME));
        state.putAll(registry.unsaved());
        registry.saved();
        TableSchema last = registry.observe(table("16384", "t", ID));
        registry.observe(table("17000", "u", ID));
        state.putAll(registry.unsaved());

        TableRegistry restarted = TableRegistry.load(state);

        assertThat(restarted.observe(table("16384", "t", ID))).isEqualTo(last);
        assertThat(restarted.observe(table("18000", "v", ID)).tableId().value()).isEqualTo(3);
    }

    private static int field(TableSchema schema, int index) {
        return schema.columns().get(index).fieldId();
    }

    private static TableDescription table(String nativeId, String name, ColumnDescription... columns) {
        return new TableDescription(
                nativeId, new TableName("public", name), List.of(columns), List.of("id"), TableSchema.Identity.KEY);
    }

    private static ColumnDescription column(String nativeId, String name, String type, String fill) {
        return new ColumnDescription(
                nativeId,
                name,
                type,
                type.equals("text") ? Carrier.TEXT : Carrier.INT64,
                Column.Nullability.NULLABLE,
                Column.Generation.WRITTEN,
                fill);
    }
}
