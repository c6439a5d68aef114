package dev.cdp.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cdp.core.CdpException;
import dev.cdp.core.SourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationEditTest {
    private static final String TEXT = """
            # ours
            sources:            # the shop
              orders:
                url: postgresql://cdp@db1/orders   # main

                slot: x
              stock: { url: "mariadb://cdp@db3/stock" }
            groups: { shop: { sources: [orders, stock] } }
            archive: { url: "file:a" }
            """;

    @TempDir
    Path folder;

    private Path file;
    private ConfigurationEdit edit;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("cdp.yaml"), TEXT);
        edit = new ConfigurationEdit(file, Map.of("PW", "p"));
    }

    @Test
    void addsASourceAndLeavesTheRestAsItWas() throws IOException {
        edit.addSource(new SourceId("billing"), "postgresql://cdp:${env:PW}@db2/billing")
                .write();

        assertThat(Files.readString(file))
                .isEqualTo(TEXT.replace(
                        "  orders:\n", "  billing:\n    url: \"postgresql://cdp:${env:PW}@db2/billing\"\n  orders:\n"));
        assertThat(read().sources()
                        .get(new SourceId("billing"))
                        .server()
                        .password()
                        .reveal())
                .isEqualTo("p");
    }

    @Test
    void addsTheFirstSource() throws IOException {
        Files.writeString(file, "archive: { url: 'file:a' }\nsources: {}\n");
        edit.addSource(new SourceId("a"), "mariadb://u@h/d").write();
        assertThat(read().sources()).containsOnlyKeys(new SourceId("a"));

        Files.writeString(file, "archive: { url: 'file:a' }\n");
        edit.addSource(new SourceId("a"), "mariadb://u@h/d").write();
        assertThat(read().sources()).containsOnlyKeys(new SourceId("a"));
    }

    @Test
    void removesASourceAlsoFromItsGroup() throws IOException {
        edit.removeSource(new SourceId("orders")).write();

        assertThat(Files.readString(file)).isEqualTo("""
                        # ours
                        sources:            # the shop
                          stock: { url: "mariadb://cdp@db3/stock" }
                        groups: { shop: { sources: [stock] } }
                        archive: { url: "file:a" }
                        """);
    }

    @Test
    void anEditThatWouldBreakTheFileChangesNothing() throws IOException {
        assertThatThrownBy(() -> edit.addSource(new SourceId("orders"), "postgresql://u@h/d"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("\"orders\" stands twice");
        assertThatThrownBy(() -> edit.addSource(new SourceId("b"), "ftp://u@h/d"))
                .hasMessageContaining("sources.b.url must be an address");
        assertThatThrownBy(() -> edit.removeSource(new SourceId("nosuch"))).isInstanceOf(CdpException.class);

        assertThat(Files.readString(file)).isEqualTo(TEXT);
    }

    private Configuration read() {
        return ConfigurationFile.read(file, Map.of("PW", "p")).configuration();
    }
}
