/**
 * The Iceberg view: tables over the archive's own Parquet files, for analysts' engines.
 *
 * <p>In: ledger entries. Out: metadata below {@code iceberg/<source>/}, in the layout that Hadoop catalogs read. It is
 * derived: nothing reads it back, no restore depends on it, and it can be made again at any time. Read
 * {@link dev.cdp.archiver.iceberg.IcebergView} first.
 */
@NullMarked
package dev.cdp.archiver.iceberg;

import org.jspecify.annotations.NullMarked;
