package dev.cdp.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.core.Carrier;
import dev.cdp.core.Engine;
import dev.cdp.core.Json;
import dev.cdp.core.SourceId;
import dev.cdp.core.archive.ArchiveAccess;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.definition.DatabaseDefinition;
import dev.cdp.core.definition.DefinitionStatement;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.testkit.SyntheticArchive;
import dev.cdp.testkit.SyntheticSource;
import dev.cdp.testkit.SyntheticTable;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code find}, {@code plan}, {@code restore} and {@code verify} say to questions that have no answer. */
class BadInputIT {
    private static final SourceId ORDERS = new SourceId("orders");

    @TempDir
    Path folder;

    private final CommandLineFixture cdp = new CommandLineFixture();
    private List<String> databases;
    private String config;

    /** Restorable from 23:58:02 to 23:58:04 and from 00:28:04 on; NOW is 03:16:42. */
    @BeforeEach
    void archive() throws Exception {
        databases = databases();
        TestDatabase server = TestPostgres.version15().database("postgres");
        Path password = Files.writeString(folder.resolve("password"), server.password());
        config = "--config="
                + Files.writeString(folder.resolve("cdp.yaml"), """
                        sources:
                          orders: { engine: postgresql, host: %s, port: %d, database: shop, user: %s, password: "${file:%s}" }
                        groups: { shop: { sources: [orders] } }
                        archive: { url: "file:archive" }
                        """.formatted(
                                server.host(), server.port(), server.user(), password));
        SyntheticSource source = new SyntheticSource(ORDERS);
        SyntheticTable table = source.createTable("items", SyntheticTable.column(1, "id", Carrier.INT64));
        source.insert(table, 1L).commit();
        try (ObjectStore store = ArchiveAccess.file(folder.resolve("archive")).open()) {
            Path staging = folder.resolve("staging");
            source.takeBase(store, staging).define(definition());
            source.insert(table, 2L).commit().insert(table, 3L).commit();
            source.advance(Duration.ofMinutes(30)).gap("the slot was dropped").takeBase(store, staging);
            source.insert(table, 4L).commit();
            new SyntheticArchive(store, staging).archive(source, Engine.POSTGRESQL, 2);
        }
    }

    private static String definition() {
        DefinitionStatement table = new DefinitionStatement(
                Phase.BEFORE_DATA,
                "TABLE",
                "public.items",
                new dev.cdp.core.TableName("public", "items"),
                "CREATE TABLE public.items (id bigint)");
        return Json.write(new DatabaseDefinition(
                Engine.POSTGRESQL,
                "15",
                Map.of("encoding", "UTF8", "lc_collate", "C", "lc_ctype", "C"),
                List.of(table),
                List.of(),
                List.of()));
    }

    @AfterEach
    void leavesNoDatabaseAndNoPlanBehind() throws Exception {
        assertThat(databases()).isEqualTo(databases);
        assertThat(plans()).isEmpty();
    }

    @Test
    void aRestorePointBeforeTheArchiveBegins() {
        assertFails(3, "CDP-3002", "plan", "--to", "2026-11-20T23:00:00Z");
        assertThat(cdp.err())
                .contains("Source 'orders' cannot be restored to 2026-11-20T23:00:00Z")
                .contains("its first base was taken at 2026-11-20T23:58:01Z")
                .contains(
                        "  next  Earliest restorable moment: 2026-11-20T23:58:01Z. Run: cdp plan --to 2026-11-20T23:58:01Z");
    }

    @Test
    void aRestorePointAfterTheArchiveEnds() {
        assertFails(3, "CDP-3002", "plan", "--to", "2026-11-21T03:00:00Z");
        assertThat(cdp.err())
                .contains("what is known of it ends at 2026-11-21T00:28:04Z")
                .contains("cdp plan --to 2026");
        assertFails(3, "CDP-3002", "restore", "--to", "2026-11-21T03:00:00Z");
    }

    @Test
    void aRestorePointThatIsNotThere() {
        assertFails(3, "CDP-3002", "plan", "--to", "mark:friday");
        assertThat(cdp.err()).contains("to mark:friday").contains("'cdp find' lists transactions");
    }

