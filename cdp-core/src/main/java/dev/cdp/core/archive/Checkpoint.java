package dev.cdp.core.archive;

import dev.cdp.core.Engine;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all entries of a ledger up to one add up to. */
record Checkpoint(
        long entryNumber,
        String headSha256,
        Engine engine,
        Instant writtenAt,
        LedgerEntry.Content total,
        @Nullable List<LedgerEntry.Deletion> deletions) {}
