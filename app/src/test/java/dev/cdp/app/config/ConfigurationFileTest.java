package dev.cdp.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cdp.core.CdpException;
import dev.cdp.core.DataSize;
import dev.cdp.core.Engine;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {
    private static final String MINIMAL = """
            sources:
              orders: { engine: postgresql, host: db1, database: orders, user: cdp }
            archive: { url: "file:archive" }
            """;

    @TempDir
    Path folder;

    @Test
    void fillsInDefaults() {
        Configuration configuration = read(MINIMAL).configuration();

        Configuration.Source orders = configuration.sources().get(new SourceId("orders"));
        assertThat(orders.server().port()).isEqualTo(5432);
        assertThat(orders.slot()).isEqualTo("cdp_orders");
        assertThat(configuration.dataDirectory()).isEqualTo(folder.resolve("cdp-data"));
        assertThat(configuration.archive().url()).isEqualTo("file:" + folder.resolve("archive"));
        assertThat(configuration.archive().commitInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(configuration.archive().targetFileSize()).isEqualTo(DataSize.ofMebibytes(128));
        assertThat(configuration.kafka().bootstrapServers()).isNull();
        assertThat(configuration.timeZone()).isNull();
    }

    @Test
    void reportsEveryProblemInOneGo() {
        InvalidConfigurationException e = refused("""
                sources:
                  orders: { engine: postgresql, host: db1, database: orders, user: cdp }
                  stock:
                    engine: mariabd
                    host: db3
                    port: five
                    database: stock
                    user: cdp
                archive:
                  url: file:archive
                  comit-interval: 10s
                groups:
                  shop: { sources: [orders, stok] }
                """);

        assertThat(e.problems())
                .containsExactly(
                        "cdp.yaml:4:13 sources.stock.engine must be postgresql, mariadb or mysql, found \"mariabd\";"
                                + " did you mean \"mariadb\"?",
                        "cdp.yaml:6:11 sources.stock.port must be a number from 1 to 65535, found \"five\"",
                        "cdp.yaml:11:19 unknown key \"comit-interval\" under archive; did you mean"
                                + " \"commit-interval\"?",
                        "cdp.yaml:13:29 groups.shop names \"stok\", which is not under sources; did you mean"
                                + " \"stock\"?");
        assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID);
    }

    @Test
    void namesWhatIsMissing() {
        assertThat(refused("sources: { a: { host: h } }").problems())
                .containsExactly(
                        "cdp.yaml:1:1 archive.url is missing; it must be s3://BUCKET/PREFIX or file:PATH",
                        "cdp.yaml:1:15 sources.a lacks engine, user",
                        "cdp.yaml:1:15 sources.a names no database");
    }

    @Test
    void refusesWhatIsNotYaml() {
        assertThat(refused("archive: { url: [").problems().get(0)).startsWith("cdp.yaml:1:18 is not YAML here");
        assertThat(refused("a\n").problems().get(0))
                .isEqualTo("cdp.yaml:1:1 the file must have keys and values under it");
        assertThat(refused("log: {}\nlog: {}\narchive: { url: 'file:a' }").problems())
                .containsExactly("cdp.yaml:2:1 \"log\" stands twice; the first is in line 1");
    }

    @Test
    void fillsInReferencesWithoutLettingThemChangeTheDocument() throws IOException {
        Files.writeString(folder.resolve("secret"), "p: #'\"]\n");

        Configuration configuration = ConfigurationFile.parse(folder.resolve("cdp.yaml"), """
                        sources:
                          a: { engine: mariadb, host: "${env:HOST}", database: "$${x}", user: "${env:USR:-me}",
                               password: "${file:secret}" }
                        archive: { url: "file:archive" }
                        """, Map.of("HOST", "db # 9"))
                .configuration();

        Configuration.Source a = configuration.sources().get(new SourceId("a"));
        assertThat(a.server().host()).isEqualTo("db # 9");
        assertThat(a.server().user()).isEqualTo("me");
        assertThat(a.server().password().reveal()).isEqualTo("p: #'\"]");
        assertThat(a.database()).isEqualTo("${x}");
    }

    @Test
    void aReferenceThatCannotBeFilledInIsAnErrorAtItsPlace() {
        assertThat(refused(MINIMAL + "kafka: { topic-prefix: '${env:NOPE}', bootstrap-servers: '${file:nope}' }\n")
                        .problems())
                .containsExactly(
                        "cdp.yaml:4:24 kafka.topic-prefix: the environment variable NOPE is not set",
                        "cdp.yaml:4:58 kafka.bootstrap-servers: the file " + folder.resolve("nope")
                                + " cannot be read (NoSuchFileException)");
    }

    @Test
    void theEnvironmentOverridesTheFile() {
        ConfigurationFile file = ConfigurationFile.parse(
                folder.resolve("cdp.yaml"),
                MINIMAL,
                Map.of("CDP_ARCHIVE_URL", "s3://b/p", "CDP_SOURCES_ORDERS_PORT", "5433"));

        assertThat(file.configuration().archive().url()).isEqualTo("s3://b/p");
        assertThat(file.configuration()
                        .sources()
                        .get(new SourceId("orders"))
                        .server()
                        .port())
                .isEqualTo(5433);
        assertThat(file.settings())
                .contains(new ConfigurationFile.Setting("archive.url", "s3://b/p", "CDP_ARCHIVE_URL"));
    }

    @Test
    void aLiteralPasswordIsWarnedOfAndNeverShown() {
        ConfigurationFile file = read("""
                sources:
                  a: { engine: mysql, host: h, database: d, user: u, password: hunter2 }
                  b: { url: "postgresql://u:hunter2@h/d" }
                kafka: { properties: { sasl.jaas.config: "x hunter2", client.id: me } }
                archive: { url: "file:archive", credentials: { access-key: hunter2, secret-key: hunter2 } }
                """);

        assertThat(file.warnings()).hasSize(4).allMatch(line -> line.contains("${file:PATH}"));
        assertThat(file.settings().toString()).doesNotContain("hunter2").contains("postgresql://u:***@h/d");
        assertThat(file.configuration().toString()).doesNotContain("hunter2");
        assertThat(file.configuration()
                        .sources()
                        .get(new SourceId("b"))
                        .server()
                        .password()
                        .reveal())
                .isEqualTo("hunter2");
    }

    @Test
    void readsADatabaseAddress() {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:mariadb://me%40x:p%3Aw@db:3307/my%20db");

        assertThat(url.engine()).isEqualTo(Engine.MARIADB);
        assertThat(List.of(
                        url.host(),
                        url.port(),
                        url.database(),
                        url.user(),
                        url.password().reveal()))
                .containsExactly("db", 3307, "my db", "me@x", "p:w");
    }

    @Test
    void aLinkMustStayInItsGroup() {
        assertThat(refused(MINIMAL + "groups: { g: { sources: [orders], links: [{ from: a.b.c, to: x.s.t.c }] } }")
                        .problems())
                .containsExactly(
                        "cdp.yaml:4:51 Not a column: 'a.b.c'; expected the form source.schema.table.column",
                        "cdp.yaml:4:62 \"x.s.t.c\" names the source \"x\", which is not in groups.g");
    }

    @Test
    void anAbsentFileSaysWhereItWasLookedFor() {
        assertThatThrownBy(() -> ConfigurationFile.read(folder.resolve("none.yaml"), Map.of()))
                .isInstanceOf(CdpException.class)
                .hasMessageContaining("There is no configuration at " + folder.resolve("none.yaml"));
    }

    private ConfigurationFile read(String text) {
        return ConfigurationFile.parse(folder.resolve("cdp.yaml"), text, Map.of());
    }

    private InvalidConfigurationException refused(String text) {
        return catchThrowableOfType(InvalidConfigurationException.class, () -> read(text));
    }
}
