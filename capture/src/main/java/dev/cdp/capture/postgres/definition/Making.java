package dev.cdp.capture.postgres.definition;

import dev.cdp.core.TableName;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A statement that is yet to find its place. */
record Making(
        Step step, String kind, String object, @Nullable TableName table, String sql) {
    /** Names decide where dependencies do not, so that equal databases give equal orders. */
    static final Comparator<Making> ORDER = Comparator.comparing(Making::step)
            .thenComparing(Making::object)
            .thenComparing(Making::kind)
            .thenComparing(Making::sql);

    Making(Step step, String kind, String object, String sql) {
        this(step, kind, object, null, sql);
    }

    Making at(Step otherStep, String otherSql) {
        return new Making(otherStep, kind, object, table, otherSql);
    }

    DefinitionStatement in(Phase phase) {
        return new DefinitionStatement(phase, kind, object, table, sql);
    }

    @Override
    public String toString() {
        return kind.toLowerCase(Locale.ROOT) + " " + object;
    }
}
