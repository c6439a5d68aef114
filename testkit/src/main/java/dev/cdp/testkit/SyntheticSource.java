package dev.cdp.testkit;

import dev.cdp.core.Carrier;
import dev.cdp.core.ChangeEvent;
import dev.cdp.core.ChangeEvent.Operation;
import dev.cdp.core.ChangeRecord;
import dev.cdp.core.Column;
import dev.cdp.core.Lsn;
import dev.cdp.core.RowImage;
import dev.cdp.core.SourceId;
import dev.cdp.core.SourcePosition;
import dev.cdp.core.StoredObject;
import dev.cdp.core.TableId;
import dev.cdp.core.TableName;
import dev.cdp.core.TableSchema;
import dev.cdp.core.TableSchema.Identity;
import dev.cdp.core.Unchanged;
import dev.cdp.core.archive.ArchiveLayout;
import dev.cdp.core.archive.BaseFileWriter;
import dev.cdp.core.archive.ObjectStore;
import dev.cdp.core.definition.SequenceValue;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A source that exists only as its history: what capture would have written to the change topic, and the live rows it
 * leads to. Events join the open transaction, which the first of them begins and {@link #commit} ends:
 * {@code source.insert(orders, 1L, "a").update(orders, 0, 1L, "b").commit()}.
 *
 * <p>The clock of the source advances by one second with each transaction, or as told by {@link #advance}.
 */
public final class SyntheticSource {
    private static final long BASE_FILE_BYTES = 64 << 10;

    private final SourceId id;
    private final List<ChangeRecord> records = new ArrayList<>();
    private final List<ChangeRecord> open = new ArrayList<>();
    private final List<SyntheticTable> tables = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-20T23:58:00Z"); // midnight is near: histories span two days
    private int epoch = 1;
    private int lastTableId;
    private long lastSeq;
    private long counter;

    /** Begins epoch 1 with an empty database. */
    public SyntheticSource(SourceId id) {
        this.id = id;
        records.add(record(lastSeq, new ChangeEvent.StreamStart(position())));
    }

    public SourceId id() {
        return id;
    }

    /** What capture has written so far: whole transactions, notices, and what a restart has torn. */
    public List<ChangeRecord> records() {
        return Collections.unmodifiableList(records);
    }

    /** Tables that exist, oldest first. */
    public List<SyntheticTable> tables() {
        return Collections.unmodifiableList(tables);
    }

    public int epoch() {
        return epoch;
    }

    /** The number given last. */
    public long lastSeq() {
        return lastSeq;
    }

    public Instant now() {
        return now;
    }

    /** Where the log ends now. */
    public SourcePosition position() {
        return new SourcePosition.Postgres(new Lsn(0x1000 + lastSeq * 16));
    }

    public SyntheticSource advance(Duration time) {
        now = now.plus(time);
        return this;
    }

    /** Creates a table whose key is its first column. */
    public SyntheticTable createTable(String name, Column... columns) {
        return createTable(name, Identity.KEY, List.of(columns[0].fieldId()), columns);
    }

    /** Creates a table without a key, whose changes carry whole rows. */
    public SyntheticTable createKeylessTable(String name, Column... columns) {
        return createTable(name, Identity.FULL, List.of(), columns);
    }

    /** Creates a table whose field ids are 1, 2, 3 and so on, in the schema {@code public}. */
    public SyntheticTable createTable(String name, Identity identity, List<Integer> keyFieldIds, Column... columns) {
        SyntheticTable table = new SyntheticTable(new TableSchema(
                new TableId(++lastTableId), 1, new TableName("public", name), List.of(columns), keyFieldIds, identity));
        tables.add(table);
        statement("CREATE TABLE", table, "create table " + name);
        append(new ChangeEvent.SchemaChange(table.schema()));
        return table;
    }

    public SyntheticSource insert(SyntheticTable table, @Nullable Object... values) {
        table.add(values.clone());
        return change(Operation.INSERT, table, null, RowImage.of(values));
    }

    /** Changes the row at {@code index}; a change of its key becomes a delete and an insert, as capture sends it. */
    public SyntheticSource update(SyntheticTable table, int index, @Nullable Object... values) {
        return update(table, index, Set.of(), values);
    }

    /** The same; the columns of {@code unlogged} keep their values, and the source does not log them. */
    public SyntheticSource update(SyntheticTable table, int index, Set<Integer> unlogged, @Nullable Object... values) {
        @Nullable Object[] before = table.row(index);
        @Nullable Object[] after = values.clone();
        @Nullable Object[] logged = values.clone();
        for (int column : unlogged) {
            after[column] = before[column];
            logged[column] = Unchanged.UNCHANGED;
        }
        table.set(index, after);
        if (keyDiffers(table, before, after)) {
            change(Operation.DELETE, table, logged(table, before), null);
            return change(Operation.INSERT, table, logged(table, before), RowImage.of(logged));
        }
        boolean full = table.schema().identity() == Identity.FULL;
        return change(Operation.UPDATE, table, full ? RowImage.of(before) : null, RowImage.of(logged));
    }

    public SyntheticSource delete(SyntheticTable table, int index) {
        @Nullable Object[] before = table.row(index);
        table.remove(index);
        return change(Operation.DELETE, table, logged(table, before), null);
    }

    public SyntheticSource truncate(SyntheticTable table) {
        table.clear();
        return append(new ChangeEvent.Truncate(table.id()));
    }

    public SyntheticSource addColumn(SyntheticTable table, String name, @Nullable String fill) {
        statement("ALTER TABLE", table, "alter table add column " + name);
        return append(new ChangeEvent.SchemaChange(table.addColumn(name, fill)));
    }

    public SyntheticSource dropColumn(SyntheticTable table, int index) {
        statement("ALTER TABLE", table, "alter table drop column " + index);
        return append(new ChangeEvent.SchemaChange(table.dropColumn(index)));
    }

    /** Gives a column of an empty table another type. */
    public SyntheticSource retypeColumn(SyntheticTable table, int index, Carrier carrier) {
        statement("ALTER TABLE", table, "alter table alter column " + index + " type " + carrier);
        return append(new ChangeEvent.SchemaChange(table.retypeColumn(index, carrier)));
    }

    public SyntheticSource drop(SyntheticTable table) {
        tables.remove(table);
        statement("DROP TABLE", table, "drop table " + table.name());
        return append(new ChangeEvent.TableDropped(table.id()));
    }

    /** A transaction of its own, as the supervisor writes every few seconds. */
    public SyntheticSource heartbeat() {
        append(new ChangeEvent.Marker(++counter, null, "round-" + counter, now));
        return commit();
    }

    /** A restore point of a name, a transaction of its own. */
    public SyntheticSource mark(String name) {
        append(new ChangeEvent.Marker(++counter, name, "round-" + counter, now));
        return commit();
    }

    /** Ends the open transaction, which must have an event that takes a number. */
    public SyntheticSource commit() {
        now = now.plusSeconds(1);
        records.addAll(open);
        open.clear();
        long firstSeq = lastEnded() + 1;
        String xid = Long.toString(700 + lastSeq);
        records.add(record(lastSeq, new ChangeEvent.TransactionEnd(xid, position(), now, lastSeq - firstSeq + 1)));
        return this;
    }

    /** Capture stops after sending {@code sent} events of the open transaction, and starts again before it. */
    public SyntheticSource restartCapture(int sent) {
        records.addAll(open.subList(0, Math.min(sent, open.size())));
        records.add(record(lastEnded(), new ChangeEvent.StreamStart(position())));
        return this;
    }

    /** Begins a new epoch: changes between here and there are missing. No transaction may be open. */
    public SyntheticSource gap(String reason) {
        requireNoOpenTransaction();
        epoch++;
        lastSeq++;
        records.add(record(lastSeq, new ChangeEvent.Gap(position(), null, reason, List.of())));
        return this;
    }

    /** The same, and what was recorded behind {@code lastWhole} is in doubt. */
    public SyntheticSource gapBehindDoubt(String reason, ChangeEvent.LastWhole lastWhole) {
        requireNoOpenTransaction();
        epoch++;
        lastSeq++;
        records.add(record(lastSeq, new ChangeEvent.Gap(position(), null, reason, List.of(), lastWhole)));
        return this;
    }

    /** Changes of one table are missing since the last transaction. No transaction may be open. */
    public SyntheticSource gapOf(SyntheticTable table, String reason) {
        requireNoOpenTransaction();
        lastSeq++;
        records.add(record(lastSeq, new ChangeEvent.Gap(position(), null, reason, List.of(table.name()))));
        return this;
    }

    /** Writes the live rows of every table as base files and announces them. No transaction may be open. */
    public SyntheticSource takeBase(ObjectStore store, Path staging) {
        return takeBase(store, staging, true, tables);
    }

    /** The same for one table, whose changes were missing. */
    public SyntheticSource takeBaseOf(SyntheticTable table, ObjectStore store, Path staging) {
        return takeBase(store, staging, false, List.of(table));
    }

    private SyntheticSource takeBase(
            ObjectStore store, Path staging, boolean replacesAll, List<SyntheticTable> copied) {
        requireNoOpenTransaction();
        String baseId = ArchiveLayout.baseId(lastSeq);
        List<ChangeEvent.BaseTable> copies = new ArrayList<>();
        for (SyntheticTable table : copied) {
            try (BaseFileWriter writer =
                    new BaseFileWriter(store, id, baseId, table.schema(), staging, BASE_FILE_BYTES)) {
                table.rows().forEach(writer::append);
                List<StoredObject> files = writer.finish();
                copies.add(new ChangeEvent.BaseTable(table.schema(), table.rowCount(), files));
            }
        }
        records.add(
                record(lastSeq, new ChangeEvent.BaseSnapshot(baseId, lastSeq, position(), now, replacesAll, copies)));
        return this;
    }

    /** A definition as text, whatever it says. No transaction may be open. */
    public SyntheticSource define(String json) {
        requireNoOpenTransaction();
        records.add(record(lastSeq, new ChangeEvent.DefinitionRead(json)));
        return this;
    }

    /** One sequence's value. No transaction may be open. */
    public SyntheticSource sequence(String name, long value) {
        requireNoOpenTransaction();
        SequenceValue read = new SequenceValue(SequenceValue.Kind.SEQUENCE, "public", name, value, true);
        records.add(record(lastSeq, new ChangeEvent.SequencesRead(List.of(read))));
        return this;
    }

    private void statement(String tag, SyntheticTable table, String sql) {
        append(new ChangeEvent.DdlStatement(tag, table.name().toString(), sql));
    }

    private SyntheticSource change(
            Operation operation, SyntheticTable table, @Nullable RowImage before, @Nullable RowImage after) {
        TableSchema schema = table.schema();
        return append(new ChangeEvent.RowChange(operation, schema.tableId(), schema.version(), before, after));
    }

    private SyntheticSource append(ChangeEvent.TransactionContent event) {
        lastSeq += event.takesSeq() ? 1 : 0;
        open.add(record(lastSeq, event));
        return this;
    }

    private ChangeRecord record(long seq, ChangeEvent event) {
        return new ChangeRecord(epoch, seq, now.plusMillis(300), event);
    }

    /** The number of the last record that stands outside of the open transaction. */
    private long lastEnded() {
        for (int i = records.size() - 1; i >= 0; i--) {
            ChangeEvent event = records.get(i).event();
            if (!(event instanceof ChangeEvent.TransactionContent)) {
                return records.get(i).seq();
            }
        }
        return 0;
    }

    /** What the source logs of a row before a change. */
    private static RowImage logged(SyntheticTable table, @Nullable Object[] row) {
        @Nullable Object[] logged = row.clone();
        for (int i = 0; i < logged.length; i++) {
            if (table.schema().identity() != Identity.FULL && !table.isKeyColumn(i)) {
                logged[i] = Unchanged.UNCHANGED;
            }
        }
        return RowImage.of(logged);
    }

    private static boolean keyDiffers(SyntheticTable table, @Nullable Object[] before, @Nullable Object[] after) {
        for (int i = 0; i < before.length; i++) {
            if (table.isKeyColumn(i) && !java.util.Objects.deepEquals(before[i], after[i])) {
                return true;
            }
        }
        return false;
    }

    private void requireNoOpenTransaction() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("A transaction of " + open.size() + " events is open");
        }
    }
}
