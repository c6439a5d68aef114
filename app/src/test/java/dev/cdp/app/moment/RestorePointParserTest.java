package dev.cdp.app.moment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.GtidSet;
import dev.cdp.core.Lsn;
import dev.cdp.core.RestorePoint;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TransactionId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestorePointParserTest {
    private static final Instant NOW = Instant.parse("2026-11-21T03:16:42Z");
    private static final ZoneId PARIS = ZoneId.of("Europe/Paris");
    private static final SourceId ORDERS = new SourceId("orders");
    private static final SourceId STOCK = new SourceId("stock");

    @ParameterizedTest
    @CsvSource({
        "10 minutes ago, 2026-11-21T03:06:42Z",
        "-10m, 2026-11-21T03:06:42Z",
        "2h30m ago, 2026-11-21T00:46:42Z",
        "1 week 2 days ago, 2026-11-12T03:16:42Z",
        "today 03:10, 2026-11-21T02:10:00Z",
        "Yesterday 23:59, 2026-11-20T22:59:00Z",
        "today 3:10 UTC, 2026-11-21T03:10:00Z",
        "yesterday, 2026-11-19T23:00:00Z",
        "2026-11-21T03:14:07Z, 2026-11-21T03:14:07Z",
        "2026-11-21T03:14:07.5+01:00, 2026-11-21T02:14:07.5Z",
        "2026-11-21 03:14:07+01:00, 2026-11-21T02:14:07Z",
        "2026-11-21 03:14:07 America/New_York, 2026-11-21T08:14:07Z",
        "2026-11-21 03:14, 2026-11-21T02:14:00Z",
        "2026-11-21, 2026-11-20T23:00:00Z",
    })
    void readsMomentsAndFreezesThem(String text, String moment) {
        if (Instant.parse(moment).isAfter(NOW)) {
            assertThatThrownBy(() -> parser(PARIS).parse(text))
                    .hasMessageContaining("lies in the future")
                    .extracting(e -> ((CdpException) e).code())
                    .isEqualTo(ErrorCode.RESTORE_POINT_OUTSIDE);
            return;
        }
        assertThat(parser(PARIS).parse(text)).isEqualTo(new RestorePoint.AtTime(Instant.parse(moment)));
    }

    @Test
    void readsWhatIsNoMoment() {
        assertThat(parser(null).parse("latest")).isEqualTo(new RestorePoint.Latest());
        assertThat(parser(null).parse("NOW")).isEqualTo(new RestorePoint.Latest());
        assertThat(parser(null).parse("before:tx/orders/4711"))
                .isEqualTo(new RestorePoint.AtTransaction(RestorePoint.Side.BEFORE, new TransactionId(ORDERS, 4711)));
        assertThat(parser(null).parse("after:tx/orders/1"))
                .isEqualTo(new RestorePoint.AtTransaction(RestorePoint.Side.AFTER, new TransactionId(ORDERS, 1)));
        assertThat(parser(null).parse("mark:before deploy 42")).isEqualTo(new RestorePoint.AtMark("before deploy 42"));
        assertThat(parser(null).parse("orders@0/16B3748"))
                .isEqualTo(new RestorePoint.AtPosition(ORDERS, new SourcePosition.Postgres(Lsn.parse("0/16B3748"))));
        assertThat(parser(null).parse("stock@0-1-42"))
                .isEqualTo(
                        new RestorePoint.AtPosition(STOCK, new SourcePosition.MariaDb(GtidSet.parse("0-1-42"), "", 0)));
    }

    @Test
    void withoutAnyZoneItRefusesAndOffersBothReadings() {
        assertThatThrownBy(() -> parser(null).parse("2026-11-20 12:00"))
                .isInstanceOf(UnreadableRestorePointException.class)
                .hasMessageContaining("has no zone")
                .extracting(e -> ((CdpException) e).next())
                .isEqualTo("--to \"2026-11-20T17:00:00Z\"\n--to \"2026-11-20T12:00:00Z\"");
    }

    @Test
    void aTimeThatClocksRepeatOrSkipIsRefusedWithBothMoments() {
        assertThatThrownBy(() -> parser(PARIS).parse("2026-10-25 02:30"))
                .hasMessageContaining("happens twice in Europe/Paris")
                .extracting(e -> ((CdpException) e).next())
                .isEqualTo("--to 2026-10-25T00:30:00Z\n--to 2026-10-25T01:30:00Z");
        assertThatThrownBy(() -> parser(PARIS).parse("2026-03-29 02:30"))
                .hasMessageContaining("does not exist in Europe/Paris")
                .extracting(e -> ((CdpException) e).next())
                .isEqualTo("--to 2026-03-29T00:30:00Z\n--to 2026-03-29T01:30:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "soon",
                "2 months ago",
                "-",
                "2026-13-01 00:00 UTC",
                "2026-11-20 25:00 UTC",
                "2026-11-20 12:00 Mars/Olympus",
                "before:orders/1",
                "mark:",
                "nosuch@0/1",
                "orders@zero",
                "2026-11-20 12:00 UTC tomorrow",
                "99999999999999999999m ago",
            })
    void refusesWhatItCannotRead(String text) {
        assertThatThrownBy(() -> parser(PARIS).parse(text))
                .isInstanceOf(UnreadableRestorePointException.class)
                .hasMessageContaining("\"" + text + "\" is not a restore point");
    }

    @Test
    void everyMomentOfThePastIsReadBackInEveryForm() {
        Random random = new Random(20261121);
        List<String> zones = List.copyOf(ZoneId.getAvailableZoneIds());
        for (int i = 0; i < 20_000; i++) {
            Instant moment = NOW.minusSeconds(random.nextInt(20 * 365 * 86_400));
            ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
            LocalDateTime local = LocalDateTime.ofInstant(moment, zone);
            String bare = local.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss"));
            String ago = "-" + Duration.between(moment, NOW).toSeconds() + "s";

            assertThat(parser(null).parseTime(moment.toString())).isEqualTo(moment);
            assertThat(parser(null).parseTime(ago)).isEqualTo(moment);
            assertThat(parser(null)
                            .parseTime(moment.atZone(zone).toOffsetDateTime().toString()))
                    .isEqualTo(moment);
            if (zone.getRules().getValidOffsets(local).size() == 1) {
                assertThat(parser(zone).parseTime(bare)).isEqualTo(moment);
                assertThat(parser(null).parseTime(bare + " " + zone)).isEqualTo(moment);
            } else {
                assertThatThrownBy(() -> parser(zone).parseTime(bare))
                        .satisfies(e -> assertThat(((CdpException) e).next()).contains(moment.toString()));
            }
        }
    }

    @Test
    void printsAMomentThreeWays() {
        assertThat(Moments.threeWays(Instant.parse("2026-11-21T03:12:07.114Z"), PARIS, NOW))
                .isEqualTo("2026-11-21 03:12:07.114Z (04:12:07 Europe/Paris, 4 min 34 s ago)");
        assertThat(Moments.brief(Instant.parse("2026-11-21T03:12:07.114Z"), NOW))
                .isEqualTo("03:12:07Z (4 min 34 s ago)");
        assertThat(Moments.brief(Instant.parse("2026-11-11T03:12:07Z"), NOW))
                .isEqualTo("2026-11-11 03:12Z (1 w 3 d ago)");
    }

    private static RestorePointParser parser(@Nullable ZoneId configured) {
        return new RestorePointParser(
                Clock.fixed(NOW, ZoneOffset.UTC),
                configured,
                ZoneId.of("America/New_York"),
                Map.of(ORDERS, Engine.POSTGRESQL, STOCK, Engine.MARIADB));
    }
}
