package dev.cdp.restore.cut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.SourceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CutSolverTest {
    private static final List<SourceId> SOURCES =
            List.of(new SourceId("orders"), new SourceId("billing"), new SourceId("stock"));
    private static final int TRANSACTIONS = 6;

    /** Pairs of effect and cause, each a transaction's number. */
    private record Pairs(SourceId from, SourceId to, List<long[]> pairs) implements CutSolver.Facts {
        @Override
        public OptionalLong earliestViolation(long fromCut, long toCut) {
            return violations(fromCut, toCut).min();
        }

        private LongStream violations(long fromCut, long toCut) {
            return pairs.stream()
                    .filter(pair -> pair[0] <= fromCut && pair[1] > toCut)
                    .mapToLong(pair -> pair[0]);
        }
    }

    @Test
    void findsTheGreatestClosedCutThatTryingAllCutsFinds() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<Pairs> links = links(random);
            Map<SourceId, Long> start = new TreeMap<>();
            SOURCES.forEach(source -> start.put(source, (long) random.nextInt(TRANSACTIONS + 1)));

            Map<SourceId, Long> solved = CutSolver.solve(start, links, (source, seq, because) -> seq - 1);

            assertThat(solved).as("seed %d", seed).isEqualTo(greatest(start, links));
        }
    }

    @Test
    void aCutWithoutViolationsStays() {
        Map<SourceId, Long> start = Map.of(SOURCES.get(0), 5L, SOURCES.get(1), 3L);
        Pairs closed = new Pairs(SOURCES.get(1), SOURCES.get(0), List.of(new long[] {3, 5}, new long[] {4, 9}));

        assertThat(CutSolver.solve(start, List.of(closed), (source, seq, because) -> seq - 1))
                .isEqualTo(start);
    }

    private static List<Pairs> links(Random random) {
        List<Pairs> links = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SourceId from = SOURCES.get(random.nextInt(3));
            SourceId to = SOURCES.get((SOURCES.indexOf(from) + 1 + random.nextInt(2)) % 3);
            List<long[]> pairs = new ArrayList<>();
            for (int j = 0; j < 5; j++) {
                pairs.add(new long[] {1 + random.nextInt(TRANSACTIONS), 1 + random.nextInt(TRANSACTIONS)});
            }
            links.add(new Pairs(from, to, pairs));
        }
        return links;
    }

    /** The highest of each source over all closed cuts; that this is closed too is part of what is tested. */
    private static Map<SourceId, Long> greatest(Map<SourceId, Long> start, List<Pairs> links) {
        Map<SourceId, Long> best = new TreeMap<>();
        for (long a = 0; a <= start.get(SOURCES.get(0)); a++) {
            for (long b = 0; b <= start.get(SOURCES.get(1)); b++) {
                for (long c = 0; c <= start.get(SOURCES.get(2)); c++) {
                    Map<SourceId, Long> cut = Map.of(SOURCES.get(0), a, SOURCES.get(1), b, SOURCES.get(2), c);
                    if (isClosed(cut, links)) {
                        cut.forEach((source, seq) -> best.merge(source, seq, Math::max));
                    }
                }
            }
        }
        assertThat(isClosed(best, links)).isTrue();
        return best;
    }

    private static boolean isClosed(Map<SourceId, Long> cut, List<Pairs> links) {
        return links.stream()
                .allMatch(link -> link.violations(cut.get(link.from()), cut.get(link.to()))
                                .count()
                        == 0);
    }
}
