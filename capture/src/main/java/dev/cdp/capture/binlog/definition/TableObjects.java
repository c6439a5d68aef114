package dev.cdp.capture.binlog.definition;

import dev.cdp.core.definition.DefinitionStatement.Phase;
import dev.cdp.core.definition.SequenceValue;
import dev.cdp.core.definition.SequenceValue.Kind;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Sequences and tables, and how far they have counted. */
final class TableObjects {
    private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

    private final Catalog catalog;
    private final DefinitionText text;

    TableObjects(Catalog catalog, DefinitionText text) {
        this.catalog = catalog;
        this.text = text;
    }

    void read() throws SQLException {
        Set<String> tables = new LinkedHashSet<>(names("'BASE TABLE', 'SYSTEM VERSIONED'"));
        for (String sequence : names("'SEQUENCE'")) {
            for (String create : show("CREATE SEQUENCE", sequence)) {
                text.add(Phase.BEFORE_DATA, "SEQUENCE", sequence, null, create);
            }
        }
        Set<String> versioned = new LinkedHashSet<>(names("'SYSTEM VERSIONED'"));
        for (String table : tables) {
            for (String create : show("CREATE TABLE", table)) {
                addTable(table, TableText.parse(create), tables, versioned);
            }
        }
        warnOfEngines();
    }

    private List<String> names(String types) throws SQLException {
        return catalog.texts("""
                SELECT table_name FROM information_schema.tables
                WHERE table_schema = DATABASE() AND table_type IN (%s) ORDER BY convert(table_name USING utf8mb4)
                    COLLATE utf8mb4_bin
                """.formatted(types));
    }

    /** What the server prints, nothing when the object is gone. Listed and yet not to be shown is an error. */
    private List<String> show(String what, String name) throws SQLException {
        String sql = "SHOW " + what + " " + SqlScanner.quoted(name);
        String listed = "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ";
        Catalog.RowReader<String> statement = row -> SqlScanner.withoutDatabase(row.getString(2), catalog.database());
        List<String> shown = catalog.rowsUnlessGone(sql, statement);
        boolean unknown = shown.isEmpty()
                && !catalog.texts(listed + SqlScanner.literal(name)).isEmpty();
        return unknown ? catalog.rows(sql, statement) : shown;
    }

    /** @param withoutRows tables whose rows are not kept: nothing could refer to them */
    private void addTable(String table, TableText parts, Set<String> tables, Set<String> withoutRows) {
        text.add(Phase.BEFORE_DATA, "TABLE", table, table, parts.create());
        for (String foreignKey : parts.foreignKeys()) {
            String referenced = TableText.referencedTable(foreignKey);
            if (withoutRows.contains(referenced) && !withoutRows.contains(table)) {
                text.warn("Not kept: a foreign key of table " + table + " to table " + referenced
                        + ", which is not protected: " + foreignKey);
            } else if (tables.contains(referenced)) {
                String alter = "ALTER TABLE " + SqlScanner.quoted(table) + " ADD " + foreignKey;
                text.add(Phase.AFTER_DATA, "FOREIGN KEY", table, table, alter);
            } else {
                text.warn("Not kept: a foreign key of table " + table + " to a table that this database does not have: "
                        + foreignKey);
            }
        }
    }

    private void warnOfEngines() throws SQLException {
        String sql = """
                SELECT CASE WHEN table_type = 'SYSTEM VERSIONED'
                            THEN concat('Not protected: earlier row versions of system-versioned table ', table_name)
                            ELSE concat('Not transactional: table ', table_name, ' of engine ',
                                coalesce(engine, 'unknown'),
                                        '; a cut may hold half of a statement') END
                FROM information_schema.tables WHERE table_schema = DATABASE()
                AND (table_type = 'SYSTEM VERSIONED' OR table_type = 'BASE TABLE' AND NOT engine <=> 'InnoDB')
                """;
        catalog.texts(sql).forEach(text::warn);
    }

    /** The next value of each sequence and of each AUTO_INCREMENT counter. Neither is versioned: none is too small. */
    List<SequenceValue> values() throws SQLException {
        List<SequenceValue> values = new ArrayList<>();
        for (String sequence : names("'SEQUENCE'")) {
            String sql = "SELECT next_not_cached_value FROM " + SqlScanner.quoted(sequence);
            for (long next : catalog.rowsUnlessGone(sql, row -> row.getLong(1))) {
                values.add(new SequenceValue(Kind.SEQUENCE, catalog.database(), sequence, next, false));
            }
        }
        String counters = """
                SELECT table_name, auto_increment FROM information_schema.tables
                WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL AND table_type <> 'SEQUENCE'
                ORDER BY convert(table_name USING utf8mb4) COLLATE utf8mb4_bin
                """;
        catalog.rows(counters, row -> {
            String table = row.getString(1);
            BigInteger next = new BigInteger(row.getString(2));
            if (next.compareTo(GREATEST) > 0) {
                text.warn("Not kept: the AUTO_INCREMENT counter of table " + table + ", which is past " + GREATEST);
                return false;
            }
            return values.add(
                    new SequenceValue(Kind.AUTO_INCREMENT, catalog.database(), table, next.longValueExact(), false));
        });
        return values;
    }
}
