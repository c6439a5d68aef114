package dev.cdp.capture.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.capture.source.HistoryLostException;
import dev.cdp.core.MySqlGtidSet;
import dev.cdp.core.SourcePosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MySqlServerTest {
    private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    private static final String B = "f0000000-0000-0000-0000-000000000001";

    @ParameterizedTest
    @CsvSource({
        "8.4.0, true",
        "8.4.7-commercial, true",
        "9.1.0, true",
        "8.0.40, false", // has no SHOW BINARY LOG STATUS
        "5.7.44-log, false",
        "11.4.5-MariaDB-log, false",
        "'', false"
    })
    void knowsTheVersionsItCanRead(String version, boolean known) {
        assertThat(MySqlServer.isKnown(version)).isEqualTo(known);
    }

    @Test
    void goesOnWhereNothingIsMissing() {
        assertThatCode(() -> require(A + ":1-100", A + ":1-50", A + ":1-50")).doesNotThrowAnyException();
        assertThatCode(() -> require(A + ":1-100," + B + ":7", "", A + ":1-50")).doesNotThrowAnyException();
    }

    @Test
    void whatWasPurgedUnreadIsLost() {
        assertThatThrownBy(() -> require(A + ":1-100", A + ":1-51", A + ":1-50"))
                .isInstanceOf(HistoryLostException.class)
                .hasMessageContaining("gtid_purged is '" + A + ":1-51'");
        assertThatThrownBy(() -> require(A + ":1-100," + B + ":1", B + ":1", A + ":1-50"))
                .isInstanceOf(HistoryLostException.class);
    }

    @Test
    void aServerThatLacksWhatWasReadIsAnother() {
        assertThatThrownBy(() -> require(A + ":1-49", "", A + ":1-50"))
                .isInstanceOf(HistoryLostException.class)
                .hasMessageContaining(A + ":1-49");
        assertThatThrownBy(() -> require("", "", A + ":1")).isInstanceOf(HistoryLostException.class);
    }

    private static void require(String written, String purged, String boundary) {
        MySqlServer.requireReadable(
                MySqlGtidSet.parse(written),
                MySqlGtidSet.parse(purged),
                new SourcePosition.MySql(MySqlGtidSet.parse(boundary), "binlog.000001", 4));
    }
}
