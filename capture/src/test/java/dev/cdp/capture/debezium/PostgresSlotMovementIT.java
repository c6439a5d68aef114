package dev.cdp.capture.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.log.SourceLog;
import dev.cdp.core.Lsn;
import dev.cdp.core.SourcePosition;
import dev.cdp.testkit.services.TestDatabase;
import dev.cdp.testkit.services.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who moves the slot while our database is idle and another one writes. The server then says how far its log has come, and
 * asks for an answer; PostgreSQL's driver can answer that all of it is flushed, but only the archive knows.
 */
class PostgresSlotMovementIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SLOT = "movement";
    private static final int ANSWERS = 4;

    private final AtomicReference<@Nullable Lsn> read = new AtomicReference<>();
    private TestDatabase idle;
    private TestDatabase busy;

    @BeforeEach
    void prepare() throws SQLException {
        idle = TestPostgres.version15().createDatabase("idle");
        busy = TestPostgres.version15().createDatabase("busy");
        busy.execute("CREATE TABLE t (v text)");
        idle.execute(
                "ALTER DATABASE \"" + idle.name() + "\" SET wal_sender_timeout = '1s'", // it asks twice as often
                "CREATE TABLE t (id bigint PRIMARY KEY)",
                "CREATE PUBLICATION p FOR TABLE t",
                "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
    }

    @AfterEach
    void dropSlot() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            idle.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
            return true;
        });
    }

    @Test
    void staysAtTheArchiveWhileAnotherDatabaseWrites() throws Exception {
        Properties ours = PostgresEngineProperties.of(settings());

        assertThat(confirmedAfterAnswersPast(ours)).isEqualTo(read.get());
    }

    /** Why the driver may not: should this fail after an upgrade, look again at what moves the slot. */
    @Test
    void passesTheArchiveWhenTheDriverAnswersByItself() throws Exception {
        Properties drivers = PostgresEngineProperties.of(settings());
        drivers.put("lsn.flush.mode", "connector_and_driver");

        assertThat(confirmedAfterAnswersPast(drivers)).isGreaterThan(read.get());
    }

    /** Where the slot stands when all that was read is archived and the reader has answered for what others wrote. */
    private Lsn confirmedAfterAnswersPast(Properties properties) throws Exception {
        PostgresOffsets offsets = new PostgresOffsets(null);
        try (SourceLog reading = EngineLog.start(
                properties,
                offsets,
                new PostgresTranslation("movement"),
                position -> offsets.acknowledge(((SourcePosition.Postgres) position).lsn()),
                this::accept)) {
            idle.execute("INSERT INTO t VALUES (1)");
            await("the row").atMost(PATIENCE).until(() -> read.get() != null);
            Lsn archived = Objects.requireNonNull(read.get());
            reading.acknowledge(new SourcePosition.Postgres(archived));
            await("the slot follows").atMost(PATIENCE).until(() -> confirmed().compareTo(archived) >= 0);

            busy.execute("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 500)");
            Lsn written = Lsn.parse(value("SELECT pg_current_wal_flush_lsn()"));
            for (int i = 0; i < ANSWERS; i++) {
                awaitAnswerPast(written);
            }
            assertThat(reading.failure()).isEmpty();
            return confirmed();
        }
    }

    private void awaitAnswerPast(Lsn written) throws SQLException {
        String last = value("SELECT now()");
        await("an answer").atMost(PATIENCE).until(() -> value(
                        "SELECT count(*) FROM pg_stat_replication r JOIN pg_replication_slots s"
                                + " ON s.active_pid = r.pid WHERE s.slot_name = '" + SLOT + "' AND r.sent_lsn >= '"
                                + written + "' AND r.reply_time > '" + last + "'")
                .equals("1"));
    }

    private void accept(List<LogEvent> batch) {
        for (LogEvent event : batch) {
            if (event instanceof LogEvent.Commit commit) {
                read.set(((SourcePosition.Postgres) commit.position()).lsn());
            }
        }
    }

    private PostgresLogSettings settings() {
        return new PostgresLogSettings(
                "movement",
                new PostgresLogSettings.Server(
                        idle.host(), idle.port(), idle.name(), idle.user(), idle.password(), "disable"),
                SLOT,
                "p",
                Set.of(),
                null);
    }

    private Lsn confirmed() throws SQLException {
        return Lsn.parse(
                value("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + SLOT + "'"));
    }

    private String value(String sql) throws SQLException {
        return Objects.requireNonNull(idle.queryValue(sql));
    }
}
