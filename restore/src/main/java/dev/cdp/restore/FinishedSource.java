package dev.cdp.restore;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.verify.RestoreReport.SourceReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * That one source of a plan has been restored and verified. A complete target says nothing of a restore any more, so
 * this stands on the local disk, written just before the target is made complete: a run of the same plan that finds both
 * compares them, and goes on with the other sources.
 *
 * @param mark as {@link RestorePlan#mark} names it
 */
record FinishedSource(String mark, SourceReport report) {

    static Optional<FinishedSource> read(Path workDirectory, RestorePlan plan, SourceId source) {
        Path file = file(workDirectory, plan, source);
        try {
            return Files.exists(file)
                    ? Optional.of(Json.read(Files.readString(file), FinishedSource.class))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw failed(file, e);
        }
    }

    /** On disk when this returns. */
    void write(Path workDirectory, RestorePlan plan) {
        Path file = file(workDirectory, plan, report.source());
        Path arriving = file.resolveSibling(file.getFileName() + ".arriving");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(arriving, Json.write(this));
            try (FileChannel channel = FileChannel.open(arriving, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(arriving, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static Path file(Path workDirectory, RestorePlan plan, SourceId source) {
        return workDirectory.resolve("finished").resolve(plan.id()).resolve(source + ".json");
    }

    private static CdpException failed(Path file, Exception e) {
        return new CdpException(
                ErrorCode.WORK_DIRECTORY_FAILED,
                "File " + file + " cannot be used: " + e,
                "Check the disk and the rights of the data directory. Then run the same plan again",
                e);
    }
}
