package dev.cdp.capture;

import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import java.util.Optional;

/**
 * The newest ledger entry that capture knows of, in its state: an archive that lacks it later is another one, or an old
 * copy.
 */
record ArchiveSeen(long entryNumber, String sha256) {
    static final String KEY = "archive-seen";

    static ArchiveSeen of(ArchiveState state) {
        return new ArchiveSeen(state.entryNumber(), state.headSha256());
    }

    /** @return what is wrong with the archive, as a clause; empty when it holds the entry */
    Optional<String> missingIn(ObjectStore archive, SourceId source) {
        Optional<String> standing = Ledger.entrySha256(archive, source, entryNumber);
        if (standing.isEmpty()) {
            return Optional.of("the archive lost ledger entry " + entryNumber + ": it was emptied or is an old copy");
        }
        return standing.get().equals(sha256)
                ? Optional.empty()
                : Optional.of("ledger entry " + entryNumber + " of the archive is another one than before");
    }
}
