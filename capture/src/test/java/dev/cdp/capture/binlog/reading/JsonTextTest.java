package dev.cdp.capture.binlog.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The binary forms follow the grammar in the server's sql-common/json_binary.h. */
class JsonTextTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "04 00                       | null",
                "04 01                       | true",
                "04 02                       | false",
                "05 FEFF                     | -2",
                "06 FFFF                     | 65535",
                "07 00000080                 | -2147483648",
                "08 FFFFFFFF                 | 4294967295",
                "09 0000000000000080         | -9223372036854775808",
                "0A FFFFFFFFFFFFFFFF         | 18446744073709551615",
                "0C 03 C3A431                | \"ä1\"",
                "0C 00                       | \"\"",
                "00 0000 0400                | {}",
                "02 0000 0400                | []",
                // [1, "x", null]: the string stands behind the three entries
                "02 0300 0F00 050100 0C0D00 040000 0178 | [1, \"x\", null]",
                // {"a": -1, "bb": [true]}: keys behind the entries, then the array, whose offsets start anew
                "00 0200 1C00 1200 0100 1300 0200 05FFFF 021500 61 6262 0100 0700 040100"
                        + "| {\"a\": -1, \"bb\": [true]}",
                // the same numbers in the large form, which holds those of 32 bits in place
                "03 02000000 12000000 07FFFFFFFF 08FFFFFFFF | [-1, 4294967295]",
                "01 01000000 14000000 13000000 0100 04 02000000 7A | {\"z\": false}",
            })
    void printsAsTheServerDoes(String stored, String text) throws Exception {
        assertThat(read(stored)).isEqualTo(text);
    }

    @Test
    void aValueThatWasNeverGivenIsNull() throws Exception {
        assertThat(read("")).isEqualTo("null");
    }

    @Test
    void escapesWhatTextMustNotHold() throws Exception {
        assertThat(read("0C 0A 22 5C 08 09 0A 0C 0D 01 2F 7F")).isEqualTo("\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001/\u007f\"");
    }

    @Test
    void readsLengthsOfSeveralBytes() throws Exception {
        assertThat(read("0C 8002" + "61".repeat(256))).isEqualTo("\"" + "a".repeat(256) + "\"");
    }

    /** What MariaDB prints for them with a fraction added to whole numbers; MySQL has the same code (my_gcvt). */
    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "-1.5, -1.5",
        "0.1, 0.1",
        "1e14, 100000000000000.0",
        "123456789012345, 123456789012345.0",
        "1e15, 1e15",
        "1e16, 1e16",
        "1234567890123456.7, 1234567890123456.8",
        "0.00001, 0.00001",
        "1e-15, 0.000000000000001",
        "1.5e-16, 1.5e-16",
        "6.02214076e23, 6.02214076e23",
        "2e-3, 0.002",
        "4.9e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "9007199254740993, 9.007199254740992e15"
    })
    void printsDoublesAsTheServerDoes(double value, String text) throws Exception {
        assertThat(read(number(value))).isEqualTo(text);
    }

    @Test
    void everyDoubleComesBackFromItsText() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(Double.parseDouble(read(number(value))))
                        .as("seed %d", seed)
                        .isEqualTo(value);
            }
        }
    }

    @Test
    void aDecimalIsANumber() throws Exception {
        assertThat(read("0F F6 04 04 02 81 10")).isEqualTo("1.16");
        assertThat(read("0F F6 04 04 02 7E EF")).isEqualTo("-1.16");
    }

    @Test
    void datesAndTimesAreStrings() throws Exception {
        long day = (2026L * 13 + 11) << 5 | 21;
        long clock = 3L << 12 | 4 << 6 | 5;

        assertThat(read(packed("0A", day << 41))).isEqualTo("\"2026-11-21\"");
        assertThat(read(packed("0C", (day << 17 | clock) << 24 | 7))).isEqualTo("\"2026-11-21 03:04:05.000007\"");
        assertThat(read(packed("07", (day << 17 | clock) << 24))).isEqualTo("\"2026-11-21 03:04:05.000000\"");
        assertThat(read(packed("0B", -((838L << 12 | 59 << 6 | 59) << 24)))).isEqualTo("\"-838:59:59.000000\"");
    }

    @Test
    void refusesWhatTextHasNoFormFor() {
        assertThatThrownBy(() -> read("0F FC 01 00")).isInstanceOf(OpaqueJsonException.class);
        assertThatThrownBy(() -> read("0C 02 C328")).isInstanceOf(CharacterCodingException.class);
    }

    @Test
    void damageIsFound() {
        for (String cut : new String[] {"0C 05 61", "00 0100", "02 0100 0800 0C FFFF", "0E 00", "04 07", "09 0000"}) {
            assertThatThrownBy(() -> read(cut)).as(cut).isInstanceOf(UnreadableEventException.class);
        }
    }

    private static String number(double value) {
        return "0B" + HexFormat.of().withUpperCase().toHexDigits(Long.reverseBytes(Double.doubleToRawLongBits(value)));
    }

    private static String packed(String type, long bits) {
        return "0F " + type + " 08 " + HexFormat.of().toHexDigits(Long.reverseBytes(bits));
    }

    private static String read(String hex) throws CharacterCodingException, OpaqueJsonException {
        return JsonText.read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
