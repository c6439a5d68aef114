package dev.cdp.app.cli;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.wiring.Restores;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.restore.plan.RestorePlan;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Plans in the data directory, found again by their ids. */
final class SavedPlans {
    private final Path folder;

    SavedPlans(Configuration configuration) {
        this.folder = Restores.workDirectory(configuration).resolve("plans");
    }

    Path file(String id) {
        return folder.resolve("p-" + id + ".json");
    }

    /** Keeps a plan for {@link #named}, so that its restore can be resumed. */
    void keep(RestorePlan plan) {
        Path path = file(plan.id());
        try {
            write(path, plan);
        } catch (FileAlreadyExistsException e) {
            RestorePlan kept = read(path);
            if (!kept.toJson().equals(plan.toJson())) {
                throw new CdpException(
                        ErrorCode.FILE_EXISTS,
                        "Another plan of the id " + plan.id() + " is saved as " + path,
                        "Make a new plan: cdp plan --to " + plan.restorePoint(),
                        e);
            }
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.WORK_DIRECTORY_FAILED,
                    "The plan cannot be saved as " + path + ": " + e,
                    "Check the disk and the rights of the data directory",
                    e);
        }
    }

    /** @throws FileAlreadyExistsException when there is a file already */
    static void write(Path path, RestorePlan plan) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.writeString(path, plan.toJson() + "\n", StandardOpenOption.CREATE_NEW);
    }

    /** @param id with or without the {@code p-} that file names begin with */
    RestorePlan named(String id) {
        return read(file(id.startsWith("p-") ? id.substring(2) : id));
    }

    static RestorePlan read(Path path) {
        try {
            return RestorePlan.fromJson(Files.readString(path));
        } catch (IOException | IllegalArgumentException e) {
            throw new CdpException(
                    ErrorCode.USAGE_WRONG, "The plan " + path + " cannot be read: " + e, "cdp plan --to POINT", e);
        }
    }
}
