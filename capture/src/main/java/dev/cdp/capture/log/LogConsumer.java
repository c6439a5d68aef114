package dev.cdp.capture.log;

import java.util.List;

/** Takes what was read from a log. Called by one thread at a time, in order; a failure stops the reading. */
@FunctionalInterface
public interface LogConsumer {

    /**
     * Takes the batch over; when it returns, the events may be forgotten by the reader.
     *
     * @param batch empty now and then when there is nothing to read
     */
    void accept(List<LogEvent> batch) throws InterruptedException;
}
