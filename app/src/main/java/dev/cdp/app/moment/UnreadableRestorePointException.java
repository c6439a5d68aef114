package dev.cdp.app.moment;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** What was typed is no restore point, or could mean more than one moment. Nothing is guessed. */
public final class UnreadableRestorePointException extends CdpException {
    private static final long serialVersionUID = 1;

    private UnreadableRestorePointException(String message, String next) {
        super(ErrorCode.RESTORE_POINT_INVALID, message, next);
    }

    static UnreadableRestorePointException unknownForm(String text, String why) {
        return new UnreadableRestorePointException(
                "\"" + text + "\" is not a restore point" + (why.isEmpty() ? "" : ": " + why),
                "Write it as one of: latest, \"10 minutes ago\", 2026-11-21T03:14:07Z, \"yesterday 23:59"
                        + " Europe/Paris\", before:tx/SOURCE/N, after:tx/SOURCE/N, mark:NAME, SOURCE@POSITION");
    }

    static UnreadableRestorePointException zoneMissing(String text, List<String> candidates) {
        return new UnreadableRestorePointException(
                "\"" + text + "\" has no zone and the configuration has no time-zone, so it could mean several moments",
                candidates.stream().map(c -> "--to \"" + c + "\"").collect(Collectors.joining("\n")));
    }

    static UnreadableRestorePointException clockChange(
            String text, String zone, String what, List<Instant> candidates) {
        return new UnreadableRestorePointException(
                "\"" + text + "\" " + what + " in " + zone + ", because clocks change there",
                candidates.stream().map(c -> "--to " + c).collect(Collectors.joining("\n")));
    }
}
