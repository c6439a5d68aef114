package dev.cdp.app.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes Ctrl-C and SIGTERM as a wish to stop, for as long as it is open: the work ends at its next safe place and says how
 * to go on. The second signal ends the process at once.
 *
 * <p>A shutdown hook would not do: it runs beside the work, and the process has lost its exit code by then. The classes
 * are in every JDK, but the compiler warns of them whatever one does, so they are called by name. Where they are missing
 * a signal ends the process at once, which every work here has to bear anyway.
 */
final class StopSignals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StopSignals.class);
    private static final int ABORTED = 130;

    private final AtomicBoolean wanted = new AtomicBoolean();
    private final Runnable onFirst;
    private final Map<Object, Object> handlersBefore = new LinkedHashMap<>();

    /** @param onFirst called on another thread */
    StopSignals(Runnable onFirst) {
        this.onFirst = onFirst;
        for (String name : List.of("INT", "TERM")) {
            try {
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                Object signal = Class.forName("sun.misc.Signal")
                        .getConstructor(String.class)
                        .newInstance(name);
                Object ours = Proxy.newProxyInstance(
                        handler.getClassLoader(),
                        new Class<?>[] {handler},
                        (proxy, method, arguments) ->
                                method.getName().equals("handle") ? received() : answer(proxy, method.getName()));
                handlersBefore.put(signal, handle(signal, ours));
            } catch (ReflectiveOperationException e) {
                log.debug("Signal {} ends this process at once", name, e);
            }
        }
    }

    boolean wantsStop() {
        return wanted.get();
    }

    private @org.jspecify.annotations.Nullable Object received() {
        if (wanted.getAndSet(true)) {
            Runtime.getRuntime().halt(ABORTED);
        }
        onFirst.run();
        return null;
    }

    /** The methods that every object has. */
    private static Object answer(Object proxy, String method) {
        return switch (method) {
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> false;
            default -> "stop signals";
        };
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        try {
            return signal.getClass()
                    .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, signal, handler);
        } catch (InvocationTargetException e) { // the virtual machine keeps the signal for itself
            throw new ReflectiveOperationException(e.getCause());
        }
    }

    @Override
    public void close() {
        handlersBefore.forEach((signal, before) -> {
            try {
                handle(signal, before);
            } catch (ReflectiveOperationException e) {
                log.debug("Signal {} keeps its handler", signal, e);
            }
        });
    }
}
