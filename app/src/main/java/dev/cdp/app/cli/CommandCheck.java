package dev.cdp.app.cli;

import dev.cdp.capture.Check;
import dev.cdp.capture.CheckFinding.Verdict;

/** What {@code cdp check} looks at beside what each database depends on. Each says itself what mends it. */
enum CommandCheck implements Check {
    CONNECTION("the source answers and lets cdp's user in"),
    TABLE_GAP("the archive lacks no newest changes of a table"),
    CONDITIONAL_WRITES("the archive's storage lets one of several writers at once create an object");

    private final Rule rule;

    CommandCheck(String wanted) {
        this.rule = new Rule(Verdict.FAILED, Reach.SOURCE, wanted, "<what-the-error-says>");
    }

    @Override
    public Rule rule() {
        return rule;
    }
}
