package dev.cdp.core;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** How this process is named to people who look for it. */
public final class ThisProcess {
    private static final String NAME = host() + "/" + ProcessHandle.current().pid();

    private ThisProcess() {}

    /** Host and process id, such as {@code db1.prod/4711}. The first call may ask a name service. */
    public static String name() {
        return NAME;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host";
        }
    }
}
