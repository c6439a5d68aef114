package dev.cdp.capture.binlog.definition;

import dev.cdp.capture.binlog.definition.DefinitionText.Program;
import dev.cdp.core.definition.DefinitionStatement.Phase;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Views, each after those that it reads. */
final class ViewObjects {
    // ER_VIEW_INVALID
    private static final int VIEW_INVALID = 1356;

    private final Catalog catalog;
    private final DefinitionText text;
    private final Map<String, View> views = new LinkedHashMap<>();
    private final Set<String> visited = new HashSet<>();

    ViewObjects(Catalog catalog, DefinitionText text) {
        this.catalog = catalog;
        this.text = text;
    }

    private record View(Program program, ViewText parts) {}

    void read() throws SQLException {
        String names = """
                SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'VIEW'
                ORDER BY convert(table_name USING utf8mb4) COLLATE utf8mb4_bin
                """;
        for (String name : catalog.texts(names)) {
            catalog.rowsUnlessGone("SHOW CREATE VIEW " + SqlScanner.quoted(name), row -> {
                String sql = SqlScanner.withoutDatabase(row.getString(2), catalog.database());
                SessionContext context = new SessionContext("", row.getString(3), row.getString(4), null);
                return views.put(name, new View(new Program(name, null, sql, context), ViewText.parse(sql)));
            });
        }
        leaveOutUnmakeable();
        for (View view : views.values()) {
            addBehindWhatItReads(view);
        }
    }

    private void leaveOutUnmakeable() throws SQLException {
        Set<String> gone = new HashSet<>();
        for (Map.Entry<String, View> entry : views.entrySet()) {
            if (entry.getValue().parts().readsOtherDatabase()) {
                text.warn("Not protected: view " + entry.getKey() + ", because it reads another database");
                gone.add(entry.getKey());
            }
        }
        for (String name : views.keySet()) {
            if (!gone.contains(name) && !isValid(name)) {
                gone.add(name);
                text.warn("Not protected: view " + name + ", because it is invalid in the source");
            }
        }
        boolean more = true;
        while (more) {
            more = false;
            for (Map.Entry<String, View> entry : views.entrySet()) {
                boolean readsGone = entry.getValue().parts().tables().stream()
                        .anyMatch(each -> gone.contains(each) && !each.equals(entry.getKey()));
                if (readsGone && gone.add(entry.getKey())) {
                    text.warn("Not protected: view " + entry.getKey() + ", because it reads a view that is not");
                    more = true;
                }
            }
        }
        views.keySet().removeAll(gone);
    }

    /** The server keeps views whose tables or columns are gone; such a view cannot be made again. */
    private boolean isValid(String view) throws SQLException {
        try {
            return !catalog.rowsUnlessGone("SHOW COLUMNS FROM " + SqlScanner.quoted(view), row -> true)
                    .isEmpty();
        } catch (SQLException refused) {
            if (refused.getErrorCode() == VIEW_INVALID) {
                return false;
            }
            throw refused;
        }
    }

    private void addBehindWhatItReads(View view) {
        if (!visited.add(view.program().name())) {
            return;
        }
        for (String name : view.parts().tables()) {
            View other = views.get(name);
            if (other != null) {
                addBehindWhatItReads(other);
            }
        }
        text.addProgram(Phase.BEFORE_DATA, "VIEW", view.program());
    }
}
