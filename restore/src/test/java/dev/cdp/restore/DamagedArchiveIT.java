package dev.cdp.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.ExitCode;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.Secret;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ArchiveState;
import dev.cdp.core.archive.ArchiveVerifier;
import dev.cdp.core.archive.Ledger;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.archive.VerificationFinding;
import dev.cdp.core.archive.VerificationFinding.Kind;
import dev.cdp.restore.plan.RestorePlan;
import dev.cdp.restore.target.TargetServer;
import dev.cdp.restore.verify.RestoreReport;
import dev.cdp.testkit.RandomHistory;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.faults.FaultKind;
import dev.cdp.testkit.faults.FaultResult;
import dev.cdp.testkit.faults.FaultResults;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects of every kind, damaged in every way: each is named by the verification, and a restore that needs it refuses. */
class DamagedArchiveIT {
    private static final SourceId SHOP = new SourceId("shop");
    private static final RestoreGroup GROUP = RestoreGroup.of(SHOP);
    private static final int FLIPS = 500;
    private static final int FLIPS_AT_ONCE = 20;

    @TempDir
    private static Path folder;

    private static ObjectStore store;
    private static final Random random = new Random();

    @TempDir
    private Path work;

    /** A kind of object, by the folder it stands in. */
    private enum ObjectKind {
        LEDGER,
        CHECKPOINTS,
        BASE,
        HISTORY,
        TRANSACTIONS,
        DEFINITIONS;

        List<String> keys() {
            return store.list("sources/shop/" + name().toLowerCase(Locale.ROOT) + "/");
        }

        String any() {
            List<String> keys = keys();
            return keys.get(random.nextInt(keys.size()));
        }
    }

    /** More entries than a checkpoint sums up, two bases, and a definition after each transaction. */
    @BeforeAll
    static void archive() {
        long seed = System.nanoTime();
        System.out.println("DamagedArchiveIT seed " + seed);
        random.setSeed(seed);
        store = ArchiveAccess.file(folder.resolve("archive")).open();
        SyntheticSource source = new SyntheticSource(SHOP);
        grow(source, 1, 12);
        source.takeBase(store, folder.resolve("staging"));
        grow(source, 2, 14);
        source.takeBase(store, folder.resolve("staging"));
        grow(source, 3, 8);
        new SyntheticArchive(store, folder.resolve("staging")).archive(source, Engine.POSTGRESQL, 1);
        assertThat(verify()).isEmpty();
        for (ObjectKind kind : ObjectKind.values()) {
            assertThat(kind.keys()).as(kind.name()).isNotEmpty();
        }
    }

    private static void grow(SyntheticSource source, long seed, int transactions) {
        for (int i = 0; i < transactions; i++) {
            RandomHistory.grow(source, seed * 1000 + i, 1);
            source.define(HandMadeDefinition.postgres(source));
        }
    }

    @Test
    void anyFlippedBitIsNamed() throws IOException {
        Map<ObjectKind, Integer> rounds = new EnumMap<>(ObjectKind.class);
        Map<ObjectKind, Integer> named = new EnumMap<>(ObjectKind.class);
        int flips = 0;
        for (int turn = 0; flips < FLIPS; turn++) {
            Map<String, ObjectKind> chosen = new HashMap<>();
            if (turn % 2 == 0) { // alone: a damaged entry hides what it names
                chosen.put(ObjectKind.LEDGER.any(), ObjectKind.LEDGER);
            }
            while (turn % 2 == 1 && chosen.size() < Math.min(FLIPS_AT_ONCE, FLIPS - flips)) {
                ObjectKind kind = ObjectKind.values()[1 + random.nextInt(5)];
                chosen.putIfAbsent(kind.any(), kind);
            }
            Set<String> found = foundAfterFlips(chosen.keySet());
            chosen.forEach((key, kind) -> {
                rounds.merge(kind, 1, Integer::sum);
                named.merge(kind, found.contains(key) ? 1 : 0, Integer::sum);
            });
            assertThat(found).containsExactlyInAnyOrderElementsOf(chosen.keySet());
            flips += chosen.size();
        }
        record("one flipped bit", rounds, named);
        assertThat(named).isEqualTo(rounds).hasSize(ObjectKind.values().length);
        assertThat(verify()).isEmpty();
    }

