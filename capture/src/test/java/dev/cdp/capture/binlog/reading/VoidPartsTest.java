package dev.cdp.capture.binlog.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.SourcePosition;
import org.junit.jupiter.api.Test;

class VoidPartsTest {
    private static final SourcePosition START = SourcePosition.parse("gtid:0-1-78@log.000001:1000");
    private static final SourcePosition LATER = SourcePosition.parse("gtid:0-1-90@log.000001:2000");
    private static final String FIRST = "0-1-79";
    private static final String SECOND = "0-1-103";

    private final VoidParts parts = new VoidParts();

    @Test
    void knowsBothOfTwoTransactionsWhenNothingWasRecordedBetweenThem() {
        parts.begin(START);
        parts.add(FIRST, 2, 4);
        parts.begin(START);
        parts.add(SECOND, 0, 1);
        parts.begin(START);

        assertThat(parts.contain(FIRST, 1)).isFalse();
        assertThat(parts.contain(FIRST, 2)).isTrue();
        assertThat(parts.contain(FIRST, 3)).isTrue();
        assertThat(parts.contain(FIRST, 4)).isFalse();
        assertThat(parts.contain(SECOND, 0)).isTrue();
    }

    @Test
    void keepsWhatTheLastReadingLearnedWhereverTheNextOneBegins() {
        parts.begin(START);
        parts.add(SECOND, 0, 1);
        parts.begin(LATER);

        assertThat(parts.contain(SECOND, 0)).isTrue();
    }

    @Test
    void forgetsTransactionsThatWereRecorded() {
        parts.begin(START);
        parts.add(FIRST, 2, 4);
        parts.begin(START);
        parts.begin(LATER);

        assertThat(parts.contain(FIRST, 2)).isFalse();
    }

    @Test
    void forgetsEverythingForAnotherHistory() {
        parts.begin(START);
        parts.add(FIRST, 2, 4);
        parts.clear();
        parts.begin(START);

        assertThat(parts.contain(FIRST, 2)).isFalse();
    }
}
