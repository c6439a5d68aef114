package dev.cdp.capture.binlog.reading;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Events as MySQL 8.4 writes them, byte by byte, after the server's own description of its formats. */
final class MySqlEvents {
    static final UUID SERVER = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");
    private static final int TABLE = 108;
    private static final int SERVER_ID = 1;
    private static final int SECONDS = 1_700_000_000;

    private MySqlEvents() {}

    /** Bytes as they come. */
    static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        /** Little-endian. */
        Bytes number(long value, int size) {
            for (int i = 0; i < size; i++) {
                out.write((int) (value >>> 8 * i));
            }
            return this;
        }

        Bytes bigEndian(long value) {
            for (int i = 56; i >= 0; i -= 8) {
                out.write((int) (value >>> i));
            }
            return this;
        }

        Bytes hex(String hex) {
            return raw(HexFormat.of().parseHex(hex.replace(" ", "")));
        }

        Bytes text(String text) {
            return raw(text.getBytes(StandardCharsets.UTF_8));
        }

        Bytes raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        /** A length-encoded integer. */
        Bytes packed(long value) {
            return value < 251
                    ? number(value, 1)
                    : value < 1 << 16
                            ? number(252, 1).number(value, 2)
                            : number(253, 1).number(value, 3);
        }

        Bytes field(int kind, Bytes content) {
            byte[] bytes = content.array();
            return number(kind, 1).packed(bytes.length).raw(bytes);
        }

        byte[] array() {
            return out.toByteArray();
        }
    }

    static RawEvent event(int type, long endPosition, Bytes body) {
        return new RawEvent(type, SECONDS, SERVER_ID, endPosition, body.array());
    }

    static RawEvent gtid(long sequence, long micros) {
        Bytes body = new Bytes()
                .number(0, 1)
                .bigEndian(SERVER.getMostSignificantBits())
                .bigEndian(SERVER.getLeastSignificantBits())
                .number(sequence, 8)
                .number(2, 1)
                .number(0, 8)
                .number(1, 8)
                .number(micros | 1L << 55, 7) // an original timestamp follows, as on a replica
                .number(micros - 5_000_000, 7)
                .packed(300)
                .number(80400, 4);
        return event(RawEvent.MYSQL_GTID, 0, body);
    }

    static RawEvent query(String database, String sql, long endPosition) {
        Bytes body = new Bytes()
                .number(9, 4)
                .number(0, 4)
                .number(database.length(), 1)
                .number(0, 2)
                .number(3, 2)
                .hex("00 00 00")
                .text(database)
                .number(0, 1)
                .text(sql);
        return event(RawEvent.QUERY, endPosition, body);
    }

    static RawEvent xid(long endPosition) {
        return event(RawEvent.XID, endPosition, new Bytes().number(17, 8));
    }

    /** shop.item: id int unsigned, name varchar, doc json, place geometry, note blob, state enum; key (id). */
    static RawEvent tableMap() {
        Bytes names = new Bytes();
        for (String name : List.of("id", "name", "doc", "place", "note", "state")) {
            names.packed(name.length()).text(name);
        }
        Bytes body = new Bytes()
                .number(TABLE, 6)
                .number(1, 2)
                .number(4, 1)
                .text("shop")
                .number(0, 1)
                .number(4, 1)
                .text("item")
                .number(0, 1)
                .packed(6)
                .hex("03 0F F5 FF FC FE")
                .packed(7)
                .hex("9001 04 04 02 F701")
                .hex("3E")
                .field(1, new Bytes().hex("80")) // signs of numbers: unsigned
                .field(2, new Bytes().packed(255).packed(1).packed(63)) // texts: utf8mb4; the second, note, is binary
                .field(4, names)
                .field(6, new Bytes().hex("02 03").text("new").hex("03").text("old"))
                .field(7, new Bytes().hex("01")) // kinds of geometry
                .field(8, new Bytes().hex("00"))
                .field(10, new Bytes().packed(255))
                .field(12, new Bytes().hex("FC")); // which columns are visible
        return event(RawEvent.TABLE_MAP, 0, body);
    }

    /** The values of one row without NULLs. */
    static Bytes row(int id, String name, String jsonHex, String state) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        byte[] json = new Bytes().hex(jsonHex).array();
        return new Bytes()
                .number(0xC0, 1)
                .number(id, 4)
                .number(utf8.length, 2)
                .raw(utf8)
                .number(json.length, 4)
                .raw(json)
                .number(4, 4)
                .hex("E6 10 00 00")
                .number(2, 2)
                .hex("FF 00")
                .number(state.equals("new") ? 1 : 2, 1);
    }

    static RawEvent rows(int type, Bytes... rows) {
        Bytes body = new Bytes()
                .number(TABLE, 6)
                .number(1, 2)
                .number(2 + 3, 2)
                .hex("01 07 00") // the row stands in partition 7
                .packed(6)
                .hex("3F");
        if (type == RawEvent.MYSQL_UPDATE_ROWS || type == RawEvent.PARTIAL_UPDATE_ROWS) {
            body.hex("3F");
        }
        for (Bytes row : rows) {
            body.raw(row.array());
        }
        return event(type, 0, body);
    }

    /** The same events as one that the server compressed. */
    static RawEvent compressed(long endPosition, RawEvent... events) {
        Bytes plain = new Bytes();
        for (RawEvent event : events) {
            plain.number(event.timestampSeconds(), 4)
                    .number(event.type(), 1)
                    .number(event.serverId(), 4)
                    .number(19L + event.body().length, 4)
                    .number(0, 4)
                    .number(0, 2)
                    .raw(event.body());
        }
        byte[] payload = Zstd.compress(plain.array());
        Bytes body = new Bytes()
                .field(2, new Bytes().packed(0))
                .field(3, new Bytes().packed(plain.array().length))
                .field(1, new Bytes().packed(payload.length))
                .number(0, 1)
                .raw(payload);
        return event(RawEvent.TRANSACTION_PAYLOAD, endPosition, body);
    }
}
