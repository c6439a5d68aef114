package dev.cdp.app.faults;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;

/**
 * What the application itself knows it did: each of its writers numbers its transactions from 1 and notes what each
 * changed. Safe for use by several threads.
 */
final class Journal {
    private final Map<Integer, ConcurrentLinkedDeque<Note>> unchecked = new ConcurrentHashMap<>();
    private final ConcurrentMap<Integer, Long> newest = new ConcurrentHashMap<>();

    /** @param changes sorted: a statement that changes several rows does so in an order of its own */
    record Note(int writer, long number, List<String> changes) {
        Note {
            changes = changes.stream().sorted().toList();
        }
    }

    /** Notes a transaction that is about to be committed. */
    void commits(Note note) {
        unchecked
                .computeIfAbsent(note.writer(), writer -> new ConcurrentLinkedDeque<>())
                .add(note);
    }

    /** The transaction that was noted last is there for good. */
    void committed(Note note) {
        newest.put(note.writer(), note.number());
    }

    /** Number of the newest transaction of each writer. */
    Map<Integer, Long> newest() {
        return Map.copyOf(newest);
    }

    /** Takes the writer's oldest note that was not taken yet. */
    Optional<Note> next(int writer) {
        ConcurrentLinkedDeque<Note> notes = unchecked.get(writer);
        return notes == null ? Optional.empty() : Optional.ofNullable(notes.poll());
    }
}
