package dev.cdp.archiver;

/** Leaves long work because the archiver was asked to stop; what was staged is discarded. */
final class StopRequestedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StopRequestedException() {
        super("asked to stop");
    }
}
