package dev.cdp.app.config;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.SourceId;
import dev.cdp.core.crash.CrashPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Changes the file as text, so that comments and layout stay. The result is read before it replaces the file: an edit
 * that would break it changes nothing.
 */
public final class ConfigurationEdit {
    private static final Pattern TOP_LEVEL = Pattern.compile("^[A-Za-z].*");

    private static final Pattern MEMBERS = Pattern.compile("(sources:\\s*\\[)([^\\]]*)\\]");

    private final Path file;
    private final Map<String, String> environment;

    public ConfigurationEdit(Path file, Map<String, String> environment) {
        this.file = file;
        this.environment = environment;
    }

    /** A changed file that was read but not written yet. */
    public final class Change {
        private final String text;
        private final ConfigurationFile result;

        private Change(List<String> lines) {
            this.text = String.join("\n", lines) + "\n";
            this.result = ConfigurationFile.parse(file, text, environment);
        }

        /** What the file will say. */
        public ConfigurationFile result() {
            return result;
        }

        /** Replaces the file. */
        public void write() {
            replace(text);
        }
    }

    /** Whether the source stands there just as {@link #addSource} writes it. */
    public boolean hasSource(SourceId source, String url) {
        List<String> lines = read();
        int start = lines.indexOf("  " + source + ":");
        return start >= 0 && start + 1 < lines.size() && lines.get(start + 1).equals("    url: " + quoted(url));
    }

    /**
     * Adds a source given by its address.
     *
     * @throws InvalidConfigurationException when the file would be bad with it
     */
    public Change addSource(SourceId source, String url) {
        List<String> lines = read();
        List<String> block = List.of("  " + source + ":", "    url: " + quoted(url));
        int section = sourcesLine(lines);
        if (section < 0) {
            lines.add("sources:");
            lines.addAll(block);
        } else {
            lines.set(section, lines.get(section).replaceFirst("^sources:\\s*\\{\\s*}", "sources:"));
            lines.addAll(section + 1, block);
        }
        return new Change(lines);
    }

    /** Takes a source out, also from its group. */
    public Change removeSource(SourceId source) {
        List<String> lines = read();
        int section = sourcesLine(lines);
        int start = -1;
        for (int i = section + 1; section >= 0 && i < lines.size() && !isTopLevel(lines.get(i)); i++) {
            if (lines.get(i).matches(" +" + Pattern.quote(source.name()) + ":.*")) {
                start = i;
                break;
            }
        }
        if (start < 0) {
            throw new CdpException(
                    ErrorCode.SOURCE_UNKNOWN, file + " has no source \"" + source + "\"", "cdp source list");
        }
        int indent = indent(lines.get(start));
        int end = start + 1;
        while (end < lines.size()
                && (lines.get(end).isBlank() ? isBlankInside(lines, end, indent) : indent(lines.get(end)) > indent)) {
            end++;
        }
        lines.subList(start, end).clear();
        lines.replaceAll(line -> withoutMember(line, source.name()));
        return new Change(lines);
    }

    /** Takes a name out of a group's {@code sources: [a, b]}. */
    private static String withoutMember(String line, String name) {
        Matcher list = MEMBERS.matcher(line);
        if (!list.find()) {
            return line;
        }
        String rest = Arrays.stream(list.group(2).split(","))
                .map(String::strip)
                .filter(member -> !member.equals(name))
                .collect(Collectors.joining(", "));
        return line.substring(0, list.start(2)) + rest + line.substring(list.end(2));
    }

    private static boolean isBlankInside(List<String> lines, int at, int indent) {
        return at + 1 < lines.size() && indent(lines.get(at + 1)) > indent;
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }

    private static boolean isTopLevel(String line) {
        return TOP_LEVEL.matcher(line).matches();
    }

    private static int sourcesLine(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches("sources:\\s*(\\{\\s*})?\\s*(#.*)?")) {
                return i;
            }
        }
        return -1;
    }

    /** A value that YAML reads back as it is, and whose references keep their meaning. */
    private static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private List<String> read() {
        try {
            return new ArrayList<>(Files.readAllLines(file));
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.CONFIGURATION_ABSENT,
                    "The configuration " + file + " cannot be read",
                    "Name one with --config FILE or CDP_CONFIG",
                    e);
        }
    }

    private void replace(String text) {
        try {
            Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
            Files.writeString(temporary, text);
            CrashPoint.CONTROL_CONFIGURATION_PREPARED.reached();
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            CrashPoint.CONTROL_CONFIGURATION_EDITED.reached();
        } catch (IOException e) {
            throw new CdpException(
                    ErrorCode.CONFIGURATION_ABSENT,
                    "The configuration " + file + " cannot be written: " + e.getMessage(),
                    "Add the source by hand",
                    e);
        }
    }
}
