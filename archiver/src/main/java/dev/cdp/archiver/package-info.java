/**
 * The archiver: a source's change topic in, its archive out.
 *
 * <p>In: whole transactions and notices from the change topic. Out: Parquet files, and one ledger entry at a time that
 * makes them visible together with the place to go on at. Read {@link dev.cdp.archiver.ArchiverService} first.
 */
@NullMarked
package dev.cdp.archiver;

import org.jspecify.annotations.NullMarked;
