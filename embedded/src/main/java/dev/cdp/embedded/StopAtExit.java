package dev.cdp.embedded;

/** Stops a server when this process ends without having closed it. */
final class StopAtExit {
    private final Thread hook;

    private StopAtExit(Thread hook) {
        this.hook = hook;
    }

    static StopAtExit register(String threadName, Runnable stop) {
        Thread hook = new Thread(stop, threadName);
        Runtime.getRuntime().addShutdownHook(hook);
        return new StopAtExit(hook);
    }

    void cancel() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // The hook runs or has run; stopping twice is harmless.
        }
    }
}
