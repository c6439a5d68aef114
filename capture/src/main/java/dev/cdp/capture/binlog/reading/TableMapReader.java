package dev.cdp.capture.binlog.reading;

import dev.cdp.capture.binlog.reading.MappedColumn.Sign;
import dev.cdp.core.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Reads table map events. The optional metadata behind the columns is described in the server's {@code
 * Table_map_log_event} (sql/log_event.h): fields of a kind, a length and content.
 */
final class TableMapReader {
    private static final int SIGNS = 1;
    private static final int DEFAULT_COLLATION = 2;
    private static final int COLLATIONS = 3;
    private static final int NAMES = 4;
    private static final int SET_LABELS = 5;
    private static final int ENUM_LABELS = 6;
    private static final int KEY = 8;
    private static final int KEY_WITH_PREFIXES = 9;
    private static final int LABELS_DEFAULT_COLLATION = 10;
    private static final int LABELS_COLLATIONS = 11;

    private final LogFormat format;
    private final EventBytes in;
    private int count;
    private int[] types = {};
    private int[] metas = {};
    private int[] collations = {};
    private final List<String> names = new ArrayList<>();
    private final List<Integer> key = new ArrayList<>();
    private BitSet unsigned = new BitSet();
    private List<byte[]>[] labels = newLabels(0);

    private TableMapReader(byte[] body, LogFormat format) {
        this.format = format;
        in = new EventBytes(body);
    }

    static TableMap read(RawEvent event, LogFormat format) {
        return new TableMapReader(event.body(), format).read(event.body());
    }

    private TableMap read(byte[] body) {
        long number = in.integer(6);
        in.skip(2); // flags
        TableName table = new TableName(shortText(), shortText());
        count = in.packedInteger();
        types = new int[count];
        for (int i = 0; i < count; i++) {
            types[i] = in.unsignedByte();
        }
        metas = new int[count];
        collations = new int[count];
        labels = newLabels(count);
        readMetas(new EventBytes(in.take(in.packedInteger())));
        in.skip((count + 7) / 8); // which columns may hold NULL
        while (in.hasMore()) {
            int kind = in.unsignedByte();
            readField(kind, new EventBytes(in.take(in.packedInteger())));
        }
        List<MappedColumn> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(column(i));
        }
        List<String> keyColumns =
                names.isEmpty() ? List.of() : key.stream().map(names::get).toList();
        return new TableMap(number, table, columns, keyColumns, shape(body));
    }

    /** Everything behind the table's number. */
    private static String shape(byte[] body) {
        CRC32 checksum = new CRC32();
        checksum.update(body, 6, body.length - 6);
        return Long.toHexString(checksum.getValue()) + "-" + body.length;
    }

    private String shortText() {
        String text = new String(in.take(in.unsignedByte()), StandardCharsets.UTF_8);
        in.skip(1); // a zero
        return text;
    }

    private void readMetas(EventBytes meta) {
        for (int i = 0; i < count; i++) {
            switch (types[i]) {
                case MappedColumn.FLOAT,
                        MappedColumn.DOUBLE,
                        MappedColumn.BLOB,
                        MappedColumn.COMPRESSED_BLOB,
                        MappedColumn.GEOMETRY,
                        MappedColumn.JSON,
                        MappedColumn.VECTOR,
                        MappedColumn.TIMESTAMP2,
                        MappedColumn.DATETIME2,
                        MappedColumn.TIME2 -> metas[i] = meta.unsignedByte();
                case MappedColumn.BIT, MappedColumn.VARCHAR, MappedColumn.COMPRESSED_VARCHAR ->
                    metas[i] = (int) meta.integer(2);
                case MappedColumn.DECIMAL, MappedColumn.STRING, MappedColumn.VAR_STRING ->
                    metas[i] = (int) meta.bigEndian(2);
                default -> metas[i] = 0;
            }
            int realType = metas[i] >> 8;
            if (types[i] == MappedColumn.STRING && (realType == MappedColumn.ENUM || realType == MappedColumn.SET)) {
                types[i] = realType;
                metas[i] &= 0xFF; // bytes per value
            }
        }
    }

    private void readField(int kind, EventBytes field) {
        switch (kind) {
            case SIGNS -> readSigns(field);
            case DEFAULT_COLLATION -> readDefaultCollation(field, Group.TEXTS);
            case LABELS_DEFAULT_COLLATION -> readDefaultCollation(field, Group.LABELS);
            case COLLATIONS -> indexes(Group.TEXTS).forEach(i -> collations[i] = field.packedInteger());
            case LABELS_COLLATIONS -> indexes(Group.LABELS).forEach(i -> collations[i] = field.packedInteger());
            case NAMES -> {
                while (field.hasMore()) {
                    names.add(new String(field.take(field.packedInteger()), StandardCharsets.UTF_8));
                }
            }
            case SET_LABELS -> readLabels(field, MappedColumn.SET);
            case ENUM_LABELS -> readLabels(field, MappedColumn.ENUM);
            case KEY -> {
                while (field.hasMore()) {
                    key.add(field.packedInteger());
                }
            }
            case KEY_WITH_PREFIXES -> {
                while (field.hasMore()) {
                    key.add(field.packedInteger());
                    field.packedInteger(); // how much of the column is in the key
                }
            }
            default -> {} // kinds of geometry and the like do not change how rows are read
        }
    }

    private void readSigns(EventBytes field) {
        List<Integer> numeric = indexes(Group.NUMBERS);
        BitSet bits = field.reversedBits(Math.min(numeric.size(), 8 * field.remaining()));
        for (int i = 0; i < numeric.size(); i++) {
            unsigned.set(numeric.get(i), bits.get(i));
        }
    }

    private void readDefaultCollation(EventBytes field, Group group) {
        List<Integer> members = indexes(group);
        int common = field.packedInteger();
        members.forEach(i -> collations[i] = common);
        while (field.hasMore()) {
            int member = field.packedInteger();
            collations[members.get(member)] = field.packedInteger();
        }
    }

    private void readLabels(EventBytes field, int type) {
        for (int i = 0; i < count; i++) {
            if (types[i] == type) {
                List<byte[]> values = new ArrayList<>();
                for (int left = field.packedInteger(); left > 0; left--) {
                    values.add(field.take(field.packedInteger()));
                }
                labels[i] = List.copyOf(values);
            }
        }
    }

    private enum Group {
        NUMBERS,
        TEXTS,
        LABELS
    }

    /** The columns that fields about such columns count, in their order. */
    private List<Integer> indexes(Group group) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MappedColumn column = column(i);
            boolean member =
                    switch (group) {
                        case NUMBERS -> column.isNumeric();
                        case TEXTS -> column.hasCharacterSet(format);
                        case LABELS -> column.hasLabels();
                    };
            if (member) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    private MappedColumn column(int i) {
        return new MappedColumn(
                names.isEmpty() ? "" : names.get(i),
                types[i],
                metas[i],
                unsigned.get(i) ? Sign.UNSIGNED : Sign.SIGNED,
                collations[i],
                labels[i]);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types
    private static List<byte[]>[] newLabels(int size) {
        List<byte[]>[] empty = new List[size];
        Arrays.fill(empty, List.of());
        return empty;
    }
}
