package dev.cdp.restore;

import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.plan.DefinitionMismatchException;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.plan.RestorePlan.TablePlan;
import dev.cdp.restore.reading.SourceHistory;
import dev.cdp.restore.target.TableContent;
import dev.cdp.restore.target.TargetDatabase;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport.Failure;
import dev.cdp.restore.verify.RestoreReport.Outcome;
import dev.cdp.restore.verify.RestoreReport.SourceReport;
import dev.cdp.restore.verify.RestoreReport.TableReport;
import dev.cdp.restore.verify.RowDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One source of a restore, from its staged files to a complete database. */
final class SourceRestore {
    private static final Logger log = LoggerFactory.getLogger(SourceRestore.class);
    private static final int ROWS_BETWEEN_REPORTS = 10_000;

    private final RestorePlan plan;
    private final SourcePlan source;
    private final SourceHistory history;
    private final TargetServer server;
    private final RestoreProgress progress;
    private final Path workDirectory;
    private final Map<TableId, TableFiles> files;
    private final Set<TableId> heldBack;
    private @Nullable FinishedSource finished;

    SourceRestore(
            RestorePlan plan,
            SourcePlan source,
            SourceHistory history,
            TargetServer server,
            RestoreProgress progress,
            Path workDirectory) {
        this.plan = plan;
        this.workDirectory = workDirectory;
        this.source = source;
        this.history = history;
        this.server = server;
        this.progress = progress;
        long cut = plan.cut().of(source.source()).seq();
        Map<TableId, Long> earlier = MissingChanges.heldBack(plan.missing(), source.source());
        this.heldBack = earlier.keySet();
        this.files = TableFiles.at(history.state(), cut, earlier).stream()
                .collect(Collectors.toMap(each -> each.schema().tableId(), each -> each));
    }

    /** A target that an earlier run of this plan has made complete needs no room any more. */
    void requireFreeTarget() {
        try (TargetDatabase target = server.database(source.database())) {
            Optional<FinishedSource> before = FinishedSource.read(workDirectory, plan, source.source())
                    .filter(record -> record.mark().equals(plan.mark(source)));
            if (before.isPresent() && target.standing(plan.mark(source)) == TargetDatabase.Standing.NOT_EMPTY) {
                finished = before.get();
            } else {
                target.requireFree(plan.mark(source));
            }
        }
    }

    /** Fetches and checks every object, before anything is written anywhere. */
    void stage() {
        if (finished != null) {
            return;
        }
        step("fetch " + source.tables().size() + " tables");
        local(source.definition());
        source.tables().forEach(table -> files(table).objects().forEach(this::local));
    }

    private Path local(StoredObject object) {
        requireGoOn("fetch " + object.key());
        try {
            return history.local(object);
        } catch (UncheckedIOException e) {
            throw workDirectoryFailed(e);
        }
    }

    private CdpException workDirectoryFailed(UncheckedIOException e) {
        return new CdpException(
                ErrorCode.WORK_DIRECTORY_FAILED,
                "The local disk failed while source " + source.source() + " was being restored: " + e.getMessage()
                        + ": " + e.getCause(),
                "Make room under " + workDirectory + ", then run the same plan again: it goes on where it stopped",
                e);
    }

    /** Restores; what goes wrong is part of the report. */
    SourceReport run(Supplier<FoldDatabase> databases, Clock clock) {
        Instant begin = clock.instant();
        List<TableReport> tables = new ArrayList<>();
        String connect = "";
        Failure failure = null;
        try (TargetDatabase target = server.database(source.database())) {
            connect = target.connectCommand();
            if (finished == null) {
                restore(target, databases, tables, begin, clock);
            } else {
                compare(target, finished, tables);
            }
        } catch (CdpException e) {
            failure = failure(e);
        } catch (UncheckedIOException e) {
            failure = failure(workDirectoryFailed(e));
        } catch (OutOfMemoryError e) { // what a row took is free again
            failure = failure(heapTooSmall(e));
        }
        return report(begin, clock.instant(), connect, tables, failure);
    }

