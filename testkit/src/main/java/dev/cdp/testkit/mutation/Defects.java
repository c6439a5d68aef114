package dev.cdp.testkit.mutation;

import static dev.cdp.testkit.mutation.Defect.Kind.DOES_NOTHING;
import static dev.cdp.testkit.mutation.Defect.Kind.HIDES_ITS_FAILURE;
import static dev.cdp.testkit.mutation.Defect.Kind.IS_A_LITTLE_AHEAD;
import static dev.cdp.testkit.mutation.Defect.Kind.IS_FAR_AHEAD;
import static dev.cdp.testkit.mutation.Defect.Kind.IS_ONE_AHEAD;
import static dev.cdp.testkit.mutation.Defect.Kind.IS_THREE_AHEAD;
import static dev.cdp.testkit.mutation.Defect.Kind.IS_TRUE;
import static dev.cdp.testkit.mutation.Defect.Kind.LOSES_ONE;
import static dev.cdp.testkit.mutation.Defect.Kind.REPEATS_ONE;
import static dev.cdp.testkit.mutation.Defect.Kind.RETURNS_ITS_ARGUMENT;
import static dev.cdp.testkit.mutation.Defect.Kind.SKIPS_ONE_CALL;

import dev.cdp.testkit.mutation.Defect.Kind;
import dev.cdp.testkit.mutation.Defect.Target;
import dev.cdp.testkit.mutation.Defect.TestName;
import java.util.List;

/** The defects that the tests are held against: what a product of this kind must never do, one line each. */
public final class Defects {
    /** Deep enough in a small test that everything is under way. */
    private static final int USUAL_PASSAGE = 5;

    /** In a long test behind its base, which would hold an earlier change anyway. */
    private static final int BEHIND_THE_BASE = 100;