    @Test
    void aRestorePointInsideAGap() {
        assertFails(3, "CDP-3003", "plan", "--to", "2026-11-21T00:10:00Z");
        assertThat(cdp.err())
                .contains("are not in the archive (the slot was dropped)")
                .contains("latest moment before: 2026-11-20T23:58:03Z; earliest after: 2026-11-21T00:28:03Z");
        assertFails(3, "CDP-3003", "restore", "--to", "2026-11-21T00:10:00Z");
    }

    @Test
    void aRestorePointWithoutAZoneOrWithoutSense() {
        assertFails(2, "CDP-3001", "plan", "--to", "2026-11-21T00:28:04");
        assertThat(cdp.err()).contains("2026-11-21T00:28:04").contains("next  ");
        assertFails(2, "CDP-3001", "restore", "--to", "yesterdayish");
        assertFails(2, "CDP-3001", "find", "--since", "2026-11-20T23:58:00");
    }

    @Test
    void noArchiveAtThatPlace() throws IOException {
        Path file = folder.resolve("cdp.yaml");
        Files.writeString(file, Files.readString(file).replace("file:archive", "file:elsewhere"));

        for (String[] command : List.of(
                new String[] {"plan", "--to", "latest"},
                new String[] {"restore", "--to", "latest"},
                new String[] {"find"},
                new String[] {"verify"})) {
            assertFails(10, "CDP-4001", command);
            assertThat(cdp.err())
                    .contains(folder.resolve("elsewhere").toString())
                    .contains("archive.url");
        }
        assertThat(folder.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void anUnknownSourceGroupServerOrTable() {
        assertFails(2, "CDP-1004", "plan", "--to", "latest", "--only", "ordres");
        assertThat(cdp.err()).contains("no source \"ordres\"; it has [orders]").contains("next  cdp source list");
        assertFails(2, "CDP-1004", "restore", "--to", "latest", "--group", "shops");
        assertThat(cdp.err()).contains("no group \"shops\"; it has [shop]");
        assertFails(2, "CDP-1002", "plan", "--to", "latest", "--into", "nowhere");
        assertThat(cdp.err()).contains("restore.servers has no \"nowhere\"");
        assertFails(2, "CDP-1004", "find", "ordres.public.items");
        assertFails(2, "CDP-1004", "verify", "ordres");
        assertThat(cdp.err())
                .contains("has no source \"ordres\"; it has [orders]")
                .contains("next  cdp verify orders");

        assertFails(2, "CDP-1010", "find", "orders.items");
        assertThat(cdp.err())
                .contains("Source \"orders\" has no table \"items\"; did you mean \"public.items\"?")
                .contains("next  cdp find orders.public.items");
        assertFails(2, "CDP-1010", "find", "orders.public.itemz");
        assertThat(cdp.err()).contains("did you mean \"public.items\"?");
        assertFails(2, "CDP-1010", "find", "orders.sales.customers");
        assertThat(cdp.err()).contains("it has public.items");
    }

    @Test
    void aTargetThatIsNotEmpty() throws Exception {
        TestDatabase taken = TestPostgres.version15().createDatabase("taken");
        taken.execute("CREATE TABLE t (id int)");
        databases = databases();

        assertFails(6, "CDP-3006", "plan", "--to", "latest", "--into", server() + "/" + taken.name());

        assertThat(cdp.err()).contains("Database '" + taken.name() + "' on").contains("exists and is not empty");
        assertThat(taken.queryValue("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                .isEqualTo("1");
    }

    @Test
    void aPlanThatIsStaleDamagedOrNotThere() throws Exception {
        Path plan = folder.resolve("plan.json");
        assertThat(cdp.run("plan", "--to", "latest", "--save", plan.toString(), config))
                .as(cdp.err())
                .isZero();
        String text = Files.readString(plan);

        Files.writeString(plan, text.replaceFirst("\"ledger_sha256\":\"....", "\"ledger_sha256\":\"0000"));
        assertFails(6, "CDP-3010", "restore", plan.toString());
        assertThat(cdp.err())
                .contains("of source 'orders' is another one")
                .contains("Make a new one: cdp plan --to latest");

        Files.writeString(plan, text.substring(0, text.length() / 2));
        assertFails(2, "CDP-1002", "restore", plan.toString());
        assertThat(cdp.err()).contains("The plan " + plan + " cannot be read").contains("next  cdp plan --to POINT");
        assertFails(2, "CDP-1002", "restore", folder.resolve("absent.json").toString());
        assertFails(2, "CDP-1002", "restore");
        assertThat(cdp.err()).contains("either PLAN, --to POINT or --resume ID is needed");

        Files.writeString(plan, text);
        assertFails(6, "CDP-1007", "plan", "--to", "latest", "--save", plan.toString());
        assertThat(plan).content().isEqualTo(text);
        Files.delete(plan);
        for (Path kept : plans()) { // what restore keeps of the plan it was given
            Files.delete(kept);
        }
    }

    /** One object of each damage is named on the command line with tables and times, and nothing is restored. */
    @Test
    void aDamagedArchive() throws IOException {
        Path history;
        try (var files = Files.walk(folder.resolve("archive/sources/orders/history"))) {
            history = files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
        }
        byte[] sound = Files.readAllBytes(history);
        byte[] damaged = sound.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(history, damaged);

        assertThat(cdp.run("verify", config)).isEqualTo(4);
        assertThat(cdp.out())
                .contains("orders  1 finding")
                .contains("table public.items, restores to moments from 2026-11-20T23:58:0")
                .contains("the change topic was not asked");
        assertThat(cdp.run("verify", "--json", config)).isEqualTo(4);
        assertThat(cdp.outJson().at("/sources/0/findings/0/kind").asText()).isEqualTo("different");
        assertThat(cdp.outJson().at("/sources/0/findings/0/tables/0").asText()).isEqualTo("public.items");
        assertThat(cdp.outJson().at("/sources/0/findings/0/from").asText()).startsWith("2026-11-20T23:58:0");
        assertThat(cdp.outJson().at("/sources/0/findings/0/to").asText()).startsWith("2026-11-2");
        Files.write(history, sound);
        assertThat(cdp.run("verify", "--rebuild-view", config)).as(cdp.out()).isZero();
        assertThat(cdp.out()).contains("orders  sound").contains("the Iceberg view matches the ledger");
    }

    /** Fails with the codes, says where to go on, and prints no stack trace; the same as JSON. */
    private void assertFails(int exitCode, String code, String... command) {
        String[] text = append(command, config);
        assertThat(cdp.run(text)).as(String.join(" ", text) + "\n" + cdp.err()).isEqualTo(exitCode);
        assertThat(cdp.out()).isEmpty();
        String said = cdp.err();
        assertThat(said).contains("error " + code + ": ").contains("\n  next  ").doesNotContain("\tat ");

        assertThat(cdp.run(append(text, "--json"))).isEqualTo(exitCode);
        assertThat(cdp.errJson().path("code").asText()).isEqualTo(code);
        assertThat(cdp.errJson().path("exit_code").asInt()).isEqualTo(exitCode);
        assertThat(cdp.errJson().path("next").get(0).asText()).isNotBlank();
        assertThat(cdp.run(text)).isEqualTo(exitCode); // once more, for what it printed
    }

    private static String[] append(String[] command, String last) {
        String[] longer = java.util.Arrays.copyOf(command, command.length + 1);
        longer[command.length] = last;
        return longer;
    }

    /** The server under a name of its own in the configuration. */
    private String server() {
        Path file = folder.resolve("cdp.yaml");
        TestDatabase server = TestPostgres.version15().database("postgres");
        try {
            Files.writeString(
                    file,
                    Files.readString(file)
                            + """
                    restore: { servers: { spare: { engine: postgresql, host: %s, port: %d, user: %s, password: "${file:%s}" } } }
                    """.formatted(server.host(), server.port(), server.user(), folder.resolve("password")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return "spare";
    }

    private List<Path> plans() throws IOException {
        Path plans = folder.resolve("cdp-data/restore/plans");
        if (!Files.isDirectory(plans)) {
            return List.of();
        }
        try (var files = Files.list(plans)) {
            return files.toList();
        }
    }

    private static List<String> databases() throws Exception {
        return TestPostgres.version15()
                .database("postgres")
                .query("SELECT datname FROM pg_database ORDER BY 1")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }
}
