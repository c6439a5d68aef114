package dev.cdp.app.ddl;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Choices of one seed. */
final class Dice {
    private final Random random;

    Dice(Random random) {
        this.random = random;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Of a range that includes both. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    boolean oneIn(int number) {
        return random.nextInt(number) == 0;
    }

    String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Some of them, at least one, in any order. */
    <T> List<T> some(List<T> choices) {
        List<T> shuffled = new ArrayList<>(choices);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, between(1, shuffled.size()));
    }

    /** So many digits that do not compress well. */
    String digits(int count) {
        StringBuilder digits = new StringBuilder(count);
        while (digits.length() < count) {
            digits.append(Long.toHexString(random.nextLong() | Long.MIN_VALUE));
        }
        return digits.substring(0, count);
    }
}
