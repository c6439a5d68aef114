package dev.cdp.core.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.TableName;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatabaseDefinitionTest {
    private static final TableName ORDERS = new TableName("public", "orders");
    private static final DefinitionStatement TABLE = new DefinitionStatement(
            Phase.BEFORE_DATA, "TABLE", "public.orders", ORDERS, "CREATE TABLE public.orders (id bigint)");
    private static final DefinitionStatement GRANT = new DefinitionStatement(
            Phase.AFTER_DATA, "GRANT", "public.orders", null, "GRANT SELECT ON public.orders TO PUBLIC");

    @Test
    void survivesJson() {
        DatabaseDefinition definition = definition(List.of(TABLE, GRANT));

        DatabaseDefinition back = Json.read(Json.write(definition), DatabaseDefinition.class);

        assertThat(back).isEqualTo(definition);
    }

    @Test
    void tellsTheStatementsOfAPhase() {
        assertThat(definition(List.of(TABLE, GRANT)).in(Phase.AFTER_DATA)).containsExactly(GRANT);
    }

    @Test
    void refusesStatementsOutOfOrder() {
        assertThatThrownBy(() -> definition(List.of(GRANT, TABLE)))
                .hasMessage("Statements are out of order: BEFORE_DATA public.orders after AFTER_DATA");
    }

    private static DatabaseDefinition definition(List<DefinitionStatement> statements) {
        return new DatabaseDefinition(
                Engine.POSTGRESQL,
                "15.18",
                Map.of("encoding", "UTF8"),
                statements,
                List.of(new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", "orders_id_seq", 7, true)),
                List.of("Large objects are not protected"));
    }
}
