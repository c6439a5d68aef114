package dev.cdp.restore.cut;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.restore.MissingChanges;
import java.time.Instant;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Changes are missing around the restore point. */
public final class InGapException extends CdpException {
    private static final long serialVersionUID = 1;

    /** @param wanted the restore point, as it was asked for */
    public InGapException(MissingChanges missing, String wanted) {
        super(ErrorCode.RESTORE_POINT_IN_GAP, message(missing, wanted), next(missing, wanted));
    }

    private static String message(MissingChanges missing, String wanted) {
        String tables =
                missing.tables().stream().map(table -> table.name().toString()).collect(Collectors.joining(", "));
        return "Source '" + missing.source() + "' cannot be restored to " + wanted + "\nwhy   changes "
                + (tables.isEmpty() ? "" : "of " + tables + " ") + "between " + missing.from() + " and "
                + after(missing.to()) + " are not in the archive (" + missing.reason() + ")"
                + (missing.fromPosition() == null
                        ? ""
                        : "\n      from " + missing.fromPosition().nativeText())
                + (missing.toPosition() == null
                        ? ""
                        : " to " + missing.toPosition().nativeText())
                + "\nnear  latest moment before: " + missing.from() + "; earliest after: " + after(missing.to());
    }

    private static String after(@Nullable Instant to) {
        return to == null ? "the next base, which is still to come" : to.toString();
    }

    private static String next(MissingChanges missing, String wanted) {
        return "cdp plan --to " + missing.from()
                + (missing.to() == null ? "" : "\ncdp plan --to " + missing.to())
                + "\ncdp plan --to " + quoted(wanted)
                + " --allow-gap   shows what is left out when what is affected is restored to " + missing.from();
    }

    private static String quoted(String point) {
        return point.contains(" ") ? "\"" + point + "\"" : point;
    }
}
