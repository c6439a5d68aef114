package dev.cdp.capture.binlog;

import dev.cdp.capture.CheckFinding;
import dev.cdp.capture.binlog.reading.CharacterSets;
import dev.cdp.capture.binlog.reading.CodeTable;
import dev.cdp.capture.binlog.reading.SourceTypes;
import dev.cdp.capture.binlog.reading.TableCatalog;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.Cascade;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.TableScope;
import dev.cdp.core.Carrier;
import dev.cdp.core.Column;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema.Identity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tables as the catalog has them now. A table's and a column's own name is the only id that these servers give them. */
final class BinlogCatalog implements TableCatalog {
    /** The obstacle of tables that nobody wants to protect. */
    static final CheckFinding LEFT_OUT = BinlogCheck.TABLES.fine("The configuration leaves it out");

    private static final String TABLES = """
            SELECT TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_TIME FROM information_schema.TABLES
            WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_NAME LIKE ?
            ORDER BY TABLE_NAME""";
    private static final String COLUMNS = """
            SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, %s FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE ? ORDER BY TABLE_NAME, ORDINAL_POSITION""";
    private static final String KEYS = """
            SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE ? AND INDEX_NAME = 'PRIMARY'
            ORDER BY TABLE_NAME, SEQ_IN_INDEX""";

    private static final String CHARACTER_SETS = """
            SELECT COLUMN_NAME, CHARACTER_SET_NAME FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CHARACTER_SET_NAME IS NOT NULL""";

    // Labels are in quotation marks, those inside of one doubled.
    private static final Pattern EMPTY_SET_LABEL = Pattern.compile("(?i)^set\\((?:'(?:[^']|'')+',)*''[,)]");
    private static final Set<String> ACTIONS = Set.of("CASCADE", "SET NULL", "SET DEFAULT");
    private static final String CASCADES = """
            SELECT k.CONSTRAINT_NAME, k.TABLE_NAME, k.REFERENCED_TABLE_SCHEMA,
                k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE
            FROM information_schema.KEY_COLUMN_USAGE k
            JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
                AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
            WHERE k.TABLE_SCHEMA = ? AND k.TABLE_NAME LIKE ? AND (r.DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
                OR r.UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))
            ORDER BY 2, 1""";

    private final Connections connections;
    private final BinlogServer server;
    private final TableScope scope;
    private final String database;
    private final Map<String, CodeTable> codeTables = new ConcurrentHashMap<>();

    BinlogCatalog(Connections connections, BinlogServer server, TableScope scope) {
        this.connections = connections;
        this.server = server;
        this.scope = scope;
        this.database = connections.address().database();
    }

    /**
     * A table of the database, protected or not.
     *
     * @param obstacle why it cannot be protected, null when it can
     * @param createdAt changes with every statement that defines it anew
     */
    record Listed(TableDescription description, @Nullable CheckFinding obstacle, String createdAt) {}

    /** Every table of the database, by name. */
    Map<String, Listed> all(Connection connection) throws SQLException {
        return read(connection, "%");
    }

    /** Of this server; what a set holds is read when it is needed first. */
    CharacterSets characterSets() {
        return connections.with(
                "read the character sets", connection -> CharacterSets.read(connection, this::codeTable));
    }

    private CodeTable codeTable(String characterSet) {
        return codeTables.computeIfAbsent(
                characterSet,
                name -> connections.with(
                        "read the character set " + name, connection -> CodeTable.read(connection, name)));
    }

