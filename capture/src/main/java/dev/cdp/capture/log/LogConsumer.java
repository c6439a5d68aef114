package dev.cdp.capture.log;

import java.util.List;

/** Takes what was read from a log. Called by one thread at a time, in order; a failure stops the reading. */
@FunctionalInterface
public interface LogConsumer {

    /** Takes the batch over; when it returns, the events may be forgotten by the reader. */
    void accept(List<LogEvent> batch) throws InterruptedException;
}
