package dev.cdp.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.cdp.capture.source.BaseReading;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.testkit.services.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Everything that a check looks at is broken on a real server, mended by what is printed, and fine again. */
class PostgresCheckIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static TestPostgres server;

    private interface Step {
        void take(CheckTrial trial) throws SQLException;
    }

    /**
     * How something is broken.
     *
     * @param byHand what a person does whom no SQL is told
     */
    private record Breakage(Step breaking, Step byHand) {
        static Breakage of(Step breaking) {
            return new Breakage(breaking, trial -> {});
        }

        static Breakage by(String... statements) {
            return of(trial -> trial.execute(statements));
        }

        static Breakage forReader(String... statements) {
            return of(trial -> trial.asReader(statements));
        }

        Breakage thenByHand(Step step) {
            return new Breakage(breaking, step);
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        server = TestPostgres.start18(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"VERSION", "PRIMARY", "TABLES"}) // no server here can be like that
    void whatIsPrintedMends(PostgresCheck check) throws SQLException {
        Breakage breakage = breakage(check);
        TestPostgres on = check == PostgresCheck.CHAR_BYTES ? TestPostgres.version15() : server;
        try (CheckTrial trial = new CheckTrial(on)) {
            assertThat(trial.wrong()).as("before").isEmpty();

            breakage.breaking().take(trial);

            await("broken").atMost(PATIENCE).untilAsserted(() -> assertThat(trial.wrong())
                    .anySatisfy(finding -> {
                        assertThat(finding.of()).isEqualTo(check);
                        assertThat(finding.verdict()).isEqualTo(check.rule().otherwise());
                        assertThat(finding.what()).isNotEmpty();
                        assertThat(finding.mend()).isNotEmpty().doesNotContain("<");
                    }));
            trial.mendAll();
            breakage.byHand().take(trial);
            await("mended").atMost(PATIENCE).untilAsserted(() -> assertThat(trial.wrong())
                    .isEmpty());
        }
    }

    /** Without a default: a check that is broken nowhere does not compile. */
    private static Breakage breakage(PostgresCheck check) {
        return switch (check) {
            case VERSION, PRIMARY, TABLES -> throw new IllegalArgumentException(check.name());
            case WAL_LEVEL -> Breakage.of(trial -> trial.setAndRestart("wal_level", "replica"));
            case REPLICATION_SLOTS -> Breakage.of(trial -> trial.setAndRestart("max_replication_slots", "1"));
            case WAL_SENDERS -> Breakage.of(trial -> trial.setAndRestart("max_wal_senders", "1"));
            case SLOT_LIMIT -> Breakage.of(trial -> trial.set("max_slot_wal_keep_size", "1GB"));
            case SLOT_TIMEOUT -> Breakage.of(trial -> trial.set("idle_replication_slot_timeout", "1h"));
            case EVENT_TRIGGERS_SETTING -> Breakage.of(trial -> trial.set("event_triggers", "off"));
            case ENCODING -> Breakage.of(CheckTrial::useAsciiDatabase).thenByHand(CheckTrial::useNewDatabase);
            case READ_ONLY -> Breakage.forReader("ALTER ROLE %s SET default_transaction_read_only = on");
            case REPLICATION -> Breakage.forReader("ALTER ROLE %s NOREPLICATION");
            case SUPERUSER ->
                Breakage.of(trial -> {
                    trial.asReader();
                    trial.execute(CdpSchema.drop().toArray(String[]::new));
                });
            case OWN_PRIVILEGES -> Breakage.forReader("REVOKE UPDATE ON cdp.marker FROM %s");
            case INSTALLED -> Breakage.of(trial -> trial.source().uninstall());
            case SCHEMA_VERSION -> Breakage.of(trial -> trial.setVersion(1));
            case NEWER_SCHEMA ->
                Breakage.of(trial -> trial.setVersion(99)).thenByHand(trial -> {
                    trial.source().uninstall();
                    trial.source().install();
                });
            case SCOPE -> Breakage.by("INSERT INTO cdp.scope VALUES ('^public\\.t$', false)");
            case OWN_OBJECTS ->
                Breakage.by(
                        "ALTER EVENT TRIGGER cdp_ddl DISABLE",
                        "DROP EVENT TRIGGER cdp_drop",
                        "ALTER PUBLICATION cdp DROP TABLE t");
            case SLOT -> Breakage.of(CheckTrial::loseSlot);
            case SCHEMA_PRIVILEGES -> Breakage.forReader("CREATE SCHEMA \"Hidden\"", "CREATE SEQUENCE \"Hidden\".s");
            case PRIVILEGES ->
                Breakage.forReader("CREATE TABLE \"Un read\" (id int PRIMARY KEY)", "CREATE SEQUENCE counter");
            case ROW_SECURITY -> Breakage.forReader("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
            case REPLICA_IDENTITY ->
                Breakage.by("CREATE TABLE keyless (a int)", "CREATE TABLE late (a int PRIMARY KEY DEFERRABLE)");
            case COLUMNS -> Breakage.by("CREATE TABLE bare ()", "ALTER TABLE bare REPLICA IDENTITY FULL");
            case COLUMN_NAMES -> Breakage.by("CREATE TABLE twins (a int PRIMARY KEY, \"A\" int)");
            case TABLE_NAMES ->
                Breakage.by(
                        "CREATE SCHEMA \"quoted\"\"\"",
                        "CREATE TABLE \"quoted\"\"\".\"\"\"first\" (id int PRIMARY KEY)",
                        "CREATE TABLE \"quoted\"\"\".second (id int PRIMARY KEY)");
            case VIRTUAL_COLUMNS ->
                Breakage.by(
                        "CREATE TABLE virtual (a int PRIMARY KEY, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)",
                        "ALTER TABLE virtual REPLICA IDENTITY FULL");
            case CHAR_BYTES ->
                Breakage.by(
                        "CREATE TYPE pair AS (a int, b \"char\")",
                        "CREATE TABLE bytes (id int PRIMARY KEY, b \"char\", many \"char\"[], p pair)");
            case UNPUBLISHED ->
                Breakage.by("BEGIN; SET LOCAL event_triggers = off; CREATE TABLE unseen (id int PRIMARY KEY); COMMIT");
            case UNLOGGED -> Breakage.by("CREATE UNLOGGED TABLE quick (id int PRIMARY KEY)");
            case FOREIGN_TABLES ->
                Breakage.by(
                                "CREATE FOREIGN DATA WRAPPER nowhere",
                                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere",
                                "CREATE FOREIGN TABLE far (id int) SERVER elsewhere")
                        .thenByHand(trial -> trial.execute("DROP FOREIGN TABLE far"));
            case LARGE_OBJECTS ->
                Breakage.by("SELECT lo_create(0)")
                        .thenByHand(trial -> trial.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata"));
        };
    }

    @Test
    void theRightsAskedForAreEnough() throws SQLException {
        try (CheckTrial trial = new CheckTrial(server)) {
            trial.execute("CREATE SCHEMA other", "CREATE TABLE other.u (id serial PRIMARY KEY)");
            trial.asReader(
                    "ALTER ROLE %s NOREPLICATION",
                    "REVOKE SELECT ON t FROM %s",
                    "REVOKE ALL ON ALL TABLES IN SCHEMA cdp FROM %s",
                    "REVOKE ALL ON SCHEMA cdp FROM %s");
            trial.mendAll();
            assertThat(trial.wrong()).isEmpty();

            AtomicInteger rows = new AtomicInteger();
            try (BaseReading base = trial.source().anchor()) {
                base.tables().forEach(table -> base.copies().get(0).read(table, row -> rows.incrementAndGet()));
            }
            assertThat(rows).hasValue(1);
            assertThat(trial.source().writeMarker(null, "round", Instant.EPOCH)).isPositive();
            assertThat(trial.source().definition().statements()).isNotEmpty();
            assertThat(trial.source().sequences()).hasSize(1);
        }
    }

    @Test
    void whoMayNotUpgradeSaysWhatIsToBeRun() throws SQLException {
        try (CheckTrial trial = new CheckTrial(server)) {
            trial.setVersion(1);
            trial.asReader();

            assertThatThrownBy(() -> trial.source().anchor()).isInstanceOfSatisfying(CdpException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_OUTDATED);
                assertThat(e).hasMessageContaining("is of version 1 and could not be upgraded to 3");
                assertThat(e.next()).startsWith("As a user who may: cdp source add check-");
            });

            trial.mendAll();
            trial.source().anchor().close();
        }
    }

    @Test
    void whatTheConfigurationLeavesOutIsNoFinding() throws SQLException {
        try (CheckTrial trial = new CheckTrial(server)) {
            trial.leaveOut("public.left*");
            trial.execute("CREATE TABLE left_over (a int)", "CREATE UNLOGGED TABLE left_aside (a int)");

            assertThat(trial.wrong()).isEmpty();
            assertThat(trial.source().check()).anySatisfy(finding -> assertThat(finding.what())
                    .isEqualTo("1 tables are protected, 1 are left out by the configuration"));
            assertThat(List.copyOf(trial.source().installStatements())).isEmpty();
        }
    }
}
