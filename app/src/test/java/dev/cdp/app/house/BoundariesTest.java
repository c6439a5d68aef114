package dev.cdp.app.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may use whom, and which library lives where. */
class BoundariesTest {
    private static JavaClasses ours;

    @BeforeAll
    static void read() {
        ours = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.cdp");
    }

    @ParameterizedTest
    @CsvSource({
        "core, 'capture, archiver, restore, embedded, app, testkit'",
        "capture, 'archiver, restore, embedded, app, testkit'",
        "archiver, 'capture, restore, embedded, app, testkit'",
        "restore, 'capture, archiver, embedded, app, testkit'",
        "embedded, 'capture, archiver, restore, app, testkit'",
        "app, 'testkit'",
    })
    void modulesUseOnlyWhatStandsBeforeThem(String module, String others) {
        String[] forbidden = Stream.of(others.split(", "))
                .map(other -> "dev.cdp." + other + "..")
                .toArray(String[]::new);

        check(noClasses()
                .that()
                .resideInAPackage("dev.cdp." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden));
    }

    @ParameterizedTest
    @CsvSource({
        "io.debezium.., dev.cdp.capture.debezium..",
        "com.github.shyiko.., dev.cdp.capture.binlog.reading..",
        "com.github.luben.., dev.cdp.capture.binlog.reading..",
        "org.apache.avro.., dev.cdp.core.topic..",
        "org.apache.parquet.., dev.cdp.core.archive..",
        "software.amazon.awssdk.., dev.cdp.core.archive..",
        "org.apache.iceberg.., dev.cdp.archiver.iceberg..",
        "org.duckdb.., dev.cdp.core.fold..",
        "picocli.., dev.cdp.app.cli..",
        "org.yaml.., dev.cdp.app.config..",
        "ch.qos.logback.., dev.cdp.app.logging..",
        "kafka.., dev.cdp.embedded..",
    })
    void aLibraryHasOneHome(String library, String home) {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(home, "dev.cdp.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library));
    }

    @Test
    void packagesAreNamedAfterStepsNotKinds() {
        check(noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..model..", "..dto..", "..impl..", "..manager.."));
    }

    @Test
    void classesAreNamedAfterWhatTheyAre() {
        check(noClasses().should().haveNameMatching(".*(Impl|Utils?|Helper|Manager|Processor)"));
    }

    @Test
    void theClockIsInjected() {
        check(outsideOfApp().should().callMethod(Instant.class, "now"));
        check(outsideOfApp().should().callMethod(System.class, "currentTimeMillis"));
    }

    @Test
    void nobodySleepsAndNobodySharesThePool() {
        check(outsideOfApp().should().callMethod(Thread.class, "sleep", long.class));
        check(outsideOfApp().should().callMethod(ForkJoinPool.class, "commonPool"));
    }

    private static com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction outsideOfApp() {
        return noClasses().that().resideOutsideOfPackages("dev.cdp.app..", "dev.cdp.testkit..", "dev.cdp.embedded..");
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(ours);
    }
}
