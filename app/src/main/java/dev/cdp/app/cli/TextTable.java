package dev.cdp.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows under headings, at most {@value #WIDTH} columns wide: the widest column gives way. Numbers stand to the right.
 */
final class TextTable {
    private static final int WIDTH = 80;
    private static final int NARROWEST = 8;
    private static final String BETWEEN = "  ";

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        this.headings = List.of(headings);
    }

    TextTable row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(Printable.text(cell.toString()));
        }
        if (row.size() != headings.size()) {
            throw new IllegalArgumentException(row.size() + " cells under " + headings.size() + " headings");
        }
        rows.add(row);
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The table for people. */
    List<String> lines() {
        int[] widths = widths();
        List<String> lines = new ArrayList<>();
        lines.add(line(headings, widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    /** {@code heading=cell} separated by tabs, one line per row. */
    List<String> plainLines() {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            List<String> cells = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                String heading = headings.get(i).toLowerCase(Locale.ROOT).replace(' ', '_');
                cells.add(heading + "=" + row.get(i));
            }
            lines.add(String.join("\t", cells));
        }
        return lines;
    }

    private int[] widths() {
        int[] widths = new int[headings.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = headings.get(i).length();
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int excess = (widths.length - 1) * BETWEEN.length() - WIDTH;
        for (int width : widths) {
            excess += width;
        }
        for (; excess > 0; excess--) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            widths[widest] = Math.max(NARROWEST, widths[widest] - 1);
        }
        return widths;
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String fitted = cell.length() > widths[i] ? cell.substring(0, widths[i] - 1) + "…" : cell;
            String padding = " ".repeat(widths[i] - fitted.length());
            line.append(i == 0 ? "" : BETWEEN).append(isNumeric(i) ? padding + fitted : fitted + padding);
        }
        return line.toString().stripTrailing();
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream().allMatch(row -> row.get(column).matches("[-+]?[\\d,.]+( ?[KMGT]?i?B)?|-|"));
    }
}
