package dev.cdp.core.crash;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in the code at which a crash would hurt most: between two effects that must agree. {@link #reached} does
 * nothing, except in a process started with {@code -Dcdp.crash.at=<name>:<n>}, which it stops at the n-th passage as
 * {@code kill -9} would: no shutdown hooks, no buffers written. {@code <name>:<n>:park} holds the passing thread for
 * ever instead, so that another process can take its place meanwhile.
 *
 * <p>The names' first part is the stage that passes them.
 */
public enum CrashPoint {
    CAPTURE_TOPICS_CREATED("capture.topics-created"),
    CAPTURE_CLAIM_SENT("capture.claim-sent"),
    CAPTURE_WRITER_OPENED("capture.writer-opened"),
    CAPTURE_START_DECIDED("capture.start-decided"),
    CAPTURE_LOG_OPENED("capture.log-opened"),
    CAPTURE_EPOCH_ANCHORED("capture.epoch-anchored"),
    CAPTURE_ACKNOWLEDGE_DUE("capture.acknowledge-due"),
    CAPTURE_ACKNOWLEDGED("capture.acknowledged"),
    CAPTURE_MARKER_WRITTEN("capture.marker-written"),
    CAPTURE_DEFINITION_READ("capture.definition-read"),
    CAPTURE_START_SENT("capture.start-sent"),
    CAPTURE_START_COMMITTED("capture.start-committed"),
    CAPTURE_BATCH_RECEIVED("capture.batch-received"),
    CAPTURE_BATCH_SENT("capture.batch-sent"),
    CAPTURE_BATCH_COMMITTED("capture.batch-committed"),
    CAPTURE_TRANSACTION_OPEN("capture.transaction-open"),
    CAPTURE_BASE_ANNOUNCED("capture.base-announced"),
    CAPTURE_GAP_SENT("capture.gap-sent"),
    CAPTURE_STATEMENT_RECORDED("capture.statement-recorded"),
    CAPTURE_TRANSACTION_ENDED("capture.transaction-ended"),
    CAPTURE_BASE_OPENED("capture.base-opened"),
    CAPTURE_BASE_COPIED("capture.base-copied"),
    CAPTURE_BASE_FILE_UPLOADED("capture.base-file-uploaded"),
    CAPTURE_BATCH_DELIVERED("capture.batch-delivered"),
    CAPTURE_OFFSETS_DUE("capture.offsets-due"),
    CAPTURE_STATE_SENT("capture.state-sent"),
    ARCHIVER_STAGING_CLEANED("archiver.staging-cleaned"),
    ARCHIVER_RECORD_POLLED("archiver.record-polled"),
    ARCHIVER_UNIT_COLLECTED("archiver.unit-collected"),
    ARCHIVER_FILES_CLOSED("archiver.files-closed"),
    ARCHIVER_FILES_UPLOADED("archiver.files-uploaded"),
    ARCHIVER_TRIM_DUE("archiver.trim-due"),
    ARCHIVER_TRIMMED("archiver.trimmed"),
    ARCHIVER_STOP_COMMITTED("archiver.stop-committed"),
    ARCHIVER_LEDGER_OPENED("archiver.ledger-opened"),
    ARCHIVER_DOCUMENT_UPLOADED("archiver.document-uploaded"),
    ARCHIVER_FILE_UPLOADED("archiver.file-uploaded"),
    ARCHIVER_PARQUET_CLOSED("archiver.parquet-closed"),
    ARCHIVER_ENTRY_CREATED("archiver.entry-created"),
    ARCHIVER_CHECKPOINT_WRITTEN("archiver.checkpoint-written"),
    ARCHIVER_CHECKPOINTS_PRUNED("archiver.checkpoints-pruned"),
    ARCHIVER_OBJECT_FORCED("archiver.object-forced"),
    ARCHIVER_OBJECT_LINKED("archiver.object-linked"),
    ARCHIVER_TRANSACTION_SPILLED("archiver.transaction-spilled"),
    ARCHIVER_VIEW_HISTORY_PUBLISHED("archiver.view-history-published"),
    ARCHIVER_VIEW_PUBLISHED("archiver.view-published"),
    ARCHIVER_VIEW_VERSION_CREATED("archiver.view-version-created"),
    ARCHIVER_VIEW_FILES_LISTED("archiver.view-files-listed"),
    ARCHIVER_ORPHANS_LISTED("archiver.orphans-listed"),
    ARCHIVER_ORPHAN_DELETED("archiver.orphan-deleted"),
    ARCHIVER_SWEPT("archiver.swept"),
    RESTORE_PLAN_CHECKED("restore.plan-checked"),
    RESTORE_STAGED("restore.staged"),
    RESTORE_DATABASE_MADE("restore.database-made"),
    RESTORE_TARGET_CREATED("restore.target-created"),
    RESTORE_DATABASE_UNMARKED("restore.database-unmarked"),
    RESTORE_BATCH_RUN("restore.batch-run"),
    RESTORE_STATEMENT_RUN("restore.statement-run"),
    RESTORE_BEFORE_DATA_RUN("restore.before-data-run"),
    RESTORE_TABLE_HALF_LOADED("restore.table-half-loaded"),
    RESTORE_ROWS_UNRECORDED("restore.rows-unrecorded"),
    RESTORE_TABLE_LOADED("restore.table-loaded"),
    RESTORE_KEYS_ADDED("restore.keys-added"),
    RESTORE_VERIFIED("restore.verified"),
    RESTORE_AFTER_DATA_RUN("restore.after-data-run"),
    RESTORE_SEQUENCES_SET("restore.sequences-set"),
    RESTORE_RECORD_WRITTEN("restore.record-written"),
    RESTORE_TABLES_MOVED("restore.tables-moved"),
    RESTORE_PROGRAMS_MADE("restore.programs-made"),
    RESTORE_FINISHED("restore.finished"),
    RESTORE_REPORTED("restore.reported"),
    CONTROL_DAEMON_OPENED("control.daemon-opened"),
    CONTROL_STATUS_WRITTEN("control.status-written"),
    CONTROL_PIPELINE_STOPPED("control.pipeline-stopped"),
    CONTROL_PIPELINE_STARTED("control.pipeline-started"),
    CONTROL_DATA_DIRECTORY_ACQUIRED("control.data-directory-acquired"),
    CONTROL_STATUS_PREPARED("control.status-prepared"),
    CONTROL_CONFIGURATION_PREPARED("control.configuration-prepared"),
    CONTROL_CONFIGURATION_EDITED("control.configuration-edited"),
    CONTROL_SOURCE_INSTALLED("control.source-installed"),
    CONTROL_SOURCE_RELEASED("control.source-released"),
    CONTROL_SOURCE_UNINSTALLED("control.source-uninstalled"),
    CONTROL_INSTALL_STATEMENT_RUN("control.install-statement-run"),
    CONTROL_MARKER_TABLE_DROPPED("control.marker-table-dropped"),
    CONTROL_SLOT_DROPPED("control.slot-dropped");

    /** Exit code of a process that stopped at a crash point; a shell says the same of {@code kill -9}. */
    public static final int EXIT_CODE = 137;

    /** The system property that arms one point. */
    public static final String PROPERTY = "cdp.crash.at";

    private static final @Nullable Armed ARMED = Armed.from(System.getProperty(PROPERTY));

    private final String id;

    CrashPoint(String id) {
        this.id = id;
    }

    /** Name as it is written in {@code -Dcdp.crash.at}, such as {@code capture.batch-sent}. */
    public String id() {
        return id;
    }

    /** @throws IllegalArgumentException when there is none of that name */
    public static CrashPoint of(String id) {
        return Arrays.stream(values())
                .filter(point -> point.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no crash point '" + id + "'"));
    }

    /** The point that this process was told to stop at; empty in production. */
    public static Optional<CrashPoint> armed() {
        return Optional.ofNullable(ARMED).map(armed -> armed.point);
    }

    /** To be called at the place itself; safe for use by any thread. */
    public void reached() {
        if (ARMED != null && ARMED.point == this) {
            ARMED.pass();
        }
    }

    /** The one point that is armed, and how often it may still be passed. */
    private static final class Armed {
        private static final Pattern FORM = Pattern.compile("([a-z.-]+):([1-9]\\d{0,8})(:park)?");

        private final CrashPoint point;
        private final AtomicInteger passagesLeft;
        private final boolean parks;

        private Armed(CrashPoint point, int passage, boolean parks) {
            this.point = point;
            this.passagesLeft = new AtomicInteger(passage);
            this.parks = parks;
        }

        static @Nullable Armed from(@Nullable String text) {
            if (text == null) {
                return null;
            }
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "Not a crash point: '" + text + "'; expected a form like capture.batch-sent:3");
            }
            return new Armed(of(parts.group(1)), Integer.parseInt(parts.group(2)), parts.group(3) != null);
        }

        void pass() {
            if (passagesLeft.decrementAndGet() != 0) {
                return;
            }
            System.err.println("crash point " + point.id + (parks ? ": parked" : ": halting"));
            System.err.flush();
            while (parks) {
                LockSupport.park(point);
            }
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
