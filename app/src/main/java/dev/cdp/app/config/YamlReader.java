package dev.cdp.app.config;

import dev.cdp.app.config.Nodes.Items;
import dev.cdp.app.config.Nodes.Place;
import dev.cdp.app.config.Nodes.Sensitivity;
import dev.cdp.app.config.Nodes.Table;
import dev.cdp.app.config.Nodes.Value;
import dev.cdp.app.config.Schema.Element;
import dev.cdp.app.config.Schema.Leaf;
import dev.cdp.app.config.Schema.Named;
import dev.cdp.app.config.Schema.Presence;
import dev.cdp.app.config.Schema.Properties;
import dev.cdp.app.config.Schema.Section;
import dev.cdp.app.config.Schema.Sections;
import dev.cdp.app.config.Schema.Texts;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Walks the file along {@link Schema}: unknown keys, wrong shapes and values of the wrong kind become problems; what
 * is right becomes {@link Nodes}, with references filled in, variables applied and defaults added.
 */
final class YamlReader {
    private static final Place START = new Place(1, 1);
    private static final String UNRESOLVED = "unresolved";
    private static final Pattern SECRET_KEY =
            Pattern.compile(".*(password|secret|jaas|token|credential|passphrase).*", Pattern.CASE_INSENSITIVE);

    private final Interpolation interpolation;
    private final Map<String, String> environment;
    private final String file;
    private final Problems problems;

    YamlReader(String file, Interpolation interpolation, Map<String, String> environment, Problems problems) {
        this.file = file;
        this.interpolation = interpolation;
        this.environment = environment;
        this.problems = problems;
    }

    Table read(String text) {
        try {
            LoaderOptions options = new LoaderOptions();
            options.setMaxAliasesForCollections(20);
            return section("", Schema.ROOT, new Yaml(options).compose(new StringReader(text)));
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            problems.error(mark == null ? START : place(mark), "is not YAML here: " + e.getProblem());
            return new Table("", START, Map.of());
        }
    }

    private Table section(String path, Section section, @Nullable Node node) {
        Map<String, Node> given = children(path, node);
        List<String> known = section.children().stream().map(Element::name).toList();
        given.forEach((key, child) -> {
            if (!known.contains(key)) {
                problems.error(
                        place(child),
                        "unknown key \"" + key + "\"" + (path.isEmpty() ? "" : " under " + path)
                                + Problems.didYouMean(key, known));
            }
        });
        Map<String, Nodes.Node> read = new LinkedHashMap<>();
        Place here = node == null ? START : place(node);
        for (Element element : section.children()) {
            String childPath = path.isEmpty() ? element.name() : path + "." + element.name();
            element(childPath, element, given.get(element.name()), here)
                    .ifPresent(child -> read.put(element.name(), child));
        }
        return new Table(path, here, read);
    }

    private Optional<Nodes.Node> element(String path, Element element, @Nullable Node node, Place parent) {
        if (element instanceof Leaf leaf) {
            return leaf(path, leaf, node, parent).map(Nodes.Node.class::cast);
        }
        if (element instanceof Section section) {
            return Optional.of(section(path, section, node));
        }
        if (node == null) {
            return Optional.empty();
        }
        if (element instanceof Named named) {
            return Optional.of(named(path, named, node));
        }
        if (element instanceof Sections sections) {
            return Optional.of(sections(path, sections, node));
        }
        if (element instanceof Texts) {
            return Optional.of(texts(path, node));
        }
        if (element instanceof Properties) {
            return Optional.of(properties(path, node));
        }
        throw new IllegalStateException(path);
    }

    private Table named(String path, Named named, Node node) {
        Map<String, Nodes.Node> read = new LinkedHashMap<>();
        children(path, node).forEach((key, child) -> read.put(key, section(path + "." + key, named.each(), child)));
        return new Table(path, place(node), read);
    }

    private Items sections(String path, Sections sections, Node node) {
        List<Nodes.Node> read = new ArrayList<>();
        for (Node item : items(path, node)) {
            read.add(section(path + "[" + read.size() + "]", sections.each(), item));
        }
        return new Items(place(node), read);
    }

    private Items texts(String path, Node node) {
        List<Nodes.Node> read = new ArrayList<>();
        for (Node item : items(path, node)) {
            scalar(path, item)
                    .map(text -> filled(path + "[" + read.size() + "]", text, place(item), Sensitivity.OPEN))
                    .ifPresent(read::add);
        }
        return new Items(place(node), read);
    }

