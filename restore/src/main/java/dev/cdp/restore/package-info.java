/**
 * From the archive to a restored database: {@link dev.cdp.restore.RestoreService} resolves a restore point to a cut,
 * plans, loads into new databases beside the originals, verifies and reports. Start there.
 */
@NullMarked
package dev.cdp.restore;

import org.jspecify.annotations.NullMarked;