    private CdpException heapTooSmall(OutOfMemoryError e) {
        DataSize heap = new DataSize(Runtime.getRuntime().maxMemory());
        return new CdpException(
                ErrorCode.RESTORE_MEMORY,
                "A row of source '" + source.source() + "' is too large for Java's heap of " + heap.rounded(),
                "Run the same plan again with a larger one, such as CDP_JAVA_OPTS=-Xmx4g: it goes on where it stopped",
                e);
    }

    private Failure failure(CdpException e) {
        if (e.code() == ErrorCode.CANCELLED) {
            log.info("Source {}: {}", source.source(), e.getMessage());
        } else {
            log.error("Source {} was not restored: {}", source.source(), e.getMessage(), e);
        }
        return new Failure(e.code().toString(), e.code().exitCode(), String.valueOf(e.getMessage()), e.next());
    }

    private SourceReport report(
            Instant begin, Instant end, String connect, List<TableReport> tables, @Nullable Failure failure) {
        return new SourceReport(
                source.source(),
                source.server(),
                source.database(),
                connect,
                failure == null ? Outcome.RESTORED : Outcome.FAILED,
                tables,
                Duration.between(begin, end).toMillis() / 1000.0,
                failure);
    }

    private void restore(
            TargetDatabase target,
            Supplier<FoldDatabase> databases,
            List<TableReport> reports,
            Instant begin,
            Clock clock) {
        step("create database " + source.database());
        target.begin(plan.mark(source), definition());
        CrashPoint.RESTORE_TARGET_CREATED.reached();
        target.run(Phase.BEFORE_DATA);
        CrashPoint.RESTORE_BEFORE_DATA_RUN.reached();
        Map<TablePlan, TableContent> loaded = new HashMap<>();
        requireColumns(target);
        for (TablePlan table : source.tables()) {
            loaded.put(table, target.loaded(table.name()).orElseGet(() -> load(target, databases, table)));
        }
        step("add keys");
        target.run(Phase.KEYS);
        CrashPoint.RESTORE_KEYS_ADDED.reached();
        for (TablePlan table : source.tables()) { // before triggers and foreign keys, which may change rows
            reports.add(verify(target, table, loaded.get(table)));
        }
        requireEqual(reports);
        CrashPoint.RESTORE_VERIFIED.reached();
        step("add indexes, foreign keys, triggers");
        target.run(Phase.AFTER_DATA);
        CrashPoint.RESTORE_AFTER_DATA_RUN.reached();
        step("set sequences, gather statistics");
        target.set(source.sequences());
        CrashPoint.RESTORE_SEQUENCES_SET.reached();
        target.analyze();
        step("complete");
        SourceReport report = report(begin, clock.instant(), target.connectCommand(), reports, null);
        new FinishedSource(plan.mark(source), report).write(workDirectory, plan);
        CrashPoint.RESTORE_RECORD_WRITTEN.reached();
        target.finish();
        CrashPoint.RESTORE_FINISHED.reached();
    }

    /** A definition of another moment would have rows loaded into other tables than they were in. */
    private void requireColumns(TargetDatabase target) {
        for (TablePlan table : source.tables()) {
            Set<String> archived = new TreeSet<>();
            files(table).schema().columns().forEach(column -> archived.add(column.name()));
            Set<String> made = new TreeSet<>(target.columns(table.name()));
            if (!made.equals(archived) && !heldBack.contains(table.table())) {
                throw DefinitionMismatchException.columns(source.source(), table.name(), archived, made);
            }
        }
    }

    /** Of a database that an earlier run has completed: it may be in use since. */
    private void compare(TargetDatabase target, FinishedSource before, List<TableReport> reports) {
        Map<String, TableReport> then = before.report().tables().stream()
                .collect(Collectors.toMap(each -> each.name().toString(), each -> each));
        target.openComplete();
        for (TablePlan table : source.tables()) {
            TableReport was = then.get(table.name().toString());
            reports.add(
                    verify(target, table, was == null ? null : new TableContent(was.rowsReadBack(), was.readBack())));
        }
        List<String> different = different(reports);
        if (!different.isEmpty()) {
            throw new CdpException(
                    ErrorCode.TARGET_NOT_EMPTY,
                    "Database '" + source.database() + "' on " + source.server() + " was restored by this plan, and"
                            + " holds other rows now: " + String.join(", ", different),
                    "Nothing in it was changed. If it is in use, that is as it should be; else restore it again with"
                            + " a new plan");
        }
    }

