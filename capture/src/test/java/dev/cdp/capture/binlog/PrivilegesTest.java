package dev.cdp.capture.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrivilegesTest {

    /** As MySQL's manual shows it: static and dynamic rights in lines of their own, roles last. */
    @Test
    void readsWhatMySqlPrints() {
        Privileges privileges = new Privileges(
                List.of(
                        "GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `cdp`@`%`",
                        "GRANT FLUSH_TABLES,SHOW_ROUTINE ON *.* TO `cdp`@`%`",
                        "GRANT SELECT, EVENT, TRIGGER ON `shop\\_1`.* TO `cdp`@`%`",
                        "GRANT INSERT ON `other`.* TO `cdp`@`%`",
                        "GRANT UPDATE ON `shop_1`.`item` TO `cdp`@`%`",
                        "GRANT `reader`@`%` TO `cdp`@`%`"),
                "shop_1");

        for (String held :
                List.of("RELOAD", "REPLICATION CLIENT", "FLUSH_TABLES", "SHOW_ROUTINE", "SELECT", "TRIGGER")) {
            assertThat(privileges.has(held)).as(held).isTrue();
        }
        for (String missing : List.of("INSERT", "UPDATE", "SHOW VIEW")) {
            assertThat(privileges.has(missing)).as(missing).isFalse();
        }
    }

    @Test
    void whoMayDoEverythingMayDoEach() {
        assertThat(new Privileges(List.of("GRANT ALL PRIVILEGES ON `shop`.* TO `cdp`@`%`"), "shop").has("SHOW VIEW"))
                .isTrue();
    }
}
