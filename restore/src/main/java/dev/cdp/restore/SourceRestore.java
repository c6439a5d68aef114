package dev.cdp.restore;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Json;
import dev.cdp.core.RowImage;
import dev.cdp.core.TableId;
import dev.cdp.core.TableSchema;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.fold.Fold;
import dev.cdp.core.fold.FoldDatabase;
import dev.cdp.core.fold.FoldedRows;
import dev.cdp.core.fold.TableFiles;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.plan.RestorePlan.SourcePlan;
import dev.cdp.restore.plan.RestorePlan.TablePlan;
import dev.cdp.restore.reading.SourceHistory;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<TableId, TableFiles> files;

    SourceRestore(
            RestorePlan plan, SourcePlan source, SourceHistory history, TargetServer server, RestoreProgress progress) {
        this.plan = plan;
        this.source = source;
        this.history = history;
        this.server = server;
        this.progress = progress;
        long cut = plan.cut().of(source.source()).seq();
        this.files = TableFiles.at(history.state(), cut).stream()
                .collect(Collectors.toMap(each -> each.schema().tableId(), each -> each));
    }

    void requireFreeTarget() {
        try (TargetDatabase target = server.database(source.database())) {
            target.requireFree(plan.id());
        }
    }

    /** Fetches and checks every object, before anything is written anywhere. */
    void stage() {
        progress.at(source.source(), "fetch " + source.tables().size() + " tables", 0);
        history.local(source.definition());
        source.tables().forEach(table -> files(table).objects().forEach(history::local));
    }

    /** Restores; what goes wrong is part of the report. */
    SourceReport run(Supplier<FoldDatabase> databases, Clock clock) {
        Instant begin = clock.instant();
        List<TableReport> tables = new ArrayList<>();
        String connect = "";
        Failure failure = null;
        try (TargetDatabase target = server.database(source.database())) {
            connect = target.connectCommand();
            restore(target, databases, tables);
        } catch (CdpException e) {
            log.error("Source {} was not restored: {}", source.source(), e.getMessage(), e);
            failure = new Failure(e.code().toString(), e.code().exitCode(), String.valueOf(e.getMessage()), e.next());
        }
        return new SourceReport(
                source.source(),
                source.server(),
                source.database(),
                connect,
                failure == null ? Outcome.RESTORED : Outcome.FAILED,
                tables,
                Duration.between(begin, clock.instant()).toMillis() / 1000.0,
                failure);
    }

    private void restore(TargetDatabase target, Supplier<FoldDatabase> databases, List<TableReport> reports) {
        DatabaseDefinition definition = definition();
        step("create database " + source.database());
        target.begin(plan.id(), definition);
        target.run(definition.in(Phase.BEFORE_DATA));
        Map<TablePlan, RowDigest> loaded = new HashMap<>();
        for (TablePlan table : source.tables()) {
            loaded.put(table, load(target, databases, table));
        }
        step("add keys");
        target.run(definition.in(Phase.KEYS));
        for (TablePlan table : source.tables()) { // before triggers and foreign keys, which may change rows
            reports.add(verify(target, table, loaded.get(table)));
        }
        step("add indexes, foreign keys, triggers");
        target.run(definition.in(Phase.AFTER_DATA));
        target.set(source.sequences());
        target.analyze();
        requireEqual(reports);
        target.finish();
        step("complete");
    }

    private DatabaseDefinition definition() {
        try {
            return Json.read(Files.readString(history.local(source.definition())), DatabaseDefinition.class);
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

    private RowDigest load(TargetDatabase target, Supplier<FoldDatabase> databases, TablePlan table) {
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
            target.load(tableFiles.schema(), () -> {
                RowImage row = rows.next();
                if (row != null) {
                    digest.add(row);
                    report(step, digest.rowCount());
                }
                return row;
            });
        }
        log.info("Loaded {} rows into {}", digest.rowCount(), table.name());
        return digest;
    }

    private TableReport verify(TargetDatabase target, TablePlan table, @Nullable RowDigest loaded) {
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
        return new TableReport(table.name(), loaded.rowCount(), readBack.rowCount(), loaded.text(), readBack.text());
    }

    private void requireEqual(List<TableReport> reports) {
        List<String> different = reports.stream()
                .filter(report -> !report.isEqual())
                .map(report -> report.name() + " (" + report.rowCount() + " rows loaded, " + report.rowsReadBack()
                        + " read back)")
                .toList();
        if (!different.isEmpty()) {
            throw new CdpException(
                    ErrorCode.VERIFICATION_FAILED,
                    "Database '" + source.database() + "' on " + source.server() + " does not hold what was loaded: "
                            + String.join(", ", different),
                    "It stays incomplete. Do not use it; report this with the plan and the server's version");
        }
    }

    private void step(String step) {
        progress.at(source.source(), step, 0);
    }

    private void report(String step, long rows) {
        if (rows % ROWS_BETWEEN_REPORTS == 0) {
            progress.at(source.source(), step, rows);
        }
    }
}