    private DatabaseDefinition definition() {
        try {
            return Json.read(Files.readString(local(source.definition())), DatabaseDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a staged definition", e);
        }
    }

    private TableFiles files(TablePlan table) {
        TableFiles found = files.get(table.table());
        if (found == null || found.schema().version() != table.schemaVersion()) {
            throw new IllegalStateException("Table " + table.name() + " is not at the cut what the plan says");
        }
        return found;
    }

    private TableContent load(TargetDatabase target, Supplier<FoldDatabase> databases, TablePlan table) {
        String step = "load " + table.name();
        step(step);
        RowDigest digest = new RowDigest();
        TableFiles tableFiles = files(table);
        try (FoldDatabase database = databases.get();
                FoldedRows rows = Fold.open(
                        database,
                        source.source() + "." + table.name(),
                        tableFiles,
                        history::local,
                        Fold.Order.BY_KEY)) {
            target.load(
                    tableFiles.schema(),
                    new TargetDatabase.RowSource() {
                        @Override
                        public @Nullable RowImage next() {
                            RowImage row = rows.next();
                            if (row != null) {
                                digest.add(row);
                                CrashPoint.RESTORE_TABLE_HALF_LOADED.reached();
                                report(step, digest.rowCount());
                            }
                            return row;
                        }

                        @Override
                        public boolean hasLargeRows() {
                            return rows.hasLargeRows();
                        }
                    },
                    () -> content(digest));
        }
        CrashPoint.RESTORE_TABLE_LOADED.reached();
        log.info("Loaded {} rows into {}", digest.rowCount(), table.name());
        return content(digest);
    }

    private static TableContent content(RowDigest digest) {
        return new TableContent(digest.rowCount(), digest.text());
    }

    private TableReport verify(TargetDatabase target, TablePlan table, @Nullable TableContent loaded) {
        if (loaded == null) {
            throw new IllegalStateException("Table " + table.name() + " was not loaded");
        }
        String step = "verify " + table.name();
        step(step);
        RowDigest readBack = new RowDigest();
        TableSchema schema = files(table).schema();
        target.read(schema, row -> {
            readBack.add(row);
            report(step, readBack.rowCount());
        });
        return new TableReport(table.name(), loaded.rowCount(), readBack.rowCount(), loaded.digest(), readBack.text());
    }

    private void requireEqual(List<TableReport> reports) {
        List<String> different = different(reports);
        if (!different.isEmpty()) {
            throw new CdpException(
                    ErrorCode.VERIFICATION_FAILED,
                    "Database '" + source.database() + "' on " + source.server() + " does not hold what was loaded: "
                            + String.join(", ", different),
                    "It stays incomplete. If somebody wrote into it, drop it and run the same plan again; else report"
                            + " this with the plan and the server's version");
        }
    }

    private static List<String> different(List<TableReport> reports) {
        return reports.stream()
                .filter(report -> !report.isEqual())
                .map(report -> report.name() + " (" + report.rowCount() + " rows loaded, " + report.rowsReadBack()
                        + " read back)")
                .toList();
    }

    private void step(String step) {
        requireGoOn(step);
        progress.at(source.source(), step, 0);
    }

    private void report(String step, long rows) {
        if (rows % ROWS_BETWEEN_REPORTS == 0) {
            requireGoOn(step);
            progress.at(source.source(), step, rows);
        }
    }

    private void requireGoOn(String step) {
        if (progress.wantsStop()) {
            throw new CdpException(
                    ErrorCode.CANCELLED,
                    "Stopped as asked, before the end of '" + step + "'",
                    "Run the same plan again: it goes on where it stopped");
        }
    }
}
