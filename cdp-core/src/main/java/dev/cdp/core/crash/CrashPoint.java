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
    CAPTURE_BATCH_SENT("capture.batch-sent"),
    CAPTURE_BATCH_COMMITTED("capture.batch-committed"),
    ARCHIVER_FILES_UPLOADED("archiver.files-uploaded"),
    ARCHIVER_ENTRY_CREATED("archiver.entry-created"),
    RESTORE_TARGET_CREATED("restore.target-created"),
    RESTORE_TABLE_LOADED("restore.table-loaded"),
    CONTROL_STATUS_WRITTEN("control.status-written");

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
