package dev.cdp.restore.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.RowImage;
import dev.cdp.core.Unchanged;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowDigestTest {
    private static final List<RowImage> SIMILAR = List.of(
            RowImage.of("a", "b"),
            RowImage.of("b", "a"),
            RowImage.of("ab", ""),
            RowImage.of("", "ab"),
            RowImage.of("a", null),
            RowImage.of(null, "a"),
            RowImage.of("1", 1L),
            RowImage.of(1L, "1"),
            RowImage.of(0d, 1L),
            RowImage.of(-0d, 1L),
            RowImage.of(0f, 1L),
            RowImage.of(0L, 1L),
            RowImage.of(false, 1L),
            RowImage.of(new byte[] {}, ""),
            RowImage.of("", new byte[] {}),
            RowImage.of(new byte[] {97}, "b"));

    @Test
    void everyDifferenceOfARowShows() {
        Set<String> digests = new HashSet<>();
        SIMILAR.forEach(row -> digests.add(digest(List.of(row))));

        assertThat(digests).hasSize(SIMILAR.size()).allMatch(text -> text.matches("[0-9a-f]{64}"));
    }

    @Test
    void theOrderOfRowsDoesNotShowAndTheirNumberDoes() {
        List<RowImage> rows = new ArrayList<>();
        for (long i = 0; i < 1000; i++) {
            rows.add(RowImage.of(i, "row " + i));
        }
        List<RowImage> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(1));
        List<RowImage> twice = new ArrayList<>(rows);
        twice.add(rows.get(7));

        assertThat(digest(shuffled)).isEqualTo(digest(rows));
        assertThat(digest(twice)).isNotEqualTo(digest(rows));
        assertThat(digest(rows.subList(0, 999))).isNotEqualTo(digest(rows));
    }

    @Test
    void theDigestIsTheSumOfTheHashesOfRows() throws Exception {
        BigInteger sum = BigInteger.ZERO;
        List<RowImage> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) { // enough to pass the modulus many times
            byte[] text = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
            byte[] canonical = new byte[9 + text.length];
            canonical[0] = 6; // the tag of texts, and eight bytes of length
            canonical[8] = (byte) text.length;
            System.arraycopy(text, 0, canonical, 9, text.length);
            sum = sum.add(new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(canonical)));
            rows.add(RowImage.of(Integer.toString(i)));
        }

        assertThat(digest(rows)).isEqualTo("%064x".formatted(sum.mod(BigInteger.TWO.pow(256))));
    }

    @Test
    void aRowThatIsNotCompleteIsRefused() {
        assertThatThrownBy(() -> digest(List.of(RowImage.of("a", Unchanged.UNCHANGED))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not resolved");
    }

    private static String digest(List<RowImage> rows) {
        RowDigest digest = new RowDigest();
        rows.forEach(digest::add);
        assertThat(digest.rowCount()).isEqualTo(rows.size());
        return digest.text();
    }
}
