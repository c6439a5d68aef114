package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.SourceId;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code history}, {@code diff} and {@code find} say of an archive with a gap, with no database and no daemon. */
class PastCommandsTest {
    @TempDir
    Path folder;

    private final CommandLineFixture cdp = new CommandLineFixture();
    private String config;

    /** Known from 23:58:01 to 23:58:04 and from 00:28:04 on; NOW is 03:16:42. */
    @BeforeEach
    void archive() throws IOException {
        config = "--config=" + Files.writeString(folder.resolve("cdp.yaml"), """
                sources:
                  orders: { engine: postgresql, host: nowhere.invalid, database: shop, user: nobody }
                archive: { url: "file:archive" }
                """);
        SyntheticSource source = new SyntheticSource(new SourceId("orders"));
        SyntheticTable items = source.createTable(
                "items",
                SyntheticTable.column(1, "id", Carrier.INT64),
                SyntheticTable.column(2, "status", Carrier.TEXT),
                SyntheticTable.column(3, "note", Carrier.TEXT));
        SyntheticTable lines = source.createTable(
                "lines",
                Identity.KEY,
                List.of(1, 2),
                SyntheticTable.column(1, "item", Carrier.INT64),
                SyntheticTable.column(2, "line", Carrier.TEXT));
        SyntheticTable keyless = source.createKeylessTable("log", SyntheticTable.column(1, "text", Carrier.TEXT));
        source.insert(items, 1L, "new", "\u001b[31mred").commit();
        try (ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open()) {
            Path staging = folder.resolve("staging");
            source.takeBase(store, staging);
            source.insert(items, 2L, "new", null)
                    .insert(lines, 2L, "a,b")
                    .insert(keyless, "started")
                    .commit();
            source.update(items, 1, 2L, "paid", null).commit();
            source.update(items, 1, 20L, "paid", "moved").commit();
            source.advance(Duration.ofMinutes(30)).gap("the slot was dropped").takeBase(store, staging);
            source.delete(items, 1).commit();
            new SyntheticArchive(store, staging).archive(source, Engine.POSTGRESQL, 2);
        }
    }

    @Test
    void theLifeOfARowAcrossItsKeysAndAGap() {
        assertThat(cdp.run("history", "orders.public.items", "--key", "2", config))
                .as(cdp.err())
                .isEqualTo(5);
        assertThat(cdp.out().lines())
                .containsSubsequence(
                        "orders.public.items  id=2",
                        "2026-11-20T23:58:02Z  insert  tx/orders/7 (707)",
                        "    status: \"new\"",
                        "2026-11-20T23:58:03Z  update  tx/orders/8 (708)",
                        "    status: \"new\" -> \"paid\"",
                        "2026-11-20T23:58:04Z  key change  tx/orders/10 (710)",
                        "    id: 2 -> 20",
                        "    note: NULL -> \"moved\"");
        assertThat(cdp.out())
                .contains(
                        "gap     between 2026-11-20T23:58:04Z and 2026-11-21T00:28:04Z changes are missing or in doubt"
                                + " (the slot was dropped)")
                .contains("was there at the base")
                .contains("delete  tx/orders/12 (712)")
                .contains("note    what is not archived yet was not read: Kafka was not asked")
                .contains("next: cdp plan --to before:tx/orders/12");

        assertThat(cdp.run("history", "orders.public.items", "--key", "id=20", "--json", config))
                .isEqualTo(5);
        JsonNode answer = cdp.outJson();
        assertThat(answer.path("schema").asText()).isEqualTo("cdp.history/v1");
        assertThat(answer.path("complete").asBoolean()).isFalse();
        assertThat(answer.at("/missing/0/gaps/0/reason").asText()).isEqualTo("the slot was dropped");
        assertThat(answer.path("events"))
                .extracting(event -> event.path("what").asText())
                .containsExactly("insert", "update", "key_change", "at_base", "delete");
        assertThat(answer.at("/events/1/changed/0").asText()).isEqualTo("status");
        assertThat(answer.at("/events/1/before/status").asText()).isEqualTo("new");
        assertThat(answer.at("/events/1/native_id").asText()).isEqualTo("708");
        assertThat(answer.at("/events/2/key/id").asLong()).isEqualTo(20);
        assertThat(answer.path("tail_missing").asText()).isEqualTo("Kafka was not asked");
    }

