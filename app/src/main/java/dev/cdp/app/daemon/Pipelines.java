package dev.cdp.app.daemon;

import dev.cdp.app.config.Configuration;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pipeline for each configured source. Whatever is wrong with one source stays with it. Used by one thread. */
final class Pipelines {
    private static final Logger log = LoggerFactory.getLogger(Pipelines.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Map<SourceId, Pipeline> pipelines = new LinkedHashMap<>();

    /** Opens a source and starts to protect it. */
    @FunctionalInterface
    interface Starter {
        Pipeline start(Configuration configuration, Configuration.Source source);
    }

    Collection<Pipeline> all() {
        return List.copyOf(pipelines.values());
    }

    /**
     * Starts, stops and restarts pipelines so that they are those of the configuration.
     *
     * @param removed is told of each source that is configured no more
     */
    void follow(Configuration configuration, Starter starter, Consumer<SourceId> removed) {
        for (Pipeline pipeline : all()) {
            SourceId id = pipeline.source().id();
            Configuration.Source wanted = configuration.sources().get(id);
            if (!pipeline.source().equals(wanted)) {
                log.info("Source {} was {}", id, wanted == null ? "removed" : "changed");
                pipeline.stop(PATIENCE);
                CrashPoint.CONTROL_PIPELINE_STOPPED.reached();
                pipelines.remove(id);
                if (wanted == null) {
                    removed.accept(id);
                }
            }
        }
        for (Configuration.Source source : configuration.sources().values()) {
            if (!pipelines.containsKey(source.id())) {
                pipelines.put(source.id(), start(configuration, source, starter));
                CrashPoint.CONTROL_PIPELINE_STARTED.reached();
            }
        }
    }

    private static Pipeline start(Configuration configuration, Configuration.Source source, Starter starter) {
        log.info("Source {} starts", source.id());
        try {
            return starter.start(configuration, source);
        } catch (CdpException e) {
            log.error("Source {} cannot be opened: {} {}", source.id(), e.code(), e.getMessage());
            return new RefusedSource(source, e);
        } catch (RuntimeException e) {
            log.error("Source {} cannot be opened because of a bug", source.id(), e);
            String what = "Source '" + source.id() + "' cannot be opened: " + e;
            return new RefusedSource(source, new CdpException(ErrorCode.BUG, what, "Read the daemon's log", e));
        }
    }

    void stop() {
        all().forEach(pipeline -> pipeline.stop(PATIENCE));
    }
}
