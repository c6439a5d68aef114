package dev.cdp.app.faults;

import dev.cdp.testkit.faults.FaultResult.Harm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds what was archived against both witnesses as it comes in, transaction by transaction and row by row: the other
 * decoder knows every transaction and its place among all, the journal knows what the application meant to write.
 */
final class Comparison {
    private static final Pattern COUNTER = Pattern.compile("update counter (\\d+)\\|(\\d+)");
    private static final int EXAMPLES = 20;

    private final Journal journal;
    private final Deque<SeenTransaction> due = new ArrayDeque<>();
    private final Map<String, SeenTransaction> late = new LinkedHashMap<>();
    private final Set<String> archivedIds = new HashSet<>();
    private final Map<Integer, Long> reached = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private long lost;
    private long duplicated;
    private long misplaced;
    private long compared;

    Comparison(Journal journal) {
        this.journal = journal;
    }

    /** What the other decoder saw next. */
    void logged(List<SeenTransaction> transactions) {
        due.addAll(transactions);
    }

    /**
     * What was archived next; the decoder must have been asked after that.
     *
     * @param basePlace where the history begins at the latest
     */
    void archived(List<SeenTransaction> transactions, Optional<Long> basePlace) {
        for (SeenTransaction transaction : transactions) {
            if (archivedIds.isEmpty()) {
                skipWhatTheBaseHolds(transaction, basePlace);
            }
            compareWithLog(transaction);
            compareWithJournal(transaction);
            compared++;
        }
    }

    /** How far each writer's transactions are in the archive. */
    Map<Integer, Long> reached() {
        return Map.copyOf(reached);
    }

    /** Transactions compared so far. */
    long compared() {
        return compared;
    }

    /** What is wrong so far; everything up to the newest archived transaction counts. */
    Harm harm() {
        late.values().forEach(transaction -> {
            lost += transaction.changes().size();
            example("lost: transaction " + transaction);
        });
        late.clear();
        return new Harm(lost, duplicated, misplaced);
    }

    List<String> examples() {
        return List.copyOf(examples);
    }

    private void skipWhatTheBaseHolds(SeenTransaction first, Optional<Long> basePlace) {
        while (!due.isEmpty()
                && !due.peek().id().equals(first.id())
                && basePlace.filter(place -> due.peek().place() <= place).isPresent()) {
            due.remove();
        }
    }

    private void compareWithLog(SeenTransaction archived) {
        boolean isNew = archivedIds.add(archived.id());
        if (late.containsKey(archived.id())) {
            misplaced++;
            example("late: transaction " + archived.id());
            compareRows(late.remove(archived.id()), archived);
        } else if (isNew && due.stream().anyMatch(each -> each.id().equals(archived.id()))) {
            while (!due.element().id().equals(archived.id())) {
                SeenTransaction passed = due.remove();
                late.put(passed.id(), passed);
            }
            compareRows(due.remove(), archived);
        } else {
            duplicated += archived.changes().size();
            example((isNew ? "unknown to the log: " : "again: ") + archived);
        }
    }

    private void compareRows(SeenTransaction logged, SeenTransaction archived) {
        if (logged.changes().equals(archived.changes())) {
            return;
        }
        List<String> missing = without(logged.changes(), archived.changes());
        List<String> extra = without(archived.changes(), logged.changes());
        lost += missing.size();
        duplicated += extra.size();
        misplaced += missing.isEmpty() && extra.isEmpty() ? 1 : 0;
        example("transaction " + logged.id() + " lacks " + missing + ", has besides " + extra);
    }

    private void compareWithJournal(SeenTransaction archived) {
        for (String change : archived.changes()) {
            Matcher counter = COUNTER.matcher(change);
            if (counter.matches()) {
                compareWithNote(Integer.parseInt(counter.group(1)), Long.parseLong(counter.group(2)), archived);
            }
        }
    }

    private void compareWithNote(int writer, long number, SeenTransaction archived) {
        long before = reached.getOrDefault(writer, 0L);
        Optional<Journal.Note> note = journal.next(writer);
        while (before == 0 && note.isPresent() && note.get().number() < number) { // in the base
            note = journal.next(writer);
        }
        reached.merge(writer, number, Math::max);
        List<String> changes = archived.changes().stream().sorted().toList();
        if (before != 0 && number != before + 1) {
            lost += Math.max(0, number - before - 1);
            misplaced += number <= before ? 1 : 0;
            example("writer " + writer + ": transaction " + number + " follows " + before);
        } else if (note.isEmpty()
                || note.get().number() != number
                || !note.get().changes().equals(changes)) {
            misplaced++;
            lost += note.map(each -> without(each.changes(), changes).size()).orElse(0);
            duplicated += without(changes, note.map(Journal.Note::changes).orElse(List.of()))
                    .size();
            example("writer " + writer + " noted " + note + ", archived is " + archived);
        }
    }

    private static List<String> without(List<String> all, List<String> some) {
        Map<String, Integer> counts = new HashMap<>();
        some.forEach(each -> counts.merge(each, 1, Integer::sum));
        return all.stream()
                .filter(each -> counts.merge(each, -1, Integer::sum) < 0)
                .toList();
    }

    private void example(String text) {
        if (examples.size() < EXAMPLES) {
            examples.add(text.length() > 600 ? text.substring(0, 600) + " ..." : text);
        }
    }
}
