package dev.cdp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.PendingBase.BaseKind;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourcePosition;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingBaseTest {

    @Test
    void holdsTheLastTransactionBeforeItsView() {
        PendingBase base = new PendingBase("b", BaseKind.SOME_TABLES, at(100), 7);
        base.passed(at(110), 8);
        base.openedAt(at(115), Instant.EPOCH, List.of());
        assertThat(base.seq()).isEmpty();

        base.passed(at(112), 9);
        assertThat(base.seq()).isEmpty();
        base.passed(at(120), 12);

        assertThat(base.seq()).hasValue(9);
    }

    @Test
    void knowsItsPlaceWhenTransactionsPassedTheViewBeforeItWasKnown() {
        PendingBase base = new PendingBase("b", BaseKind.SOME_TABLES, at(100), 7);
        base.passed(at(110), 8);
        base.passed(at(120), 9);
        base.passed(at(130), 10);

        base.openedAt(at(125), Instant.EPOCH, List.of());

        assertThat(base.seq()).hasValue(9);
    }

    @Test
    void startsWhereTheEpochStarts() {
        PendingBase base = new PendingBase("b", BaseKind.REPLACES_ALL, at(100), 7);

        base.openedAt(at(100), Instant.EPOCH, List.of());

        assertThat(base.seq()).hasValue(7);
    }

    @Test
    void refusesAViewFromBeforeItWasExpected() {
        PendingBase base = new PendingBase("b", BaseKind.SOME_TABLES, at(100), 7);

        assertThatThrownBy(() -> base.openedAt(at(90), Instant.EPOCH, List.of()))
                .hasMessageContaining("opened before the transaction at pg:0/64");
    }

    private static SourcePosition at(long lsn) {
        return new SourcePosition.Postgres(new Lsn(lsn));
    }
}
