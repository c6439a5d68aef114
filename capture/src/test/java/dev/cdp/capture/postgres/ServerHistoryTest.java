package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.Lsn;
import org.junit.jupiter.api.Test;

class ServerHistoryTest {
    private static final Lsn BOUNDARY = Lsn.parse("0/3000000");

    @Test
    void printsWhatItParses() {
        for (String text : new String[] {"742365093/16384/1", "742365093/5/1@0/5000060,2@1A/0,4"}) {
            assertThat(ServerHistory.parse(text)).hasToString(text);
        }
        assertThatThrownBy(() -> ServerHistory.parse("742365093")).hasMessage("Not a server's history: '742365093'");
    }

    @Test
    void readsTheFileOfATimeline() {
        String file = "1\t0/3000060\tno recovery target specified\n\n# by hand\n2\t0/4000000\tbefore 2026-11-21\n";

        assertThat(ServerHistory.ancestors(file))
                .containsExactly(
                        new ServerHistory.Ancestor(1, Lsn.parse("0/3000060")),
                        new ServerHistory.Ancestor(2, Lsn.parse("0/4000000")));
    }

    @Test
    void goesOnOverAPromotionBehindWhatWasRead() {
        assertThat(broken("1/5/1", "1/5/1")).isEmpty();
        assertThat(broken("1/5/1", "1/5/1@0/3000000,2")).isEmpty();
        assertThat(broken("1/5/1@0/2000000,2", "1/5/1@0/2000000,2@0/3000060,3@0/4000000,4"))
                .isEmpty();
    }

    @Test
    void endsWhereTheServerTheDatabaseOrTheTimelineIsAnother() {
        assertThat(broken("1/5/1", "2/5/1")).isEqualTo("its system identifier was 1, it is 2");
        assertThat(broken("1/5/1", "1/6/1")).isEqualTo("the database's oid was 5, it is 6");
        assertThat(broken("1/5/1", "1/5/1@0/2FFFFFF,2"))
                .isEqualTo("it left timeline 1 at 0/2FFFFFF, which was read up to 0/3000000");
        assertThat(broken("1/5/1@0/2000000,2", "1/5/1")).isEqualTo("its timelines are 1, they were 1@0/2000000,2");
        assertThat(broken("1/5/1@0/2000000,2", "1/5/1@0/2000001,2"))
                .isEqualTo("its timelines are 1@0/2000001,2, they were 1@0/2000000,2");
        assertThat(broken("1/5/1@0/2000000,2", "1/5/1@0/4000000,3"))
                .isEqualTo("its timelines are 1@0/4000000,3, they were 1@0/2000000,2");
    }

    private static String broken(String before, String now) {
        return ServerHistory.parse(now)
                .breakSince(ServerHistory.parse(before), BOUNDARY)
                .orElse("");
    }
}
