package dev.cdp.app.faults;

import dev.cdp.core.crash.CrashPoint;
import java.util.List;

/** What a child process does: one stage, or all of them. */
enum Role {
    CAPTURE(List.of("run", "--only", "capture")),
    ARCHIVE(List.of("run", "--only", "archive")),
    DAEMON(List.of("run"));

    private final List<String> command;

    Role(List<String> command) {
        this.command = command;
    }

    List<String> command() {
        return command;
    }

    /** Who passes a point. */
    static Role of(CrashPoint point) {
        String stage = point.id().substring(0, point.id().indexOf('.'));
        return switch (stage) {
            case "capture" -> CAPTURE;
            case "archiver" -> ARCHIVE;
            default -> DAEMON;
        };
    }
}
