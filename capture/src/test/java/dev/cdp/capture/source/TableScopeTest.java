package dev.cdp.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableScopeTest {
    @Test
    void coversEverythingWithoutPatterns() {
        assertThat(TableScope.ALL.covers(new TableName("any", "thing"))).isTrue();
    }

    @Test
    void excludesEvenWhatIsIncluded() {
        TableScope scope = new TableScope(List.of("shop.*", "other.t"), List.of("*.tmp_*"));

        assertThat(scope.covers(new TableName("shop", "orders"))).isTrue();
        assertThat(scope.covers(new TableName("shop", "tmp_1"))).isFalse();
        assertThat(scope.covers(new TableName("other", "t"))).isTrue();
        assertThat(scope.covers(new TableName("other", "tt"))).isFalse();
    }

    @Test
    void takesEveryOtherCharacterAsItself() {
        TableScope scope = new TableScope(List.of("a.b+c$ d"), List.of());

        assertThat(scope.covers(new TableName("a", "b+c$ d"))).isTrue();
        assertThat(scope.covers(new TableName("axb", "c$ d"))).isFalse();
        assertThat(scope.includedPatterns()).containsExactly("^a\\.b\\+c\\$\\ d$");
    }
}