    private static Set<String> foundAfterFlips(Set<String> keys) throws IOException {
        Map<String, byte[]> sound = new HashMap<>();
        for (String key : keys) {
            sound.put(key, read(key));
            write(key, flipped(read(key)));
        }
        try {
            return verify().stream().map(VerificationFinding::key).collect(Collectors.toSet());
        } finally {
            for (Map.Entry<String, byte[]> each : sound.entrySet()) {
                write(each.getKey(), each.getValue());
            }
        }
    }

    /** What happens to an object. */
    private enum Damage {
        CUT_SHORT,
        EMPTIED,
        GROWN,
        DELETED,
        SWAPPED,
        OLDER_PUT_BACK
    }

    @Test
    void anyOtherDamageIsNamed() throws IOException {
        for (Damage damage : Damage.values()) {
            Map<ObjectKind, Integer> rounds = new EnumMap<>(ObjectKind.class);
            Map<ObjectKind, Integer> named = new EnumMap<>(ObjectKind.class);
            for (ObjectKind kind : ObjectKind.values()) {
                if (kind == ObjectKind.CHECKPOINTS && !changesAloneStandingObject(damage)) {
                    continue; // one that is lost is no damage, and there is one only
                }
                for (int round = 0; round < 2; round++) {
                    rounds.merge(kind, 1, Integer::sum);
                    named.merge(kind, isNamedAfter(damage, kind) ? 1 : 0, Integer::sum);
                }
            }
            record(damage.name().toLowerCase(Locale.ROOT).replace('_', ' '), rounds, named);
            assertThat(named).as(damage.name()).isEqualTo(rounds);
        }
        assertThat(verify()).isEmpty();
    }

    private static boolean changesAloneStandingObject(Damage damage) {
        return switch (damage) {
            case CUT_SHORT, EMPTIED, GROWN -> true;
            case DELETED, SWAPPED, OLDER_PUT_BACK -> false;
        };
    }

    private static boolean isNamedAfter(Damage damage, ObjectKind kind) throws IOException {
        List<String> keys = kind.keys();
        // not the last where there are several: the end of a ledger may just be its end
        int place = keys.size() < 3 ? keys.size() - 1 : 1 + random.nextInt(keys.size() - 2);
        String key = keys.get(place);
        String other = keys.get(place == 0 ? 0 : random.nextInt(place)); // keys ascend with time: an older one
        byte[] sound = read(key);
        byte[] older = read(other);
        boolean sameContent = Arrays.equals(sound, older);
        try {
            switch (damage) {
                case CUT_SHORT -> write(key, Arrays.copyOf(sound, sound.length - 1 - random.nextInt(sound.length - 1)));
                case EMPTIED -> write(key, new byte[0]);
                case GROWN -> write(key, Arrays.copyOf(sound, sound.length + 1));
                case DELETED -> Files.delete(path(key));
                case SWAPPED -> {
                    write(key, older);
                    write(other, sound);
                }
                case OLDER_PUT_BACK -> write(key, older);
            }
            Map<String, Kind> found = verify().stream()
                    .collect(Collectors.toMap(VerificationFinding::key, VerificationFinding::kind, (one, two) -> one));
            return switch (damage) {
                case CUT_SHORT, EMPTIED, GROWN -> found.containsKey(key);
                case DELETED -> found.get(key) == Kind.MISSING;
                case SWAPPED -> sameContent || (found.get(key) == Kind.SWAPPED && found.get(other) == Kind.SWAPPED);
                case OLDER_PUT_BACK -> sameContent || found.get(key) == Kind.SWAPPED;
            };
        } finally {
            write(key, sound);
            write(other, older);
        }
    }

    @Test
    void aRestoreThatNeedsADamagedObjectRefusesBeforeItWritesAnything() throws Exception {
        Map<ObjectKind, List<String>> needed = neededByARestore();
        RestorePlan plan = service(store).plan(GROUP, new RestorePoint.Latest(), destinations());
        List<String> databases = databases();
        Map<ObjectKind, Integer> rounds = new EnumMap<>(ObjectKind.class);

        for (ObjectKind kind : ObjectKind.values()) {
            if (kind == ObjectKind.CHECKPOINTS) {
                continue; // derived: see below
            }
            List<String> keys = needed.get(kind);
            for (int round = 0; round < 4; round++) {
                String key = keys.get(random.nextInt(keys.size()));
                assertRefused(plan, key, round);
                rounds.merge(kind, 1, Integer::sum);
            }
        }
        assertThat(databases()).isEqualTo(databases);
        record("restore that needs a damaged object", rounds, rounds);

        ArchiveState state = state();
        String checkpoint = ObjectKind.CHECKPOINTS.any();
        byte[] sound = read(checkpoint);
        for (int round = 0; round < 10; round++) {
            write(checkpoint, flipped(sound));
            assertThat(state().headSha256()).isEqualTo(state.headSha256());
            assertThat(state().history()).isEqualTo(state.history());
        }
        write(checkpoint, sound);

        RestoreReport report = service(store).restore(plan, servers(), RestoreProgress.SILENT);
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
    }

