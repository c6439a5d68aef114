package dev.cdp.app.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cdp.app.config.Configuration;
import dev.cdp.app.config.ConfigurationFile;
import dev.cdp.app.daemon.StatusFiles.SourceStatus;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelinesTest {
    @TempDir
    Path folder;

    private final Pipelines pipelines = new Pipelines();
    private final List<String> happened = new ArrayList<>();
    private RuntimeException refusal = new CdpException(
            ErrorCode.SOURCE_SETTINGS_WRONG, "Source 'stock' is of a kind that is not known", "Leave it out");

    @Test
    void aSourceThatCannotBeOpenedFailsAlone() throws Exception {
        follow("stock: db3", "orders: db1");

        assertThat(happened).containsExactly("orders started");
        SourceStatus stock = status("stock");
        assertThat(stock.state()).isEqualTo("failed");
        assertThat(stock.reason()).isEqualTo("Source 'stock' is of a kind that is not known");
        assertThat(stock.next()).isEqualTo("Leave it out");
        assertThat(status("orders").state()).isEqualTo("streaming");
    }

    @Test
    void aBugInOpeningOneSourceStaysWithIt() throws Exception {
        refusal = new IllegalStateException("not foreseen");

        follow("stock: db3", "orders: db1");

        assertThat(status("stock").reason()).contains("'stock'").contains("not foreseen");
        assertThat(status("orders").state()).isEqualTo("streaming");
    }

    @Test
    void aRefusedSourceIsTriedAgainOnlyWhenItsEntryChanges() throws Exception {
        follow("stock: db3", "orders: db1");
        follow("stock: db3", "orders: db1");
        assertThat(happened).containsExactly("orders started");

        follow("stock: db4", "orders: db1");

        assertThat(happened).containsExactly("orders started", "stock started");
        assertThat(status("stock").state()).isEqualTo("streaming");
    }

    @Test
    void whatIsConfiguredNoMoreIsStoppedAndForgotten() throws Exception {
        follow("stock: db3", "orders: db1");

        follow("stock: db3");
        follow();

        assertThat(happened).containsExactly("orders started", "orders stopped", "orders removed", "stock removed");
        assertThat(pipelines.all()).isEmpty();
    }

    private SourceStatus status(String source) {
        return pipelines.all().stream()
                .map(pipeline -> pipeline.status(Clock.systemUTC()))
                .filter(status -> status.source().name().equals(source))
                .findFirst()
                .orElseThrow();
    }

    /** @param sources each a name and its host; those at db3 are refused */
    private void follow(String... sources) throws IOException {
        StringBuilder text = new StringBuilder("archive: { url: \"file:archive\" }\nsources:");
        for (String source : sources) {
            String[] parts = source.split(": ");
            text.append("\n  %s: { engine: postgresql, host: %s, database: d, user: u }".formatted(parts[0], parts[1]));
        }
        Path file = Files.writeString(folder.resolve("cdp.yaml"), text + (sources.length == 0 ? " {}\n" : "\n"));
        Configuration configuration = ConfigurationFile.read(file, Map.of()).configuration();
        pipelines.follow(configuration, this::start, id -> happened.add(id + " removed"));
    }

    private Pipeline start(Configuration configuration, Configuration.Source source) {
        if (source.server().host().equals("db3")) {
            throw refusal;
        }
        happened.add(source.id() + " started");
        return new Running(source, happened);
    }

    private record Running(Configuration.Source source, List<String> happened) implements Pipeline {
        @Override
        public SourceStatus status(Clock clock) {
            SourceId id = source.id();
            return new SourceStatus(id, "streaming", "", "", 1, 1, null, null, null, List.of(), clock.instant());
        }

        @Override
        public void stop(Duration patience) {
            happened.add(source.id() + " stopped");
        }
    }
}
