package dev.cdp.capture.source;

/**
 * How a source keeps its log for us at one moment. As long as {@code server} and {@code reader} stay the same, what is
 * being read goes on being what was checked when reading started.
 *
 * @param retainedBytes how much it keeps because of us
 * @param server tells this server and its present history from others, as far as can be seen at little cost
 * @param reader the session that reads the log, as the server names it; empty when there is none or it does not say
 */
public record LogKeeping(long retainedBytes, String server, String reader) {}