    /** Every one, in the order of the flow. */
    public static final List<Defect> ALL = List.of(
            // capture
            defect("a-row-change-is-lost", "capture.RowRecorder", "changes", LOSES_ONE)
                    .at(BEHIND_THE_BASE)
                    .foundBy("capture", "PostgresCaptureIT", "replaysToTheTablesAfterRestartsAmongInterleavedWriters"),
            defect("a-row-change-is-repeated", "capture.RowRecorder", "changes", REPEATS_ONE)
                    .at(BEHIND_THE_BASE)
                    .foundBy("capture", "PostgresCaptureIT", "replaysToTheTablesAfterRestartsAmongInterleavedWriters"),
            defect("a-mariadb-row-change-is-lost", "capture.RowRecorder", "changes", LOSES_ONE)
                    .at(BEHIND_THE_BASE)
                    .foundBy("capture", "MariaDbCaptureIT", "replaysToTheTablesAfterRestartsAmongInterleavedWriters"),
            defect("a-key-change-passes-for-an-update", "capture.RowRecorder", "keyDiffers", DOES_NOTHING)
                    .foundBy("capture", "MariaDbCaptureIT", "replaysToTheTablesAfterRestartsAmongInterleavedWriters"),
            defect("a-truncate-is-ignored-by-capture", "capture.ChangeRecorder", "recordTruncation", DOES_NOTHING)
                    .foundBy("capture", "PostgresCaptureIT", "replaysToTheTablesAfterRestartsAmongInterleavedWriters"),
            defect("a-row-that-cannot-be-carried-is-passed-over", "capture.ChangeRecorder", "refuse", DOES_NOTHING)
                    .foundBy(
                            "capture",
                            "ChangeRecorderIT",
                            "leavesOutARowThatCannotBeCarriedAndSaysSoOnceForItsTransaction"),
            defect("a-retyped-table-gets-no-new-base", "capture.TableRegistry", "outdates", DOES_NOTHING)
                    .foundBy("capture", "PostgresCaptureIT", "followsDefinitionChangesWhileRowsAreWritten"),
            defect("a-base-that-is-due-is-forgotten", "capture.StateChanges", "keepMissing", DOES_NOTHING)
                    .foundBy("capture", "ChangeRecorderIT", "remembersTheTablesWhoseGapWaitsForABase"),
            defect("a-base-claims-an-earlier-place", "capture.PendingBase", "passed", DOES_NOTHING)
                    .foundBy("capture", "PendingBaseTest", "holdsTheLastTransactionBeforeItsView"),
            defect("a-base-is-copied-without-locks", "capture.postgres.PostgresBaseReading", "lock", DOES_NOTHING)
                    .foundBy(
                            "capture",
                            "postgres.PostgresBaseIT",
                            "givesUpWhenATableWasTruncatedWhileTheSnapshotWasTaken"),
            defect(
                            "the-source-may-discard-unarchived-log",
                            "capture.debezium.PostgresOffsets",
                            "current",
                            IS_A_LITTLE_AHEAD)
                    .foundBy(
                            "capture",
                            "debezium.PostgresEngineRulesIT",
                            "losesAndRepeatsNothingWhenRestartedAmongInterleavedTransactions"),
            defect("reading-resumes-past-a-boundary", "capture.debezium.PostgresOffsets", "current", IS_FAR_AHEAD)
                    .foundBy(
                            "capture",
                            "debezium.PostgresEngineRulesIT",
                            "resendsWholeTheTransactionThatWasOpenAcrossARestart"),
            defect("a-slot-that-moved-on-is-read", "capture.postgres.PostgresSlot", "requireResumable", DOES_NOTHING)
                    .foundBy("capture", "PostgresCaptureIT", "beginsANewEpochBehindAGapWhenTheSlotIsGone"),
            defect("somebody-elses-slot-is-read", "capture.postgres.PostgresSlot", "requireOurs", DOES_NOTHING)
                    .foundBy(
                            "app",
                            "endtoend.PostgresSlotGapsIT",
                            "somebodyElsesSlotOfTheSameNameIsLeftAloneUntilItIsGone"),
            defect(
                            "an-older-copy-of-the-data-is-read",
                            "capture.postgres.PostgresSource",
                            "requireMarker",
                            DOES_NOTHING)
                    .foundBy(
                            "app",
                            "endtoend.PostgresForkGapsIT",
                            "anOlderCopyThatWentOnPastWhatWasReadOnTheSameTimeline"),
            defect("nobody-names-whom-a-slot-waits-for", "capture.postgres.SlotWait", "find", DOES_NOTHING)
                    .foundBy(
                            "capture",
                            "PostgresSlotWaitIT",
                            "namesTheTransactionThatTheFirstBaseWaitsForAndGoesOnBehindIt"),
            defect(
                            "a-changed-publication-is-not-noticed",
                            "capture.postgres.OwnObjects",
                            "requireUndisturbed",
                            DOES_NOTHING)
                    .foundBy("capture", "PostgresPublicationIT", "endsTheEpochWhenItWasChangedWithoutOurEventTrigger"),
            defect("a-hole-between-markers-passes", "capture.ChangeRecorder", "recordMarker", DOES_NOTHING)
                    .foundBy("capture", "ChangeRecorderIT", "recordsNothingFromAMarkerOnThatDoesNotFollowTheLastOne"),
            defect("every-place-passes-for-marked", "capture.CaptureProgress$Marked", "then", DOES_NOTHING)
                    .foundBy(
                            "capture",
                            "CaptureStartTest",
                            "knowsTheLastTwoPlacesWhereMarkersShowedThatNothingWasMissing"),
            defect("a-purged-binary-log-is-not-noticed", "capture.binlog.MariaDbPlaces", "require", DOES_NOTHING)
                    .foundBy("capture", "MariaDbCaptureIT", "beginsANewEpochBehindAGapWhenTheBinaryLogIsGone"),
            defect("unlogged-cascades-are-ignored", "capture.binlog.reading.Cascades", "follow", DOES_NOTHING)
                    .foundBy("capture", "MariaDbCaptureIT", "takesANewBaseOfTablesThatForeignKeysChangeUnseen"),
            defect("rolled-back-rows-are-kept", "capture.binlog.reading.VoidParts", "contain", DOES_NOTHING)
                    .foundBy("capture", "MariaDbCaptureIT", "leavesOutWhatWasRolledBackAlthoughItStandsInTheLog"),
            // topic
            defect("an-older-capture-takes-its-source-back", "core.topic.WriterClaim", "isOvertakenBy", DOES_NOTHING)
                    .foundBy("archiver", "ChangeTopicIT", "doesNotPushOutWhoTookOver"),
            defect("a-capture-takes-over-unannounced", "core.topic.ChangeTopicWriter", "makeClaim", DOES_NOTHING)
                    .foundBy("archiver", "ChangeTopicIT", "fencesAnEarlierWriter"),
            defect("what-kafka-left-undecided-stays-so", "core.topic.UndecidedEnd", "settle", DOES_NOTHING)
                    .foundBy("testkit", "UndecidedEndIT", "changesThatAreCommittedKeepTheirState"),
            defect("a-hole-in-the-topic-passes", "core.topic.TransactionAssembler", "append", HIDES_ITS_FAILURE)
                    .foundBy("cdp-core", "topic.TransactionAssemblerTest", "refusesAHoleBetweenTwoChanges"),
            defect("a-torn-transaction-is-kept", "core.topic.TransactionAssembler", "discardOpen", DOES_NOTHING)
                    .foundBy("cdp-core", "topic.TransactionAssemblerTest", "discardsWhatCaptureSendsAgain"),
            defect(
                            "a-restart-that-forgets-a-transaction-passes",
                            "core.topic.TransactionAssembler",
                            "acceptNotice",
                            HIDES_ITS_FAILURE)
                    .foundBy("cdp-core", "topic.TransactionAssemblerTest", "refusesARestartThatForgetsATransaction"),
            // archive
            defect("a-row-is-not-written-to-its-file", "core.archive.HistoryWriter", "appendRow", SKIPS_ONE_CALL)
                    .foundBy("archiver", "ArchiverOnS3IT", "archivesEveryTransactionIntoABucket"),
            defect(
                            "reading-goes-on-some-records-late",
                            "core.archive.LedgerEntry$TopicProgress",
                            "nextOffset",
                            IS_THREE_AHEAD)
                    .foundBy(
                            "archiver",
                            "ArchiverServiceIT",
                            "losesNothingAndRepeatsNothingThroughStopsCrashesAndFaultsOfStorage"),
            defect("an-entry-is-made-before-its-files", "archiver.Uploads", "upload", DOES_NOTHING)
                    .foundBy(
                            "archiver",
                            "ArchiverServiceIT",
                            "losesNothingAndRepeatsNothingThroughStopsCrashesAndFaultsOfStorage"),
            defect("somebody-elses-entry-passes-for-ours", "core.archive.Ledger", "isOurs", IS_TRUE)
                    .foundBy("cdp-core", "archive.LedgerTest", "stopsTheWriterThatSomebodyElseOvertook"),
            defect("objects-are-not-read-when-verified", "core.archive.ArchiveVerifier", "verifyContent", DOES_NOTHING)
                    .foundBy("archiver", "ArchiveVerifierTest", "findsOneChangedBitOnlyByReading"),
            defect("a-commit-in-flight-loses-its-files", "archiver.OrphanSweep", "cannotBeNamed", IS_TRUE)
                    .foundBy("archiver", "OrphanSweepTest", "keepsWhatACommitInFlightMayStillName"),
            defect("what-is-listed-for-deletion-is-named", "core.archive.Ledger", "requireUnlisted", DOES_NOTHING)
                    .foundBy(
                            "archiver",
                            "OrphanSweepTest",
                            "aCommitGoesBehindASweepersEntryUnlessItsObjectsAreListedOrGone"),
            defect("two-winners-pass", "core.archive.ConditionalWrites", "requireAtOnce", DOES_NOTHING)
                    .foundBy("cdp-core", "archive.ConditionalWritesTest", "refusesAStoreThatLetsTwoWinWhoComeAtOnce"),
            // fold and cut
            defect("a-truncate-is-ignored-by-the-fold", "core.fold.Fold", "lastTruncate", DOES_NOTHING)
                    .foundBy("testkit", "FoldTest", "foldingACutEqualsReplayingHistoryUpToIt"),
            defect("the-fold-goes-one-change-too-far", "core.fold.TableFiles", "cutSeq", IS_ONE_AHEAD)
                    .foundBy("testkit", "FoldTest", "foldingACutEqualsReplayingHistoryUpToIt"),
            defect("an-unlogged-value-passes-for-null", "core.fold.TableFiles", "hasUnresolved", DOES_NOTHING)
                    .foundBy("testkit", "FoldTest", "aValueThatWasNotLoggedIsFoundAlongChangesOfTheKey"),
            defect("a-gap-of-a-table-is-ignored", "core.fold.TableGap", "concerns", DOES_NOTHING)
                    .foundBy(
                            "testkit",
                            "FoldTest",
                            "aTableWhoseChangesAreMissingRefusesFromTheTransactionThatChangedItUnlogged"),
            defect("what-is-in-doubt-is-folded", "core.fold.TableFiles$Choice", "requireNoDoubt", DOES_NOTHING)
                    .foundBy("restore", "AcrossGapsIT", "whatWasRecordedBehindTheLastTransactionThatIsWholeIsRefused"),
            defect("what-is-in-doubt-is-planned", "core.archive.LedgerEntry$Gap", "knownBefore", IS_THREE_AHEAD)
                    .foundBy("restore", "AcrossGapsIT", "whatWasRecordedBehindTheLastTransactionThatIsWholeIsRefused"),
            defect("a-cut-is-not-moved-back", "restore.cut.CutSolver", "solve", RETURNS_ITS_ARGUMENT)
                    .foundBy("restore", "GroupCutTest", "closedCutsOfRandomTradeNeverShowWhatWasNotSent"),
            // restore
            defect("the-checksum-of-an-object-is-skipped", "restore.reading.LocalObjects", "fetch", HIDES_ITS_FAILURE)
                    .foundBy("restore", "PostgresRestoreIT", "aDamagedObjectRefusesBeforeAnythingIsWritten"),
            defect("a-stale-plan-is-followed", "restore.plan.PlanCheck", "requireFresh", DOES_NOTHING)
                    .foundBy("restore", "PostgresRestoreIT", "anArchiveWithAnotherPastMakesThePlanStale"),
            defect("undo-overwrites-what-somebody-wrote", "restore.live.LiveRepair", "requireExpected", DOES_NOTHING)
                    .foundBy("app", "fidelity.UndoIT", "undoesTransactionsOfPostgresql"),
            defect("undo-lets-foreign-keys-delete", "restore.live.LiveRepair", "requireNoReferrers", DOES_NOTHING)
                    .foundBy("app", "fidelity.UndoIT", "undoesTransactionsOfPostgresql"),
            defect("a-digest-ignores-the-rows", "restore.verify.RowDigest", "add", DOES_NOTHING)
                    .foundBy("restore", "verify.RowDigestTest", "everyDifferenceOfARowShows"),
            defect("a-sequence-hands-out-a-number-again", "restore.target.PostgresSequences", "pass", DOES_NOTHING)
                    .foundBy("restore", "target.PostgresTargetIT", "neverHandsOutANumberAgain"));

    private Defects() {}

    /** A defect that still lacks its test. */
    private record Open(String name, Target target, Kind kind, int passage) {
        Open at(int laterPassage) {
            return new Open(name, target, kind, laterPassage);
        }

        /** @param type below the package of the module's tests */
        Defect foundBy(String module, String type, String method) {
            String tests = "dev.cdp." + module.replace("cdp-", "") + "." + type;
            return new Defect(name, target, kind, passage, new TestName(module, tests, method));
        }
    }

    /** @param type below {@code dev.cdp} */
    private static Open defect(String name, String type, String method, Kind kind) {
        return new Open(name, new Target("dev.cdp." + type, method), kind, USUAL_PASSAGE);
    }
}
