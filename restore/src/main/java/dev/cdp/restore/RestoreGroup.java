package dev.cdp.restore;

import dev.cdp.core.SourceId;
import java.util.HashSet;
import java.util.List;

/**
 * Sources that are restored together.
 *
 * @param links declared causality between them
 */
public record RestoreGroup(String name, List<SourceId> sources, List<Link> links) {

    public RestoreGroup {
        sources = List.copyOf(sources);
        links = List.copyOf(links);
        if (sources.isEmpty() || new HashSet<>(sources).size() < sources.size()) {
            throw new IllegalArgumentException("Group '" + name + "' has no sources, or one twice: " + sources);
        }
    }

    /** A group of one source, without links. */
    public static RestoreGroup of(SourceId source) {
        return new RestoreGroup(source.name(), List.of(source), List.of());
    }
}