    private void assertRefused(RestorePlan plan, String key, int round) throws IOException {
        byte[] sound = read(key);
        switch (round % 3) {
            case 0 -> write(key, flipped(sound));
            case 1 -> write(key, Arrays.copyOf(sound, sound.length / 2));
            default -> Files.delete(path(key));
        }
        try {
            assertThatThrownBy(() -> service(store).restore(plan, servers(), RestoreProgress.SILENT))
                    .as(key)
                    .isInstanceOfSatisfying(CdpException.class, e -> assertThat(e.code())
                            .isIn(ErrorCode.ARCHIVE_DAMAGED, ErrorCode.PLAN_STALE));
        } finally {
            write(key, sound);
        }
    }

    /** What a restore reads, found by doing it. */
    private Map<ObjectKind, List<String>> neededByARestore() throws Exception {
        Set<String> read = new HashSet<>();
        ObjectStore recording = (ObjectStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (Set.of("get", "getRange", "download").contains(method.getName())
                            && store.size((String) arguments[0]).isPresent()) {
                        read.add((String) arguments[0]);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        RestorePlan plan = service(recording).plan(GROUP, new RestorePoint.Latest(), destinations());
        assertThat(service(recording)
                        .restore(plan, servers(), RestoreProgress.SILENT)
                        .exitCode())
                .isEqualTo(ExitCode.DONE);
        Map<ObjectKind, List<String>> needed = new EnumMap<>(ObjectKind.class);
        for (ObjectKind kind : ObjectKind.values()) {
            List<String> keys = new ArrayList<>(kind.keys());
            keys.retainAll(read);
            assertThat(keys).as(kind.name()).isNotEmpty();
            needed.put(kind, keys);
        }
        return needed;
    }

    private static void record(String fault, Map<ObjectKind, Integer> rounds, Map<ObjectKind, Integer> named) {
        System.out.println("DamagedArchiveIT " + fault + ": rounds " + rounds + ", detected " + named);
        rounds.forEach((kind, count) -> FaultResults.record(FaultResult.noticed(
                FaultKind.DAMAGE, fault + ": " + kind.name().toLowerCase(Locale.ROOT), count, named.get(kind))));
    }

    private static List<VerificationFinding> verify() {
        return ArchiveVerifier.verify(store, SHOP, ArchiveVerifier.Sampling.EVERYTHING, progress -> {})
                .findings();
    }

    private static ArchiveState state() {
        return Ledger.openExisting(store, SHOP).map(Ledger::state).orElseThrow();
    }

    private RestoreService service(ObjectStore archive) throws IOException {
        Path fresh = Files.createTempDirectory(work, "restore"); // nothing staged by an earlier attempt
        return new RestoreService(RestoreSettings.usual(archive, null, fresh), Clock.systemUTC());
    }

    private static byte[] flipped(byte[] bytes) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    private static Path path(String key) {
        return folder.resolve("archive").resolve(key);
    }

    private static byte[] read(String key) throws IOException {
        return Files.readAllBytes(path(key));
    }

    private static void write(String key, byte[] bytes) throws IOException {
        Files.write(path(key), bytes);
    }

    private static Map<SourceId, Destination> destinations() {
        return Map.of(SHOP, new Destination(servers().get(SHOP), "shop", null));
    }

    private static Map<SourceId, TargetServer> servers() {
        TestDatabase any = TestPostgres.version15().database("postgres");
        return Map.of(
                SHOP,
                new TargetServer(
                        Engine.POSTGRESQL, any.host(), any.port(), any.user(), Secret.of(any.password()), Map.of()));
    }

    private static List<String> databases() throws Exception {
        return TestPostgres.version15()
                .database("postgres")
                .query("SELECT datname FROM pg_database ORDER BY 1")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }
}
