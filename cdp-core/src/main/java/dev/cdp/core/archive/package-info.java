/**
 * The archive: the contract between archiver, which writes it, and restore, which reads it.
 *
 * <p>{@link dev.cdp.core.archive.Ledger} is the authority: what stands in no entry of it does not exist. {@link
 * dev.cdp.core.archive.ArchiveState} is what its entries add up to. {@link dev.cdp.core.archive.HistoryWriter} and
 * {@link dev.cdp.core.archive.BaseFileWriter} write the Parquet files. Storage is an {@link
 * dev.cdp.core.archive.ObjectStore}: a folder or an S3 bucket. Format: {@code docs/formats/archive.md}.
 */
@NullMarked
package dev.cdp.core.archive;

import org.jspecify.annotations.NullMarked;
