/**
 * The fold: from a base and the changes after it to the rows of a table at a moment, as SQL that DuckDB runs in the
 * process over local Parquet files.
 *
 * <p>{@link dev.cdp.core.fold.TableFiles} chooses the files, {@link dev.cdp.core.fold.Fold} runs over them, {@link
 * dev.cdp.core.fold.FoldDatabase} is the door to DuckDB, {@link dev.cdp.core.fold.TransactionLog} asks the files of
 * transactions. No DuckDB type leaves this package.
 */
@NullMarked
package dev.cdp.core.fold;

import org.jspecify.annotations.NullMarked;