    /** Whatever else is given: what writes to a live database has its name in it. */
    @Test
    void undoWritesToNoDatabaseThatWasNotNamed() {
        for (String more : List.of("--dependents=force", "--triggers=fire", "--confirm=shop@elsewhere", "--json")) {
            assertThat(cdp.run("undo", "tx/orders/12", "--apply=u-00000000", more, config))
                    .isEqualTo(6);
            assertThat(cdp.err()).contains("CDP-1006").contains("--confirm shop@nowhere.invalid");
        }
        assertThat(cdp.run("undo", "tx/orders/12", "--apply=u-00000000", "--confirm=shop@nowhere.invalid", config))
                .isEqualTo(6);
        assertThat(cdp.err()).contains("CDP-3010").contains("not u-00000000");
    }

    @Test
    void undoSaysWhatItCannotDo() {
        assertThat(cdp.run("undo", "tx/orders/8", config)).isEqualTo(3);
        assertThat(cdp.err())
                .contains("CDP-3017")
                .contains("lies before a gap")
                .contains("cdp plan --to before:tx/orders/8");
        assertThat(cdp.run("undo", "tx/orders/9999", config)).isEqualTo(3);
        assertThat(cdp.err()).contains("Transaction tx/orders/9999 is not known: Kafka was not asked");
        assertThat(cdp.run("undo", "tx/orders/12", "--dependents=ignore", config))
                .isEqualTo(2);
        assertThat(cdp.err()).contains("refuse, cascade, non-conflicting, force");
        assertThat(cdp.run("undo", "4711", config)).isEqualTo(2);
        assertThat(cdp.err()).contains("tx/orders/4711");
    }

    @Test
    void aRowThatOnlyTheBaseKnowsAndOneThatNeverWas() {
        assertThat(cdp.run("history", "orders.public.items", "--key", "1", config))
                .isEqualTo(5);
        assertThat(cdp.out()).contains("was there at the base").contains("note: \"?[31mred\"");
        assertThat(cdp.run("history", "orders.public.items", "--key", "7", config))
                .isEqualTo(5);
        assertThat(cdp.out())
                .contains("no row had this key where the history is known, since 2026-11-20T23:58:01Z")
                .contains("gap     between");
        assertThat(cdp.run("history", "orders.public.lines", "--key", "2,\"a,b\"", "--plain", config))
                .isEqualTo(5);
        assertThat(cdp.out()).contains("what=insert\ttransaction=tx/orders/7\tnative_id=707\tcertainty=known");
    }

    @Test
    void keysThatDoNotFitNameTheColumnsAndAnExample() {
        assertFails(2, "CDP-1011", "history", "orders.public.items", "--key", "1,2");
        assertThat(cdp.err())
                .contains("The key of orders.public.items is id (bigint), and \"1,2\" gives 2 values")
                .contains("next  cdp history orders.public.items --key id=42");
        assertFails(2, "CDP-1011", "history", "orders.public.lines", "--key", "item=2");
        assertThat(cdp.err()).contains("\"line\" is missing").contains("--key item=42,line=abc");
        assertFails(2, "CDP-1011", "history", "orders.public.log", "--key", "1");
        assertThat(cdp.err()).contains("has no primary key").contains("cdp diff --from POINT");
        assertFails(2, "CDP-1010", "history", "orders.public.itemz", "--key", "1");
        assertThat(cdp.err()).contains("did you mean \"public.items\"?");
        assertFails(2, "CDP-1002", "history", "orders", "--key", "1");
        assertFails(2, "CDP-1004", "history", "ordres.public.items", "--key", "1");
    }

