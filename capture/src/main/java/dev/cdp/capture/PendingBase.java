package dev.cdp.capture;

import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.ChangeEvent.BaseSnapshot;
import dev.cdp.core.ChangeEvent.BaseTable;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A base that is taken while changes go on being recorded: finds the number of the last transaction it holds, and the
 * schemas that its tables have there.
 *
 * <p>Its view opens somewhere in the log after this is created; transactions recorded from then on are remembered until
 * the place is known. Used by the thread that records changes only, but for {@link #schemas}.
 */
final class PendingBase {
    private final String id;
    private final BaseKind kind;
    private final List<Boundary> passed = new ArrayList<>();
    private final CompletableFuture<Map<TableDescription, TableSchema>> schemas = new CompletableFuture<>();
    private final CompletableFuture<Void> written = new CompletableFuture<>();
    private @Nullable SourcePosition position;
    private @Nullable Long seq;
    private BaseSnapshotTask.@Nullable Copied tables;
    private List<TableDescription> observed = List.of();
    private Instant takenAt = Instant.EPOCH;

    private record Boundary(SourcePosition position, long seq) {}

    /** What a base starts. */
    enum BaseKind {
        /** An epoch: no table outside of it is known. */
        REPLACES_ALL,
        /** Some tables: all others go on. */
        SOME_TABLES
    }

    /** A base whose view is opened later; the present boundary is known. */
    PendingBase(String id, BaseKind kind, SourcePosition boundary, long seq) {
        this.id = id;
        this.kind = kind;
        passed.add(new Boundary(boundary, seq));
    }

    String id() {
        return id;
    }

    BaseKind kind() {
        return kind;
    }

    /** Completed, from the recording thread, when the place of the view has been passed. */
    CompletableFuture<Map<TableDescription, TableSchema>> schemas() {
        return schemas;
    }

    /** Completed, from the recording thread, when the finished base stands in the change topic's open transaction. */
    CompletableFuture<Void> written() {
        return written;
    }

    /** Learns where the view is and what it shows. */
    void openedAt(SourcePosition viewPosition, Instant when, List<TableDescription> viewTables) {
        position = viewPosition;
        takenAt = when;
        observed = List.copyOf(viewTables);
        List<Boundary> soFar = List.copyOf(passed);
        passed.clear();
        soFar.forEach(boundary -> passed(boundary.position(), boundary.seq()));
    }

    /** Learns that the transaction of this number was recorded. */
    void passed(SourcePosition boundary, long boundarySeq) {
        if (seq != null) {
            return;
        }
        passed.add(new Boundary(boundary, boundarySeq));
        if (position == null) {
            return;
        }
        switch (boundary.orderAgainst(position)) {
            case BEFORE -> passed.subList(0, passed.size() - 1).clear(); // only the last one before the view counts
            case SAME -> seq = boundarySeq;
            case AFTER -> {
                if (passed.size() < 2) {
                    throw new IllegalStateException("The view of base " + id + " at " + position
                            + " opened before the transaction at " + boundary + ", where it was expected first");
                }
                seq = passed.get(passed.size() - 2).seq();
            }
            case DIVERGED ->
                throw new IllegalStateException("The view of base " + id + " at " + position + " and the log at "
                        + boundary + " have diverged");
        }
    }

    /** The number of the last transaction in the view, once it has been passed. */
    OptionalLong seq() {
        return seq == null ? OptionalLong.empty() : OptionalLong.of(seq);
    }

    /** Gives every table of the view its schema; only right while no statement behind the view has been recorded. */
    void assignSchemas(Function<TableDescription, TableSchema> registry) {
        Map<TableDescription, TableSchema> assigned = new LinkedHashMap<>();
        observed.forEach(table -> assigned.put(table, registry.apply(table)));
        schemas.complete(assigned);
    }

    /** Of the tables in the view. */
    Set<String> nativeIds() {
        return observed.stream().map(TableDescription::nativeId).collect(Collectors.toUnmodifiableSet());
    }

    void copied(BaseSnapshotTask.Copied copiedTables) {
        tables = copiedTables;
    }

    /** The tables in the view that could not be copied, each with the value that is in the way; known in the end. */
    Map<TableDescription, ValueNotCarriedException> refused() {
        return tables == null ? Map.of() : tables.refused();
    }

    /** Of the tables in the view without those. */
    Set<String> copiedIds() {
        return observed.stream()
                .filter(table -> !refused().containsKey(table))
                .map(TableDescription::nativeId)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The finished base, once all is known. */
    Optional<BaseSnapshot> finished() {
        if (seq == null || tables == null || position == null) {
            return Optional.empty();
        }
        boolean replacesAll = kind == BaseKind.REPLACES_ALL;
        List<BaseTable> all = new ArrayList<>(tables.complete());
        if (replacesAll) { // a table that is in no such base passes for one that was made later
            refused().keySet().forEach(table -> all.add(new BaseTable(schemaOf(table), 0, List.of())));
        }
        return Optional.of(new BaseSnapshot(id, seq, position, takenAt, replacesAll, all));
    }

    private TableSchema schemaOf(TableDescription table) {
        return Objects.requireNonNull(schemas.join().get(table), "a table is copied by its schema");
    }
}
