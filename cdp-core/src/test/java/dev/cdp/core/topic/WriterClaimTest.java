package dev.cdp.core.topic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriterClaimTest {
    private final WriterClaim claim = new WriterClaim();

    @Test
    void isMadeBehindAnyThatItFinds() {
        assertThat(claim.isOvertakenBy("a process that may be gone")).isFalse();
        assertThat(claim.isDueBehind("a process that may be gone")).isTrue();
    }

    @Test
    void isMadeAgainWhenItDidNotComeThroughOrWasLost() {
        claim.isDueBehind("older");

        assertThat(claim.isOvertakenBy("older")).isFalse();
        assertThat(claim.isDueBehind("older")).isTrue();
        assertThat(claim.isOvertakenBy(null)).isFalse();
        assertThat(claim.isDueBehind(null)).isTrue();
    }

    @Test
    void standsForAllThatItsCaptureOpens() {
        claim.isDueBehind("older");

        assertThat(claim.isOvertakenBy(claim.name())).isFalse();
        assertThat(claim.isDueBehind(claim.name())).isFalse();
    }

    /** Whether or not its own came through: it may have been asleep before. */
    @Test
    void isOverWhenThereIsAnotherOneSince() {
        claim.isDueBehind(null);

        assertThat(claim.isOvertakenBy(new WriterClaim().name())).isTrue();
    }
}
