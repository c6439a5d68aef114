package dev.cdp.app.daemon;

/** A half of what a daemon does, which a process of its own can do. */
public enum Stage {
    CAPTURE,
    ARCHIVE
}
