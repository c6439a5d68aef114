package dev.cdp.app.cli;

import dev.cdp.app.config.CloseNames;
import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;
import dev.cdp.core.TableName;
import dev.cdp.core.archive.ArchiveState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Tables of a source by the names that people give them. */
final class KnownTables {
    private static final int TABLES_SHOWN = 20;

    private KnownTables() {}

    /**
     * The table of a name. An unknown one would be answered by nothing at all, which reads as if nothing had happened.
     *
     * @param command what the operator typed, such as {@code find}
     * @throws CdpException {@code TABLE_UNKNOWN}
     */
    static TableName require(ArchiveState state, String table, String command) {
        List<TableName> names = state.schemas().stream()
                .map(schema -> schema.name())
                .filter(name -> !isOurs(name.toString()))
                .distinct()
                .sorted(Comparator.comparing(TableName::toString))
                .toList();
        return names.stream()
                .filter(name -> name.toString().equals(table))
                .findFirst()
                .orElseThrow(() -> unknown(
                        state, table, names.stream().map(TableName::toString).toList(), command));
    }

    private static CdpException unknown(ArchiveState state, String table, List<String> names, String command) {
        Optional<String> meant = names.stream()
                .filter(name -> name.endsWith("." + table))
                .findFirst()
                .or(() -> CloseNames.closest(table, names));
        String more = names.size() > TABLES_SHOWN ? ", ... (" + names.size() + " in all)" : "";
        String shown = String.join(", ", names.stream().limit(TABLES_SHOWN).toList());
        return new CdpException(
                ErrorCode.TABLE_UNKNOWN,
                "Source \"" + state.source() + "\" has no table \"" + table + "\""
                        + meant.map(name -> "; did you mean \"" + name + "\"?").orElse("; it has " + shown + more),
                "cdp " + command + " " + state.source()
                        + meant.map(name -> "." + name).orElse(""));
    }

    /** Tables that capture keeps in a source for itself. */
    static boolean isOurs(String table) {
        return table.startsWith("cdp.") || table.contains(".cdp_");
    }
}