    private Table properties(String path, Node node) {
        Map<String, Nodes.Node> read = new LinkedHashMap<>();
        children(path, node)
                .forEach((key, child) -> scalar(path + "." + key, child).ifPresent(text -> {
                    boolean secret = SECRET_KEY.matcher(key).matches() || Interpolation.hasReference(text);
                    Sensitivity sensitivity = secret ? Sensitivity.SECRET : Sensitivity.OPEN;
                    read.put(key, filled(path + "." + key, text, place(child), sensitivity));
                }));
        return new Table(path, place(node), read);
    }

    private Optional<Value> leaf(String path, Leaf leaf, @Nullable Node node, Place parent) {
        Sensitivity sensitivity =
                switch (leaf.kind()) {
                    case SECRET -> Sensitivity.SECRET;
                    case DATABASE_URL -> Sensitivity.ADDRESS;
                    default -> Sensitivity.OPEN;
                };
        Place place = node == null ? parent : place(node);
        String variable = "CDP_" + path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
        String override = path.contains("[") ? null : environment.get(variable);
        Optional<Value> value;
        if (override != null) {
            value = Optional.of(new Value(path, override, place, variable, sensitivity));
        } else if (node != null) {
            value = scalar(path, node).map(text -> {
                warnOfLiteral(path, leaf, text, place);
                return filled(path, text, place, sensitivity);
            });
        } else if (leaf.defaultText() != null) {
            return Optional.of(new Value(path, leaf.defaultText(), place, "default", sensitivity));
        } else {
            if (leaf.presence() == Presence.REQUIRED) {
                problems.error(
                        place, path + " is missing; it must be " + leaf.kind().expectation());
            }
            return Optional.empty();
        }
        value.ifPresent(found -> checkKind(found, leaf.kind()));
        return value;
    }

    private void checkKind(Value value, Kind kind) {
        if (kind.accepts(value.text()) || value.origin().equals(UNRESOLVED)) {
            return;
        }
        String found = value.sensitivity() == Sensitivity.OPEN ? ", found \"" + value.text() + "\"" : "";
        String origin = value.origin().startsWith("CDP_") ? " in " + value.origin() : "";
        problems.error(
                value.place(),
                value.path() + " must be " + kind.expectation() + found + origin
                        + (kind.choices().isEmpty() ? "" : Problems.didYouMean(value.text(), kind.choices())));
    }

    private void warnOfLiteral(String path, Leaf leaf, String text, Place place) {
        boolean holdsPassword =
                leaf.kind() == Kind.SECRET || leaf.kind() == Kind.DATABASE_URL && text.matches(".*://[^:/@]*:[^@]+@.*");
        if (holdsPassword && !text.isEmpty() && !Interpolation.hasReference(text)) {
            problems.warning(place, path + " is written out in the file; prefer ${file:PATH} or ${env:NAME}");
        }
    }

    /** A reference that cannot be filled in is reported here; its value stays as written, so that nothing else is. */
    private Value filled(String path, String text, Place place, Sensitivity sensitivity) {
        try {
            String origin = file + ":" + place.line() + ":" + place.column();
            return new Value(path, interpolation.apply(text), place, origin, sensitivity);
        } catch (IllegalArgumentException e) {
            problems.error(place, path + ": " + e.getMessage());
            return new Value(path, text, place, UNRESOLVED, sensitivity);
        }
    }

    /** The keys and values of a mapping; an absent or empty one has none. */
    private Map<String, Node> children(String path, @Nullable Node node) {
        Map<String, Node> children = new LinkedHashMap<>();
        if (node == null || isNull(node)) {
            return children;
        }
        if (!(node instanceof MappingNode mapping)) {
            problems.error(place(node), (path.isEmpty() ? "the file" : path) + " must have keys and values under it");
            return children;
        }
        Map<String, Place> seen = new HashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            Place first = seen.putIfAbsent(key, place(entry.getKeyNode()));
            if (first != null) {
                problems.error(
                        place(entry.getKeyNode()),
                        "\"" + key + "\" stands twice; the first is in line " + first.line());
            }
            children.put(key, entry.getValueNode());
        }
        return children;
    }

    private List<Node> items(String path, Node node) {
        if (isNull(node)) {
            return List.of();
        }
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        problems.error(place(node), path + " must be a list, such as [a, b]");
        return List.of();
    }

    private Optional<String> scalar(String path, Node node) {
        if (isNull(node)) {
            return Optional.empty();
        }
        if (node instanceof ScalarNode scalar) {
            return Optional.of(scalar.getValue());
        }
        problems.error(place(node), path + " must be one value");
        return Optional.empty();
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL);
    }

    private static Place place(Node node) {
        return place(node.getStartMark());
    }

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
