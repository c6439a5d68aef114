package dev.cdp.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DataSizeTest {

    @Test
    void parsesWhatItPrints() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            DataSize size = new DataSize((random.nextLong() >>> 1) >>> random.nextInt(63));

            assertThat(DataSize.parse(size.toString())).isEqualTo(size);
        }
    }

    @Test
    void readsBinaryUnits() {
        assertThat(DataSize.parse("128MiB")).isEqualTo(DataSize.ofMebibytes(128));
        assertThat(DataSize.parse("4 GiB").toString()).isEqualTo("4GiB");
        assertThat(new DataSize(13_314_398_617L).rounded()).isEqualTo("12.4 GiB");
    }

    @Test
    void refusesWhatHasNoUnitOrTooManyBytes() {
        assertThatThrownBy(() -> DataSize.parse("128"))
                .hasMessageContaining("'128'")
                .hasMessageContaining("128MiB");
        assertThatThrownBy(() -> DataSize.parse("9000000000TiB")).hasMessageContaining("2^63");
    }
}
