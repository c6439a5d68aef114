package dev.cdp.app.faults;

import dev.cdp.core.Engine;
import dev.cdp.core.crash.CrashPoint;
import dev.cdp.testkit.faults.FaultKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** One thing to do to a stage. */
sealed interface Fault {
    /** Points that are passed once or a few times in each start, or seldom. */
    Set<String> FIRST_START = Set.of(
            "capture.epoch-anchored",
            "capture.start-sent",
            "capture.start-committed",
            "capture.base-file-uploaded",
            "capture.base-copied",
            "capture.base-announced");

    /** Points that only commands pass. */
    Set<String> COMMANDS = Set.of(
            "control.source-installed",
            "control.configuration-prepared",
            "control.configuration-edited",
            "control.install-statement-run",
            "control.source-released",
            "control.slot-dropped",
            "control.marker-table-dropped",
            "control.source-uninstalled");

    /** Points that are passed a day after an archiver left something behind; {@code SweepCrashIT} turns the clock. */
    Set<String> SWEEPS = Set.of("archiver.orphans-listed", "archiver.orphan-deleted", "archiver.swept");

    /** Points that a source of PostgreSQL alone, or an archive in a folder, has. */
    Set<String> POSTGRES_ONLY = Set.of(
            "capture.offsets-due", "capture.batch-delivered", "archiver.object-forced", "archiver.object-linked");

    FaultKind kind();

    String title();

    Role role();

    /** What has to be going on for a point to be reached. */
    enum Stir {
        NOTHING,
        DEFINITIONS,
        MANY_ROWS,
        MANY_BYTES,
        TERM,
        CONFIGURATION
    }

    /** The process stops dead at a place in the code. */
    record AtPoint(CrashPoint point) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.CRASH_POINT;
        }

        @Override
        public String title() {
            return point.id();
        }

        @Override
        public Role role() {
            return Role.of(point);
        }

        /** How many times the point is passed before the process stops there. */
        int passage(Random random) {
            return switch (point) {
                case ARCHIVER_RECORD_POLLED -> 1 + random.nextInt(3000);
                case ARCHIVER_UNIT_COLLECTED, CAPTURE_TRANSACTION_ENDED -> 1 + random.nextInt(150);
                case CAPTURE_BATCH_RECEIVED, CAPTURE_BATCH_SENT, CAPTURE_BATCH_COMMITTED, CAPTURE_STATE_SENT ->
                    1 + random.nextInt(30);
                case ARCHIVER_PARQUET_CLOSED,
                        ARCHIVER_FILE_UPLOADED,
                        ARCHIVER_OBJECT_FORCED,
                        ARCHIVER_OBJECT_LINKED,
                        CAPTURE_BATCH_DELIVERED -> 1 + random.nextInt(10);
                case ARCHIVER_FILES_CLOSED,
                        ARCHIVER_FILES_UPLOADED,
                        ARCHIVER_ENTRY_CREATED,
                        ARCHIVER_TRIM_DUE,
                        ARCHIVER_TRIMMED -> 1 + random.nextInt(5);
                case CONTROL_STATUS_PREPARED -> 1 + random.nextInt(6);
                case CONTROL_STATUS_WRITTEN, CAPTURE_ACKNOWLEDGE_DUE, CAPTURE_ACKNOWLEDGED, CAPTURE_OFFSETS_DUE ->
                    1 + random.nextInt(3);
                default -> 1;
            };
        }

        Stir stir() {
            return switch (point) {
                case CAPTURE_STATEMENT_RECORDED,
                        CAPTURE_GAP_SENT,
                        CAPTURE_BASE_OPENED,
                        CAPTURE_BASE_COPIED,
                        CAPTURE_BASE_FILE_UPLOADED,
                        CAPTURE_BASE_ANNOUNCED,
                        ARCHIVER_DOCUMENT_UPLOADED -> Stir.DEFINITIONS;
                case CAPTURE_TRANSACTION_OPEN -> Stir.MANY_ROWS;
                case ARCHIVER_TRANSACTION_SPILLED -> Stir.MANY_BYTES;
                case ARCHIVER_STOP_COMMITTED -> Stir.TERM;
                case CONTROL_PIPELINE_STOPPED -> Stir.CONFIGURATION;
                default -> Stir.NOTHING;
            };
        }
    }

    /** A signal from outside at a random moment. */
    record Signal(Kind what, Role role) implements Fault {
        /** Which one. */
        enum Kind {
            KILL("kill -9"),
            STOP_AND_CONTINUE("SIGSTOP and SIGCONT"),
            TERM("SIGTERM");

            private final String title;

            Kind(String title) {
                this.title = title;
            }
        }

        @Override
        public FaultKind kind() {
            return FaultKind.OUTSIDE;
        }

        @Override
        public String title() {
            return what.title + " of " + role.name().toLowerCase();
        }
    }

    /** Everything that can be done to the pipeline of a source; commands and restores have harnesses of their own. */
    static List<Fault> all(Engine engine) {
        List<Fault> faults = new ArrayList<>();
        for (CrashPoint point : CrashPoint.values()) {
            boolean isHere = !point.id().startsWith("restore.")
                    && !COMMANDS.contains(point.id())
                    && !SWEEPS.contains(point.id())
                    && (engine == Engine.POSTGRESQL || !POSTGRES_ONLY.contains(point.id()))
                    && !point.id().equals("capture.epoch-anchored");
            if (isHere) {
                faults.add(new AtPoint(point));
            }
        }
        for (Signal.Kind kind : Signal.Kind.values()) {
            for (Role role : Role.values()) {
                faults.add(new Signal(kind, role));
            }
        }
        return faults;
    }
}
