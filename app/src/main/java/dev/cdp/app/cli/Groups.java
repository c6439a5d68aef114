package dev.cdp.app.cli;

import dev.cdp.app.config.Configuration;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which sources a command is about. */
final class Groups {
    private Groups() {}

    /** The members of a group; of all sources when {@code name} is null. */
    static List<SourceId> members(Configuration configuration, @Nullable String name) {
        if (name == null) {
            return List.copyOf(configuration.sources().keySet());
        }
        Configuration.Group group = configuration.groups().get(name);
        if (group == null) {
            throw new CdpException(
                    ErrorCode.SOURCE_UNKNOWN,
                    "The configuration has no group \"" + name + "\"; it has "
                            + configuration.groups().keySet(),
                    "cdp source list");
        }
        return group.sources();
    }
}
