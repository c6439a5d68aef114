package dev.cdp.testkit.faults;

import java.time.Duration;

/** How long a run of {@code -Psoak} lasts: {@code -Dsoak.duration=60m}, or {@code 90s}, or {@code 2h}. */
public final class Soak {
    private static final String PROPERTY = "soak.duration";

    private Soak() {}

    /** Five minutes when nothing is said. */
    public static Duration duration() {
        String text = System.getProperty(PROPERTY, "5m");
        if (!text.matches("[1-9]\\d*[smh]")) {
            throw new IllegalArgumentException("Not a duration: -D" + PROPERTY + "=" + text + "; expected such as 60m");
        }
        return Duration.parse("PT" + text);
    }
}
