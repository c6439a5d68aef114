package dev.cdp.app.fidelity;

import java.util.List;

/**
 * A kind of rows.
 *
 * @param tables as SQL names them
 * @param before what is run before the base
 * @param during what is run while it is captured; each statement is a transaction
 */
record RowCase(String subject, List<String> tables, List<String> before, List<String> during) {}
