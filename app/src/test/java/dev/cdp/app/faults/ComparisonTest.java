package dev.cdp.app.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.testkit.faults.FaultResult.Harm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The judge of the crash tests sees what they are there to see. */
class ComparisonTest {
    private final Journal journal = new Journal();
    private final Comparison comparison = new Comparison(journal);
    private final List<SeenTransaction> committed = new ArrayList<>();

    ComparisonTest() {
        IntStream.rangeClosed(1, 10).forEach(number -> commit(1 + number % 2, (number + 1) / 2));
    }

    private void commit(int writer, long number) {
        List<String> changes = List.of(
                "insert entry " + writer + "|" + number + "|0|a",
                "insert entry " + writer + "|" + number + "|1|b",
                "update counter " + writer + "|" + number);
        committed.add(new SeenTransaction("t" + committed.size(), committed.size(), changes));
        journal.commits(new Journal.Note(writer, number, changes));
    }

    private Harm judge(List<SeenTransaction> archived) {
        comparison.logged(committed);
        comparison.archived(archived, Optional.of(-1L));
        return comparison.harm();
    }

    @Test
    void findsNothingInAnEqualArchive() {
        assertThat(judge(committed)).isEqualTo(Harm.NONE);
        assertThat(comparison.reached()).containsEntry(1, 5L).containsEntry(2, 5L);
        assertThat(comparison.compared()).isEqualTo(10);
    }

    @Test
    void findsALostTransaction() {
        List<SeenTransaction> archived = new ArrayList<>(committed);
        archived.remove(4);

        assertThat(judge(archived).lost()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void findsALostFirstTransactionThatNoBaseHolds() {
        assertThat(judge(committed.subList(1, 10)).lost()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void findsALostRowAndARepeatedRow() {
        List<SeenTransaction> archived = new ArrayList<>(committed);
        SeenTransaction hit = archived.get(3);
        archived.set(3, new SeenTransaction(hit.id(), hit.place(), hit.changes().subList(1, 3)));
        SeenTransaction other = archived.get(6);
        List<String> twice = new ArrayList<>(other.changes());
        twice.add(0, twice.get(0));
        archived.set(6, new SeenTransaction(other.id(), other.place(), twice));

        Harm harm = judge(archived);

        assertThat(harm.lost()).isPositive();
        assertThat(harm.duplicated()).isPositive();
    }

    @Test
    void findsARepeatedTransaction() {
        List<SeenTransaction> archived = new ArrayList<>(committed);
        archived.add(5, archived.get(4));

        assertThat(judge(archived).duplicated()).isPositive();
    }

    @Test
    void findsTransactionsAndRowsOutOfOrder() {
        List<SeenTransaction> archived = new ArrayList<>(committed);
        Collections.swap(archived, 2, 3);
        SeenTransaction hit = archived.get(7);
        List<String> turned = new ArrayList<>(hit.changes());
        Collections.swap(turned, 0, 1);
        archived.set(7, new SeenTransaction(hit.id(), hit.place(), turned));

        Harm harm = judge(archived);

        assertThat(harm.misplaced()).isEqualTo(2);
        assertThat(harm.lost()).isZero();
    }

    @Test
    void findsATransactionThatTheApplicationNeverCommitted() {
        List<String> changes = List.of("insert entry 1|99|0|z");
        committed.add(new SeenTransaction("t10", 10, changes));
        List<SeenTransaction> archived = new ArrayList<>(committed);
        archived.add(new SeenTransaction("t11", 11, changes));

        assertThat(judge(archived).duplicated()).isPositive();
    }
}
