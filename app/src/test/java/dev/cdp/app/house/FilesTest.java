package dev.cdp.app.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Sizes of files, descriptions of packages, and names in documents. */
class FilesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int SOFT_LIMIT = 400;
    private static final int HARD_LIMIT = 800;

    /** Main sources longer than the soft limit, by name. The list may only shrink. */
    private static final Set<String> LONG_FILES = Set.of();

    /** Words in documents that look like types and are none of ours. */
    private static final Set<String> FOREIGN = Set.of("KiB", "MiB", "GiB", "TiB");

    private static final List<String> MODULES =
            List.of("cdp-core", "embedded", "testkit", "capture", "archiver", "restore", "app");
    private static final Pattern IN_BACKTICKS = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern PATH =
            Pattern.compile("\\.?[\\w.-]+/[\\w./-]*|[\\w-]+\\.(?:md|yaml|yml|sh|xml)|mvnw?|cdp\\.yaml");
    private static final Pattern TYPE = Pattern.compile("([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)(?:#\\w+|\\.java)?");

    @Test
    void noFileIsTooLong() {
        List<String> tooLong = sources("main").stream()
                .filter(file -> lineCount(file) > SOFT_LIMIT)
                .map(file -> file.getFileName().toString())
                .filter(name -> !LONG_FILES.contains(name))
                .toList();

        assertThat(tooLong).as("main sources of more than %d lines", SOFT_LIMIT).isEmpty();
        assertThat(sources("test")).allMatch(file -> lineCount(file) <= HARD_LIMIT);
    }

    @Test
    void theListOfLongFilesOnlyShrinks() {
        Set<String> stillLong = sources("main").stream()
                .filter(file -> lineCount(file) > SOFT_LIMIT)
                .map(file -> file.getFileName().toString())
                .collect(Collectors.toSet());

        assertThat(stillLong).containsAll(LONG_FILES);
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        Set<Path> without = sources("main").stream()
                .map(Path::getParent)
                .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(without).isEmpty();
    }

    @Test
    void everyPathThatADocumentNamesExists() {
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            names(document, PATH)
                    .filter(name -> !name.contains("..") && !name.startsWith("http") && !name.startsWith("tx/"))
                    .filter(name -> MODULES.stream().anyMatch(name::startsWith)
                            || name.matches("(docs|config|docker|\\.ci)/.*")
                            || name.matches("[A-Z]+\\.md"))
                    .filter(name -> !Files.exists(ROOT.resolve(name)))
                    .forEach(name -> missing.add(ROOT.relativize(document) + " names " + name));
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void everyClassThatADocumentNamesExists() {
        Set<String> known = Stream.concat(sources("main").stream(), sources("test").stream())
                .flatMap(FilesTest::typesIn)
                .collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            names(document, TYPE)
                    .map(name -> name.replaceFirst("(#\\w+|\\.java)$", ""))
                    .filter(name -> !known.contains(name) && !FOREIGN.contains(name))
                    .forEach(name -> missing.add(ROOT.relativize(document) + " names " + name));
        }

        assertThat(missing).isEmpty();
    }

    private static Stream<String> typesIn(Path source) {
        Matcher type =
                Pattern.compile("\\b(?:class|interface|record|enum)\\s+(\\w+)").matcher(content(source));
        List<String> names = new ArrayList<>();
        while (type.find()) {
            names.add(type.group(1));
        }
        return names.stream();
    }

    private static Stream<String> names(Path document, Pattern form) {
        Matcher quoted = IN_BACKTICKS.matcher(content(document));
        List<String> names = new ArrayList<>();
        while (quoted.find()) {
            if (form.matcher(quoted.group(1)).matches()) {
                names.add(quoted.group(1));
            }
        }
        return names.stream().distinct();
    }

    private static List<Path> documents() {
        List<Path> documents = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        try (Stream<Path> top = Files.list(ROOT)) {
            top.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return documents;
    }

    private static List<Path> sources(String kind) {
        return MODULES.stream()
                .flatMap(module -> files(ROOT.resolve(module).resolve("src").resolve(kind), ".java").stream())
                .toList();
    }

    private static List<Path> files(Path folder, String suffix) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long lineCount(Path file) {
        return content(file).lines().count();
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