    /** The character sets of those columns that have one, by column. */
    Map<String, String> characterSets(Connection connection, TableName table) throws SQLException {
        Map<String, String> sets = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(CHARACTER_SETS)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    sets.put(row.getString(1), row.getString(2));
                }
            }
        }
        return sets;
    }

    @Override
    public Standing standing(TableName table) {
        return find(table)
                .map(listed -> listed.obstacle() == null ? Standing.PROTECTED : Standing.EXCLUDED)
                .orElse(scope.covers(table) ? Standing.ABSENT : Standing.EXCLUDED);
    }

    @Override
    public Optional<TableDescription> describe(TableName table) {
        return find(table).filter(listed -> listed.obstacle() == null).map(Listed::description);
    }

    private Optional<Listed> find(TableName table) {
        if (!table.schema().equals(database)) {
            return Optional.empty();
        }
        return connections.with(
                "read the definition of table " + table,
                connection ->
                        Optional.ofNullable(read(connection, pattern(table)).get(table.name())));
    }

    /** For LIKE. */
    private static String pattern(TableName table) {
        return table.name().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    @Override
    public Map<TableName, List<Cascade>> cascades() {
        return connections.with("read the foreign keys", connection -> {
            Map<TableName, List<Cascade>> byChild = new LinkedHashMap<>(cascades(connection, database, "%"));
            Set<TableName> seen = new HashSet<>();
            for (Set<TableName> next = foreignParents(byChild, seen);
                    !next.isEmpty();
                    next = foreignParents(byChild, seen)) {
                for (TableName parent : next) {
                    byChild.putAll(cascades(connection, parent.schema(), pattern(parent)));
                }
                seen.addAll(next);
            }
            return byChild;
        });
    }

    /** Tables of other databases whose rows ours refer to may themselves be changed unseen. */
    private Set<TableName> foreignParents(Map<TableName, List<Cascade>> byChild, Set<TableName> seen) {
        return byChild.values().stream()
                .flatMap(List::stream)
                .map(Cascade::parent)
                .filter(parent -> !parent.schema().equals(database) && !seen.contains(parent))
                .collect(Collectors.toSet());
    }

    private static Map<TableName, List<Cascade>> cascades(Connection connection, String schema, String pattern)
            throws SQLException {
        Map<TableName, Map<String, Cascade>> byName = new LinkedHashMap<>();
        query(connection, CASCADES, schema, pattern, row -> {
            String name = row.getString(1);
            Set<String> referenced = new HashSet<>(Set.of(row.getString(5)));
            Map<String, Cascade> ofChild =
                    byName.computeIfAbsent(new TableName(schema, row.getString(2)), child -> new LinkedHashMap<>());
            Cascade earlier = ofChild.get(name);
            if (earlier != null) {
                referenced.addAll(earlier.referenced());
            }
            TableName parent = new TableName(row.getString(3), row.getString(4));
            ofChild.put(name, new Cascade(name, parent, referenced, trigger(row)));
        });
        Map<TableName, List<Cascade>> byChild = new LinkedHashMap<>();
        byName.forEach((child, cascades) -> byChild.put(child, List.copyOf(cascades.values())));
        return byChild;
    }

    private static Cascade.Trigger trigger(ResultSet row) throws SQLException {
        boolean onDelete = ACTIONS.contains(row.getString(6));
        boolean onUpdate = ACTIONS.contains(row.getString(7));
        return onDelete && onUpdate ? Cascade.Trigger.BOTH : onDelete ? Cascade.Trigger.DELETE : Cascade.Trigger.UPDATE;
    }

    /** Asks the table for the column's default, if that is still what the statement wrote. */
    @Override
    public Optional<String> fill(TableName table, String column, String literal) {
        return connections.with("read the default of column " + column + " of table " + table, connection -> {
            String quoted = Names.quoted(column);
            try (PreparedStatement present = connection.prepareStatement("SELECT COLUMN_TYPE, COLUMN_DEFAULT FROM"
                    + " information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?")) {
                present.setString(1, table.schema());
                present.setString(2, table.name());
                present.setString(3, column);
                try (ResultSet row = present.executeQuery()) {
                    if (!row.next() || !isSame(row.getString(2), literal)) {
                        return Optional.empty();
                    }
                    String type = row.getString(1);
                    return SourceTypes.carrier(type) == Carrier.BYTES
                            ? Optional.empty()
                            : printedDefault(
                                    connection, table, SourceTypes.projection("DEFAULT(" + quoted + ")", type));
                }
            }
        });
    }

    private static boolean isSame(@Nullable String present, String literal) {
        return present != null && (present.equals(literal) || present.equals("'" + literal.replace("'", "''") + "'"));
    }

    /** Without a row there is nobody to ask, and nothing that needs to be filled. */
    private static Optional<String> printedDefault(Connection connection, TableName table, String expression)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT " + expression + " FROM " + Names.quoted(table) + " LIMIT 1")) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    private Map<String, Listed> read(Connection connection, String pattern) throws SQLException {
        Map<String, List<ColumnDescription>> columns = new HashMap<>();
        Map<String, List<String>> keys = new HashMap<>();
        query(connection, COLUMNS.formatted(server.computedColumn()), pattern, row -> columns.computeIfAbsent(
                        row.getString(1), t -> new ArrayList<>())
                .add(column(row)));
        query(connection, KEYS, pattern, row -> keys.computeIfAbsent(row.getString(1), t -> new ArrayList<>())
                .add(row.getString(2)));
        Map<TableName, List<Cascade>> cascades = cascades(connection, database, pattern);
        Map<String, Listed> tables = new LinkedHashMap<>();
        query(connection, TABLES, pattern, row -> {
            String name = row.getString(1);
            TableName table = new TableName(database, name);
            TableDescription description = new TableDescription(
                    name,
                    table,
                    columns.getOrDefault(name, List.of()),
                    keys.getOrDefault(name, List.of()),
                    Identity.FULL,
                    cascades.getOrDefault(table, List.of()));
            CheckFinding obstacle = obstacle(row.getString(2), row.getString(3), description);
            tables.put(name, new Listed(description, obstacle, String.valueOf(row.getString(4))));
        });
        return tables;
    }

    private static ColumnDescription column(ResultSet row) throws SQLException {
        String name = row.getString(2);
        String type = row.getString(3);
        return new ColumnDescription(
                name,
                name,
                type,
                SourceTypes.carrier(type),
                row.getString(4).equals("YES") ? Column.Nullability.NULLABLE : Column.Nullability.NOT_NULL,
                row.getBoolean(5) ? Column.Generation.COMPUTED : Column.Generation.WRITTEN,
                null);
    }

    private @Nullable CheckFinding obstacle(String tableType, @Nullable String engine, TableDescription table) {
        if (!scope.covers(table.name())) {
            return LEFT_OUT;
        }
        String name = Names.quoted(table.name());
        String what = name + " is not protected: ";
        if (tableType.equals("SYSTEM VERSIONED")) {
            return BinlogCheck.TABLE_VERSIONING.wrong(
                    what + "it is system-versioned: the log does not tell rows of its history from present ones", name);
        }
        if (!"InnoDB".equalsIgnoreCase(engine)) {
            return BinlogCheck.TABLE_ENGINE.wrong(what + "its engine " + engine + " has no transactions", name);
        }
        for (ColumnDescription column : table.columns()) {
            String type = column.sourceType();
            if (type.contains("COMPRESSED")) {
                return BinlogCheck.TABLE_COMPRESSED.wrong(
                        what + "its column '" + column.name() + "' is COMPRESSED", name, Names.quoted(column.name()));
            }
            if (type.contains("mariadb-5.3")) {
                return BinlogCheck.TABLE_TIMES.wrong(
                        what + "its column '" + column.name()
                                + "' has the format of times from before mysql56_temporal_format",
                        name);
            }
            if (EMPTY_SET_LABEL.matcher(type).find()) {
                return BinlogCheck.TABLE_SET_LABELS.wrong(
                        what + "its column '" + column.name() + "' is a SET with an empty label, so that different"
                                + " values print alike",
                        name,
                        Names.quoted(column.name()));
            }
        }
        return null;
    }

    /** What is done with each row. */
    @FunctionalInterface
    private interface Row {
        void read(ResultSet row) throws SQLException;
    }

    private void query(Connection connection, String sql, String pattern, Row each) throws SQLException {
        query(connection, sql, database, pattern, each);
    }

    private static void query(Connection connection, String sql, String schema, String pattern, Row each)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setString(2, pattern);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    each.read(row);
                }
            }
        }
    }
}
