package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyTextTest {
    @Test
    void tellsNullFromEmptyAndFromTheWord() {
        assertThat(split("\\N\t\tNULL\t\\\\N\n", 4)).containsExactly(null, "", "NULL", "\\N");
    }

    @Test
    void undoesEveryEscape() {
        assertThat(split("a\\tb\\nc\\rd\\\\e\\bf\\fg\\vh\n", 1)).containsExactly("a\tb\nc\rd\\e\bf\fg\u000Bh");
    }

    @Test
    void keepsCharactersOfSeveralBytes() {
        assertThat(split("żółć 🐘\t\\\\🐘\n", 2)).containsExactly("żółć 🐘", "\\🐘");
    }

    @Test
    void refusesAnotherNumberOfColumns() {
        assertThatThrownBy(() -> split("a\n", 2)).hasMessage("COPY sent 1 columns instead of 2");
    }

    private static @Nullable String[] split(String line, int columns) {
        @Nullable String[] values = new String[columns];
        new CopyText().split(line.getBytes(StandardCharsets.UTF_8), values);
        return values;
    }
}
