package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.PreparedTransactions.Prepared;
import dev.cdp.capture.binlog.reading.SqlTokens.Token;
import dev.cdp.capture.binlog.reading.TableCatalog.Standing;
import dev.cdp.capture.log.LogEvent;
import dev.cdp.capture.source.TableDescription;
import dev.cdp.capture.source.TableDescription.ColumnDescription;
import dev.cdp.capture.source.ValueNotCarriedException;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the events of a binary log into those of our database. A group of events begins with its GTID; one that stands
 * alone is a single statement, every other ends with XID or COMMIT, whose time is the commit's. Used by one thread.
 */
final class BinlogTranslation {
    // How MySQL logs CREATE TABLE ... SELECT: rows follow.
    private static final Pattern CREATES_FROM_ROWS =
            Pattern.compile("CREATE\\s.*\\sSTART\\s+TRANSACTION", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern XA =
            Pattern.compile("XA\\s+(START|END|COMMIT|ROLLBACK)\\s+(.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final List<String> SEQUENCE_COLUMNS = List.of(
            "next_not_cached_value",
            "minimum_value",
            "maximum_value",
            "start_value",
            "increment",
            "cache_size",
            "cycle_option",
            "cycle_count");

    private final BinlogScope scope;
    private final ColumnDecoders decoders;
    private final TableCatalog catalog;
    private final KnownTables known;
    private final Statements statements;
    private final Cascades cascades;
    private final VoidParts voidParts;
    private final PreparedTransactions prepared;
    private final Map<String, TableReading> readingsByShape = new HashMap<>();
    private final Map<Long, TableReading> readings = new HashMap<>();
    private final LogFormat format;
    private final Transactions transactions;
    private String file;
    private @Nullable EventGroup group;

    /** @param tables as they are where reading starts */
    BinlogTranslation(
            BinlogSettings settings,
            CharacterSets characterSets,
            TableCatalog catalog,
            Collection<TableDescription> tables) {
        this.voidParts = settings.voidParts();
        this.prepared = settings.prepared();
        this.prepared.startAt(settings.boundary());
        this.scope = settings.scope();
        this.format = settings.format();
        this.transactions = settings.transactions();
        this.file = settings.file();
        this.decoders = new ColumnDecoders(characterSets);
        this.catalog = catalog;
        this.known = new KnownTables(tables);
        this.statements = new Statements(scope, known, catalog);
        this.cascades = new Cascades(scope, known, catalog);
    }

    void translate(RawEvent event, Consumer<LogEvent> events) {
        switch (event.type()) {
            case RawEvent.ROTATE -> {
                file = RawEvents.rotation(event).getBinlogFilename();
                readings.clear();
            }
            case RawEvent.GTID, RawEvent.MYSQL_GTID, RawEvent.ANONYMOUS_GTID, RawEvent.TAGGED_GTID -> begin(event);
            case RawEvent.TRANSACTION_PAYLOAD -> TransactionPayload.read(event, inner -> translate(inner, events));
            case RawEvent.TABLE_MAP -> map(TableMapReader.read(event, format), events);
            case RawEvent.WRITE_ROWS,
                    RawEvent.UPDATE_ROWS,
                    RawEvent.DELETE_ROWS,
                    RawEvent.MYSQL_WRITE_ROWS,
                    RawEvent.MYSQL_UPDATE_ROWS,
                    RawEvent.MYSQL_DELETE_ROWS,
                    RawEvent.PARTIAL_UPDATE_ROWS -> rows(event, events);
            case RawEvent.QUERY -> query(event, QueryEvent.read(event), events);
            case RawEvent.XID -> end(event, events);
            case RawEvent.INCIDENT -> throw BinlogSettingsException.incident(file + ":" + event.endPosition());
            case RawEvent.XA_PREPARE -> prepare(event, events);
            case RawEvent.STOP,
                    RawEvent.FORMAT_DESCRIPTION,
                    RawEvent.HEARTBEAT,
                    RawEvent.HEARTBEAT_2,
                    RawEvent.IGNORABLE,
                    RawEvent.ROWS_QUERY,
                    RawEvent.PREVIOUS_GTIDS,
                    RawEvent.TRANSACTION_CONTEXT,
                    RawEvent.VIEW_CHANGE,
                    RawEvent.ANNOTATE_ROWS,
                    RawEvent.CHECKPOINT,
                    RawEvent.GTID_LIST,
                    RawEvent.START_ENCRYPTION -> {}
            default -> other(event);
        }
    }

    private void other(RawEvent event) {
        if (event.type() > RawEvent.START_ENCRYPTION) {
            throw BinlogSettingsException.compressed();
        }
        boolean belongsToStatements = event.type() == 5 || event.type() == 13 || event.type() == 14;
        if (!belongsToStatements) { // the statement itself is judged when it comes
            throw new UnreadableEventException("an event of the unknown type " + event.type());
        }
    }

    private void begin(RawEvent event) {
        group = new EventGroup(transactions.begin(event));
    }

    private String gtid() {
        return group == null ? "?" : group.id();
    }

    private void map(TableMap map, Consumer<LogEvent> events) {
        TableReading reading = readingsByShape.get(map.shape());
        if (reading == null) {
            reading = reading(map, events);
            readingsByShape.put(map.shape(), reading);
        }
        readings.put(map.number(), reading);
    }

    private TableReading reading(TableMap map, Consumer<LogEvent> events) {
        TableName table = map.table();
        boolean isMarkers = table.equals(scope.markers());
        if (!isMarkers && !table.schema().equals(scope.database())) {
            return unprotected(map);
        }
        if (map.columnNames().contains("")) {
            throw BinlogSettingsException.namesMissing(table);
        }
        if (isMarkers) {
            return new MarkerReading(rowsReader(map, Optional.empty()));
        }
        Optional<TableDescription> described = known.get(table);
        if (described.isEmpty()) {
            Standing standing = catalog.standing(table);
            if (standing == Standing.ABSENT && map.columnNames().equals(SEQUENCE_COLUMNS)) {
                return TableReading.SKIP; // of which nothing but the name tells it from a table
            }
            if (standing == Standing.EXCLUDED) {
                return unprotected(map);
            }
        }
        if (described.isEmpty() || !KnownTables.fits(map, described.get())) {
            LogEvent.Ddl unexplained = statements.unexplained(map);
            concernsUs();
            cascades.forget();
            events.accept(unexplained);
        }
        try {
            RowsReader rows = rowsReader(map, known.get(table));
            return cascades.startAt(table) ? (event, out) -> rows.read(event, row -> follow(row, out)) : rows::read;
        } catch (ValueNotCarriedException e) {
            return (event, out) -> {
                cascades.followAny(table, Objects.requireNonNull(group).cascaded);
                out.accept(new LogEvent.RowsNotCarried(table, e));
            };
        }
    }

    /** Rows that are not ours are of interest for what they set off in tables that are. */
    private TableReading unprotected(TableMap map) {
        if (!cascades.startAt(map.table())) {
            return TableReading.SKIP;
        }
        if (map.columnNames().contains("")) {
            throw BinlogSettingsException.namesMissing(map.table());
        }
        return (event, out) -> {
            try {
                rowsReader(map, Optional.empty()).read(event, row -> follow(row, unused -> {}));
            } catch (ValueNotCarriedException e) { // it may have been the value that is referred to
                cascades.followAny(map.table(), Objects.requireNonNull(group).cascaded);
            }
        };
    }

    private void follow(LogEvent row, Consumer<LogEvent> events) {
        if (group != null) {
            cascades.follow((LogEvent.Row) row, group.cascaded);
        }
        events.accept(row);
    }

    private RowsReader rowsReader(TableMap map, Optional<TableDescription> described) {
        List<ColumnDecoder> columns = new ArrayList<>();
        BitSet hidden = new BitSet();
        for (MappedColumn column : map.columns()) {
            hidden.set(columns.size(), KnownTables.isHidden(column.name(), described));
            String sourceType = described
                    .flatMap(table -> table.column(column.name()))
                    .map(ColumnDescription::sourceType)
                    .orElse("");
            columns.add(decoders.of(map.table(), column, sourceType));
        }
        return new RowsReader(map.table(), map.columnNames(), columns, hidden);
    }

    private void rows(RawEvent event, Consumer<LogEvent> events) {
        long table = new EventBytes(event.body()).integer(6);
        TableReading reading = readings.get(table);
        if (reading == null) {
            throw new UnreadableEventException("rows of table number " + table + " without its map");
        }
        EventGroup current = Objects.requireNonNull(group, "rows outside of a transaction");
        int number = current.rowEvents++;
        if (reading != TableReading.SKIP && !voidParts.contain(current.id(), number)) {
            current.taken.set(number);
            Prepared prepared = current.prepared;
            if (prepared == null) {
                concernsUs();
                reading.read(event, events);
            } else {
                prepared.grow(event.body().length);
                reading.read(event, prepared::add);
            }
        }
    }

    private void query(RawEvent event, QueryEvent query, Consumer<LogEvent> events) {
        EventGroup current = group;
        if (current == null) {
            throw new UnreadableEventException("a statement outside of a transaction");
        }
        if (current.form == Transactions.Form.STATEMENT_NOT_DONE) {
            end(event, events);
            return;
        }
        if (query.sql().equalsIgnoreCase("COMMIT") || query.sql().equalsIgnoreCase("ROLLBACK")) {
            if (query.sql().equalsIgnoreCase("ROLLBACK")) {
                rollBack(current, 0);
            }
            end(event, events);
            return;
        }
        Matcher xa = XA.matcher(query.sql());
        if (format == LogFormat.MARIADB && xa.matches()) {
            decide(current, xa.group(1).toUpperCase(Locale.ROOT), xa.group(2), event, events);
            return;
        }
        if (query.sql().equalsIgnoreCase("BEGIN")
                || CREATES_FROM_ROWS.matcher(query.sql()).matches()) {
            current.form = Transactions.Form.TRANSACTION;
        }
        DdlStatement statement = DdlReader.read(query.sql(), query.database());
        switch (statement.effect()) {
            case CONTROLS -> control(current, SqlTokens.of(query.sql()));
            case CHANGES_ROWS -> refuseIfOurs(query);
            case TRUNCATES -> truncate(statement, events);
            case DEFINES, DROPS_DATABASE -> define(statement, query, events);
        }
        if (current.form == Transactions.Form.STATEMENT) {
            end(event, events);
        }
    }

    /** What was done is known from here on, and happens with a statement of its own or never. */
    private void prepare(RawEvent event, Consumer<LogEvent> events) {
        EventGroup current = group;
        Prepared done = current == null ? null : current.prepared;
        EventBytes in = new EventBytes(event.body());
        boolean onePhase = in.unsignedByte() != 0;
        if (current == null || done == null || onePhase) {
            throw BinlogSettingsException.distributedTransaction(gtid());
        }
        long format = in.integer(4);
        int globalBytes = (int) in.integer(4);
        int branchBytes = (int) in.integer(4);
        String global = HexFormat.of().formatHex(in.take(globalBytes));
        String branch = HexFormat.of().formatHex(in.take(branchBytes));
        done.addCascaded(current.cascaded);
        current.cascaded.clear();
        prepared.put(xaId("X'%s',X'%s',%d".formatted(global, branch, format)), done);
        end(event, events);
    }

    private static String xaId(String printed) {
        return printed.toUpperCase(Locale.ROOT).replace(" ", "");
    }

    private void decide(EventGroup current, String word, String id, RawEvent event, Consumer<LogEvent> events) {
        if (word.equals("START") || word.equals("END")) {
            return;
        }
        Optional<Prepared> found = prepared.decide(xaId(id), current.id()); // also a rollback ends what is kept of it
        if (word.equals("COMMIT")) {
            found.ifPresent(done -> current.cascaded.addAll(done.cascaded()));
            Set<TableName> unseen = found.map(done -> done.rows().isPresent() ? Set.<TableName>of() : done.tables())
                    .orElseGet(known::names);
            List<LogEvent> rows = new ArrayList<>(found.flatMap(Prepared::rows).orElse(List.of()));
            if (!unseen.isEmpty()) {
                rows.add(statements.committed(unseen));
            }
            current.concernsUs |= !rows.isEmpty() || !current.cascaded.isEmpty();
            rows.forEach(events);
        }
        end(event, events);
    }

    private void control(EventGroup current, List<Token> statement) {
        if (statement.get(0).is("XA")) {
            throw BinlogSettingsException.distributedTransaction(current.id());
        }
        String name = statement.get(statement.size() - 1).text();
        if (statement.get(0).is("SAVEPOINT")) {
            current.savepoints.put(name, current.rowEvents);
        } else if (statement.get(0).is("ROLLBACK")) {
            rollBack(current, current.savepoints.getOrDefault(name, 0));
        }
    }

    /** Row events from number {@code start} on did not happen. */
    private void rollBack(EventGroup current, int start) {
        if (current.taken.nextSetBit(start) >= 0) {
            voidParts.add(current.id(), start, current.rowEvents);
            throw new ReadAgainException(gtid());
        }
    }

    private void refuseIfOurs(QueryEvent query) {
        if (query.database().equals(scope.database()) || query.sql().contains(scope.database())) {
            String start = query.sql().substring(0, Math.min(20, query.sql().length()));
            throw BinlogSettingsException.statementLogged(start + "...");
        }
    }

    private void truncate(DdlStatement statement, Consumer<LogEvent> events) {
        statement.altered().stream().map(known::get).flatMap(Optional::stream).forEach(table -> {
            concernsUs();
            events.accept(new LogEvent.Truncation(table.name()));
        });
    }

    private void define(DdlStatement statement, QueryEvent query, Consumer<LogEvent> events) {
        statements.read(statement, query.sql(), query.database()).ifPresent(ddl -> {
            concernsUs();
            readingsByShape.clear();
            readings.clear();
            cascades.forget();
            events.accept(ddl);
        });
    }

    private void concernsUs() {
        if (group == null) {
            throw new UnreadableEventException("rows outside of a transaction");
        }
        group.concernsUs = true;
    }

    private void end(RawEvent event, Consumer<LogEvent> events) {
        EventGroup ended = group;
        if (ended == null) {
            throw new UnreadableEventException("the end of a transaction that did not begin");
        }
        group = null;
        SourcePosition position = transactions.end(file, event.endPosition());
        ended.cascaded.removeIf(table -> !table.schema().equals(scope.database()));
        if (!ended.cascaded.isEmpty()) {
            events.accept(statements.cascaded(ended.cascaded));
        }
        Instant committedAt = ended.beginning.committedAt();
        if (ended.concernsUs) {
            events.accept(new LogEvent.Commit(
                    ended.id(),
                    position,
                    committedAt != null ? committedAt : Instant.ofEpochSecond(event.timestampSeconds())));
        }
    }
}
