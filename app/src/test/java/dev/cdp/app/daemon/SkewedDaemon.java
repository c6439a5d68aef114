package dev.cdp.app.daemon;

import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.logging.LogSetup;
import dev.cdp.app.wiring.Sources;
import dev.cdp.capture.log.LogConsumer;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.ClockOffset;
import dev.cdp.capture.source.SourceDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The daemon as its own program, with sources whose clocks are wrong: the commit times that their logs tell are shifted
 * on the way in. Called with the configuration file and, for each source, its name, {@code =} and the offset.
 */
public final class SkewedDaemon {
    private SkewedDaemon() {}

    public static void main(String[] arguments) throws InterruptedException {
        ConfigurationFile file = ConfigurationFile.read(Path.of(arguments[0]), Map.of());
        LogSetup.apply(file.configuration().log());
        Map<String, Duration> offsets = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals > 0) {
                offsets.put(argument.substring(0, equals), Duration.parse(argument.substring(equals + 1)));
            }
        }
        new Daemon(
                        file,
                        Map.of(),
                        "test",
                        EnumSet.allOf(Stage.class),
                        Clock.systemUTC(),
                        source -> skewed(
                                Sources.open(source), offsets.get(source.id().name())))
                .run();
    }

    private static SourceDatabase skewed(SourceDatabase source, Duration offset) {
        return (SourceDatabase) Proxy.newProxyInstance(
                SourceDatabase.class.getClassLoader(),
                new Class<?>[] {SourceDatabase.class},
                (proxy, method, arguments) -> shifted(call(source, method, shifted(arguments, offset)), offset));
    }

    private static Object call(SourceDatabase source, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(source, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object[] shifted(Object[] arguments, Duration offset) {
        Object[] shifted = arguments == null ? new Object[0] : arguments.clone();
        for (int i = 0; i < shifted.length; i++) {
            if (shifted[i] instanceof LogConsumer consumer) {
                LogConsumer behind = batch -> consumer.accept(
                        batch.stream().map(event -> shifted(event, offset)).toList());
                shifted[i] = behind;
            }
        }
        return shifted;
    }

    private static Object shifted(Object result, Duration offset) {
        return result instanceof ClockOffset clock
                ? new ClockOffset(clock.offset().plus(offset), clock.error())
                : result;
    }

    private static LogEvent shifted(LogEvent event, Duration offset) {
        return event instanceof LogEvent.Commit commit
                ? new LogEvent.Commit(
                        commit.nativeId(),
                        commit.position(),
                        commit.commitTimestamp().plus(offset))
                : event;
    }
}