    @Test
    void whatDiffersBetweenTwoPoints() {
        String from = "after:tx/orders/7";
        assertThat(cdp.run("diff", "--from", from, "--to", "after:tx/orders/10", "--exit-code", config))
                .as(cdp.err())
                .isEqualTo(20);
        assertThat(cdp.out())
                .containsPattern("orders.public.items +1 +1 +0 +2")
                .contains("  + id=20, status=\"paid\", note=\"moved\"")
                .contains("  - id=2, status=\"new\", note=NULL")
                .contains("2 transactions in between; 2 tables the same")
                .doesNotContain("gap");

        assertThat(cdp.run("diff", "--from", from, "orders.public.items", "--json", config))
                .isZero();
        JsonNode source = cdp.outJson().at("/sources/0");
        assertThat(cdp.outJson().path("schema").asText()).isEqualTo("cdp.diff/v1");
        assertThat(source.at("/from/transaction").asText()).isEqualTo("tx/orders/7");
        assertThat(source.at("/missing/0/to").asText()).isEqualTo("2026-11-21T00:28:04Z");
        assertThat(source.at("/tables/0/deleted").asLong()).isEqualTo(1);
        assertThat(source.at("/tables/0/samples/0/before/id").asLong()).isEqualTo(2);
        assertThat(source.at("/tables/0/samples/0/after").isNull()).isTrue();

        assertThat(cdp.run("diff", "--from", from, "--to", from, "--exit-code", config))
                .isZero();
        assertThat(cdp.out()).contains("0 transactions in between; nothing differs; 3 tables the same");
    }

    @Test
    void pointsThatHaveNoState() {
        assertFails(3, "CDP-3003", "diff", "--from", "2026-11-21T00:10:00Z");
        assertThat(cdp.err()).contains("latest moment before: 2026-11-20T23:58:04Z");
        assertFails(3, "CDP-3002", "diff", "--from", "2026-11-20T20:00:00Z");
        assertFails(2, "CDP-1002", "diff", "--from", "latest", "--to", "after:tx/orders/7");
        assertThat(cdp.err()).contains("--from latest lies after --to");
        assertFails(2, "CDP-1010", "diff", "--from", "latest", "orders.items");
    }

    @Test
    void findShowsNativeIdsAndHowMuchItKnows() {
        assertThat(cdp.run("find", "orders.public.items", "--since", "1d ago", "--newest", config))
                .as(cdp.err())
                .isZero();
        assertThat(cdp.out())
                .contains("NATIVE ID")
                .containsPattern("tx/orders/10 +710 ")
                .contains("note    orders: what is not archived yet was not read: Kafka was not asked");
        assertThat(cdp.run("find", "--since", "1d ago", "--min-rows", "2", "--json", config))
                .isZero();
        assertThat(cdp.outJson().path("transactions"))
                .extracting(each -> each.path("transaction").asText())
                .containsExactly("tx/orders/10");

        assertThat(cdp.run("find", "orders.public.items", "--key", "20", "--since", "1d ago", "--json", config))
                .isZero();
        assertThat(cdp.outJson().path("transactions"))
                .extracting(each -> each.path("transaction").asText())
                .containsExactlyInAnyOrder("tx/orders/7", "tx/orders/8", "tx/orders/10", "tx/orders/12");
        assertFails(2, "CDP-1002", "find", "orders", "--key", "20");
    }

    /** Finding nothing where nothing is known must not read as if nothing had happened. */
    @Test
    void findNamesTheGapsInItsTime() {
        String[] inside = {"find", "--since", "2026-11-21T00:10:00Z", "--until", "2026-11-21T00:20:00Z", config};
        assertThat(cdp.run(inside)).isZero();
        assertThat(cdp.out())
                .contains("no such transaction in this time")
                .contains("gap     orders: between 2026-11-20T23:58:04Z and 2026-11-21T00:28:04Z changes are missing");
        assertThat(cdp.run("find", "--since", "2026-11-21T00:29:00Z", config)).isZero();
        assertThat(cdp.out()).doesNotContain("gap     ");
    }

    private void assertFails(int exitCode, String code, String... command) {
        String[] text = java.util.Arrays.copyOf(command, command.length + 1);
        text[command.length] = config;
        assertThat(cdp.run(text)).as(String.join(" ", text) + "\n" + cdp.err()).isEqualTo(exitCode);
        assertThat(cdp.out()).isEmpty();
        assertThat(cdp.err())
                .contains("error " + code + ": ")
                .contains("\n  next  ")
                .doesNotContain("\tat ");
    }
}
