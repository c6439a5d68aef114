package dev.cdp.capture.binlog.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.capture.binlog.reading.DdlStatement.Step;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlterationTest {
    private static final ColumnDescription ID = column("id");
    private static final ColumnDescription ADDED = column("added");
    private static final TableDescription TODAY = table(ID, ADDED);

    @Test
    void aColumnThatIsAddedIsTakenFromTheCatalog() {
        assertThat(alter(table(ID), Step.Presence.NEW)).contains(TODAY);
    }

    /** The table was described behind the statement, which capture reads only now. */
    @Test
    void nothingIsCertainWhenAColumnThatIsAddedIsThereAlready() {
        assertThat(alter(TODAY, Step.Presence.NEW)).isEmpty();
    }

    @Test
    void aColumnThatNeedNotBeNewStaysAsItIs() {
        assertThat(alter(TODAY, Step.Presence.UNLESS_IT_EXISTS)).contains(TODAY);
    }

    private static Optional<TableDescription> alter(TableDescription before, Step.Presence presence) {
        Step add = new Step.AddColumn(
                "added", presence, WrittenType.read(SqlTokens.of("int(11)")), Column.Generation.WRITTEN, null, null);
        return new Alteration(new Today(), before).apply(List.of(add));
    }

    private static TableDescription table(ColumnDescription... columns) {
        return new TableDescription(
                "1", new TableName("shop", "t"), List.of(columns), List.of("id"), Identity.FULL, List.of());
    }

    private static ColumnDescription column(String name) {
        return new ColumnDescription(
                name, name, "int(11)", Carrier.INT64, Column.Nullability.NULLABLE, Column.Generation.WRITTEN, null);
    }

    /** A catalog that knows one table. */
    private static final class Today implements TableCatalog {
        @Override
        public Standing standing(TableName table) {
            return Standing.PROTECTED;
        }

        @Override
        public Optional<TableDescription> describe(TableName table) {
            return Optional.of(TODAY);
        }

        @Override
        public Map<TableName, List<Cascade>> cascades() {
            return Map.of();
        }

        @Override
        public Optional<String> fill(TableName table, String column, String literal) {
            return Optional.empty();
        }
    }
}
