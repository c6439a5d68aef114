package dev.cdp.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.SourcePosition.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcePositionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pg:0/0",
                "pg:16/B374D848",
                "pg:FFFFFFFF/FFFFFFFF",
                "gtid:0-1-42@binlog.000003:4711",
                "gtid:@binlog.000001:4",
                "gtid:0-1-42,7-2-18446744073709551615@b:0",
                "mysql:@binlog.000001:4",
                "mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5@binlog.000003:4711",
                "mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7:9-11,f0000000-0000-0000-0000-000000000001:3@b:0"
            })
    void printsWhatItParsed(String text) {
        assertThat(SourcePosition.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "16/B374D848",
                "pg:16-B374D848",
                "pg:123456789/0",
                "gtid:0-1-42",
                "gtid:0-1@b:1",
                "mysql:0-1-1@b:1",
                "mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562@b:1"
            })
    void refusesWhatIsNoPosition(String text) {
        assertThatThrownBy(() -> SourcePosition.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "pg:0/1, pg:0/2, BEFORE",
        "pg:0/2, pg:0/2, SAME",
        "pg:80000000/0, pg:7FFFFFFF/FFFFFFFF, AFTER", // unsigned
        "pg:0/1, gtid:0-1-1@b:1, DIVERGED",
        "mysql:@b:4, gtid:@b:4, DIVERGED"
    })
    void ordersPositionsOfOneLog(String one, String other, Order expected) {
        assertThat(SourcePosition.parse(one).orderAgainst(SourcePosition.parse(other)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0-1-5       | 0-1-6       | BEFORE",
                "0-1-5,1-1-3 | 0-1-5       | AFTER",
                "0-1-5,1-1-3 | 0-1-6,1-1-2 | DIVERGED", // each holds what the other lacks
                "0-1-5       | 1-1-5       | DIVERGED",
                "0-2-5       | 0-1-5       | SAME" // within a domain the sequence alone counts
            })
    void comparesGtidSetsByWhatTheyInclude(String one, String other, Order expected) {
        assertThat(position(one).orderAgainst(position(other))).isEqualTo(expected);
    }

    @Test
    void aDomainIsNamedOnce() {
        assertThatThrownBy(() -> GtidSet.parse("0-1-5,0-2-7")).hasMessageContaining("names domain 0 twice");
    }

    private static SourcePosition position(String gtids) {
        return new SourcePosition.MariaDb(GtidSet.parse(gtids), "binlog.000001", 4);
    }
}
