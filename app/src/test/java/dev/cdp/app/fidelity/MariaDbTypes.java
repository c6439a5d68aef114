package dev.cdp.app.fidelity;

import dev.cdp.testkit.services.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The types of MariaDB with the values at their edges. */
final class MariaDbTypes {
    private static final int SLICES = 12;
    private static final int BYTES = 256;

    private MariaDbTypes() {}

    /**
     * A type of a column.
     *
     * @param literals as they stand in an INSERT, NULL among them
     */
    record Type(String sql, List<String> literals) {

        String literal(int index) {
            return literals.get(index % literals.size());
        }

        boolean isSpatial() {
            return sql.matches("geometry\\w*|point|linestring|polygon|multi\\w+");
        }

        boolean isNumbered() {
            return sql.startsWith("enum") || sql.startsWith("set") || sql.startsWith("bit") || sql.equals("year");
        }

        /** How much of it a key takes; empty when it is a key as it is, null when it cannot be one. */
        @org.jspecify.annotations.Nullable
        String keyPrefix() {
            if (isSpatial() || sql.contains("(0)")) {
                return null;
            }
            return sql.matches("(tiny|medium|long)?(text|blob)\\b.*|json") ? "(100)" : "";
        }
    }

    static List<Type> all(TestDatabase database) throws SQLException {
        List<Type> types = new ArrayList<>();
        types.addAll(integers());
        types.addAll(otherNumbers());
        types.addAll(bits());
        types.addAll(times());
        types.addAll(texts());
        types.addAll(bytes());
        types.addAll(others());
        types.addAll(spatial());
        types.addAll(characterSets(database));
        return types;
    }

    private static Type of(String sql, String... literals) {
        return new Type(
                sql,
                Stream.concat(Stream.of(literals), Stream.of("NULL")).distinct().toList());
    }

    private static List<Type> integers() {
        List<Type> types = new ArrayList<>();
        int[] sizes = {8, 16, 24, 32, 64};
        String[] names = {"tinyint", "smallint", "mediumint", "int", "bigint"};
        for (int i = 0; i < sizes.length; i++) {
            java.math.BigInteger half = java.math.BigInteger.ONE.shiftLeft(sizes[i] - 1);
            java.math.BigInteger one = java.math.BigInteger.ONE;
            java.math.BigInteger whole = half.shiftLeft(1);
            types.add(of(
                    names[i],
                    text(
                                    half.negate(),
                                    half.negate().add(one),
                                    half.subtract(one),
                                    half.subtract(one).subtract(one))
                            .toArray(String[]::new)));
            types.add(of(
                    names[i] + " unsigned",
                    text(whole.subtract(one), whole.subtract(one).subtract(one), half, half.subtract(one))
                            .toArray(String[]::new)));
            types.add(of(names[i] + " zerofill", "0", "7", whole.subtract(one).toString()));
        }
        types.add(of("boolean", "TRUE", "FALSE", "7", "-128", "127"));
        return types;
    }

    private static Stream<String> text(java.math.BigInteger... edges) {
        Stream<String> small = IntStream.of(0, 1, 2, 7, 9, 10, 99, 100, 127).mapToObj(Integer::toString);
        return Stream.concat(Arrays.stream(edges).map(Object::toString), small);
    }

    private static List<Type> otherNumbers() {
        String most = "12345678901234567890123456789012345.123456789012345678901234567890";
        return List.of(
                of(
                        "decimal(65,30)",
                        most,
                        "-" + most,
                        "0",
                        "1",
                        "-1",
                        "1e-30",
                        "-1e-30",
                        "REPEAT('9', 35)",
                        "0.1",
                        "0.000000001",
                        "1000000000",
                        "999999999.999999999",
                        "10e33"),
                of("decimal(65,0)", "REPEAT('9', 65)", "CONCAT('-', REPEAT('9', 65))", "0", "1000000000", "999999999"),
                of("decimal(30,30)", "0.999999999999999999999999999999", "-1e-30", "0", "0.5"),
                of("decimal(5,5)", "0.00001", "-0.99999", "0"),
                of("decimal(1,0)", "9", "-9", "0"),
                of("decimal(10,2) unsigned zerofill", "12.5", "0", "99999999.99"),
                of("decimal(18,9)", "999999999.000000001", "-1000000.5", "-999999999.999999999"),
                of(
                        "float",
                        "1.1",
                        "-3.4028234e38",
                        "3.4028234e38",
                        "1.4e-45",
                        "0",
                        "-0.0",
                        "16777217",
                        "1.17549435e-38",
                        "0.1",
                        "1e10",
                        "1234567",
                        "0.3333333333"),
                of("float(7,3)", "1234.567", "-0.001", "9999.9996", "0.333"),
                of("float unsigned zerofill", "1.5", "0", "3e38"),
                of(
                        "double",
                        "1.1",
                        "-1.7976931348623157e308",
                        "1.7976931348623157e308",
                        "5e-324",
                        "0.1",
                        "-0.0",
                        "0",
                        "2.2250738585072014e-308",
                        "9007199254740993",
                        "1e22",
                        "0.30000000000000004",
                        "123456789.123456789"),
                of(
                        "double(20,4)",
                        "1234567890123456.7891",
                        "0.0001",
                        "9999999999999999.9999",
                        "-1.0001",
                        "4503599627370497.3",
                        "123456789012.3457"),
                of("double(255,30)", "1e200/3", "1/3", "-1e-30", "0.1", "123456.654321"),
                of("double unsigned zerofill", "1.5", "1e300"));
    }

    private static List<Type> bits() {
        List<Type> types = new ArrayList<>();
        for (int width = 1; width <= 64; width++) {
            types.add(of(
                    "bit(" + width + ")",
                    "b'0'",
                    "b'1'",
                    "b'" + "1".repeat(width) + "'",
                    "b'1" + "0".repeat(width - 1) + "'",
                    "b'" + "10".repeat(width).substring(0, width) + "'",
                    "b'" + "01".repeat(width).substring(0, width) + "'"));
        }
        return types;
    }

    private static List<Type> times() {
        List<Type> types = new ArrayList<>();
        types.add(
                of("year", "1901", "2155", "0000", "70", "69", "1999", "2000", "'00'", "1970", "2038", "1902", "'99'"));
        types.add(of(
                "date",
                "'1000-01-01'",
                "'9999-12-31'",
                "'0000-00-00'",
                "'2026-02-00'",
                "'2026-00-15'",
                "'2026-00-00'",
                "'0000-01-01'",
                "'0001-01-01'",
                "'1582-10-10'",
                "'2024-02-29'",
                "'1969-12-31'",
                "'2026-02-31'"));
        for (int digits = 0; digits <= 6; digits++) {
            String fraction = digits == 0 ? "" : "." + "9".repeat(digits);
            String least = digits == 0 ? "" : "." + "0".repeat(digits - 1) + "1";
            String precision = digits == 0 ? "" : "(" + digits + ")";
            types.add(of(
                    "time" + precision,
                    quoted(Stream.of(
                            "-838:59:59" + fraction,
                            "838:59:59" + fraction,
                            "00:00:00",
                            "-00:00:00" + least,
                            "00:00:00" + least,
                            "-00:00:01",
                            "-00:00:59" + fraction,
                            "24:00:00",
                            "23:59:59" + fraction,
                            "-01:00:00",
                            "100:00:00" + least,
                            "-99:59:59" + fraction))));
            types.add(of(
                    "datetime" + precision,
                    quoted(Stream.of(
                            "0000-00-00 00:00:00",
                            "9999-12-31 23:59:59" + fraction,
                            "0001-01-01 00:00:00" + least,
                            "2026-02-00 12:00:00" + fraction,
                            "2026-00-00 01:02:03",
                            "1969-12-31 23:59:59" + fraction,
                            "2026-03-29 02:30:00",
                            "2026-10-25 02:30:00" + least,
                            "1900-01-01 00:00:00" + fraction,
                            "2024-02-29 23:59:59",
                            "2026-02-31 00:00:00",
                            "1582-10-10 10:10:10"))));
            types.add(of(
                    "timestamp" + precision + " NULL",
                    quoted(Stream.of(
                            "1970-01-01 00:00:01",
                            "1970-01-01 00:00:01" + least,
                            "2038-01-19 03:14:07" + fraction,
                            "0000-00-00 00:00:00",
                            "2026-03-29 00:59:59" + fraction,
                            "2026-03-29 01:00:00",
                            "2026-10-25 00:30:00",
                            "2026-10-25 01:30:00" + least,
                            "2000-01-01 00:00:00",
                            "1999-12-31 23:59:59" + fraction,
                            "2024-02-29 12:00:00",
                            "2016-12-31 23:59:59" + fraction))));
        }
        return types;
    }

    private static String[] quoted(Stream<String> texts) {
        return texts.map(text -> "'" + text + "'").toArray(String[]::new);
    }

    private static final String[] TEXTS = {
        "''",
        "' '",
        "'abc'",
        "'ABC'",
        "' both '",
        "'trail   '",
        "'tab\\tnew\\n'",
        "'\\r\\n\\0\\Z'",
        "'q\\'\"`\\\\'",
        "'\\\\N'",
        "'NULL'",
        "'Grüße'",
        "'a😀'",
        "'%_{}?'"
    };

    private static List<Type> texts() {
        List<Type> types = new ArrayList<>();
        for (String type : List.of(
                "char(12)",
                "char(255)",
                "varchar(12)",
                "varchar(600)",
                "tinytext",
                "text",
                "mediumtext",
                "longtext",
                "varchar(12) COLLATE utf8mb4_bin",
                "char(12) COLLATE utf8mb4_uca1400_ai_ci",
                "varchar(12) COLLATE utf8mb4_nopad_bin",
                "varchar(12) CHARACTER SET utf16",
                "char(12) CHARACTER SET utf16le",
                "char(12) CHARACTER SET utf32")) {
            types.add(of(type, TEXTS));
        }
        String[] basic = Stream.of(TEXTS).filter(text -> !text.contains("😀")).toArray(String[]::new);
        types.add(of("char(12) CHARACTER SET utf8mb3", basic));
        types.add(of("char(12) CHARACTER SET ucs2", basic));
        types.add(of("varchar(12) CHARACTER SET latin1", basic));
        types.add(of(
                "char(12) CHARACTER SET cp932",
                Stream.of(basic).filter(text -> text.matches("\\p{ASCII}*")).toArray(String[]::new)));
        types.add(of("char(0)", "''"));
        types.add(of("varchar(0)", "''"));
        types.add(of("text CHARACTER SET latin1", "REPEAT('é', 60000)", "''", "'x'"));
        types.add(of("mediumtext CHARACTER SET utf8mb3", "REPEAT('m€', 10000)", "REPEAT('x', 16384)", "''"));
        types.add(of("longtext CHARACTER SET utf8mb4", "REPEAT('😀', 70000)", "REPEAT('y', 65536)"));
        return types;
    }

    private static List<Type> bytes() {
        String[] values = {
            "X''",
            "X'00'",
            "X'0000'",
            "X'6162000000'",
            "X'0102030405'",
            "X'FF20'",
            "X'2020'",
            "X'5C'",
            "X'5C4E'",
            "X'0A0D09'",
            "X'80FF'",
            "X'2700'"
        };
        List<Type> types = new ArrayList<>();
        for (String type : List.of(
                "binary(5)",
                "binary(255)",
                "varbinary(5)",
                "varbinary(300)",
                "tinyblob",
                "blob",
                "mediumblob",
                "longblob")) {
            types.add(of(type, values));
        }
        types.add(of("binary(0)", "X''"));
        types.add(of("char(5) CHARACTER SET binary", values));
        types.add(of("text CHARACTER SET binary", values));
        types.add(of("longblob NULL", "REPEAT(X'00', 200000)", "REPEAT(X'C3', 70000)", "REPEAT(X'09', 100000)"));
        return types;
    }

    private static List<Type> others() {
        String set64 =
                IntStream.range(0, 64).mapToObj(i -> "'m" + i + "'").collect(Collectors.joining(",", "set(", ")"));
        String enum300 =
                IntStream.range(0, 300).mapToObj(i -> "'e" + i + "'").collect(Collectors.joining(",", "enum(", ")"));
        return List.of(
                of(
                        "enum('a','b,c','it''s','ü','2','1','x y')",
                        "'a'",
                        "'b,c'",
                        "'it''s'",
                        "'ü'",
                        "'2'",
                        "'1'",
                        "'x y'",
                        "'no such'",
                        "7",
                        "0",
                        "3",
                        "''"),
                of("enum('','Y','N')", "''", "'Y'", "'N'"),
                of("enum('é','€') CHARACTER SET latin1", "'é'", "'€'", "''"),
                of("enum('é','ж') CHARACTER SET ucs2", "'é'", "'ж'"),
                of("enum('a','A') COLLATE utf8mb4_bin", "'a'", "'A'"),
                of(enum300, "'e0'", "'e254'", "'e255'", "'e256'", "'e299'", "300"),
                of(
                        "set('x','y','z')",
                        "''",
                        "'x'",
                        "'y'",
                        "'z'",
                        "'x,y'",
                        "'x,z'",
                        "'y,z'",
                        "'x,y,z'",
                        "7",
                        "0",
                        "'no such'",
                        "'z,x'"),
                of("set('ä','ö') CHARACTER SET latin1", "'ä,ö'", "'ö'", "''"),
                of(set64, "18446744073709551615", "9223372036854775808", "1", "0", "'m63,m0'"),
                of(
                        "json",
                        "'{\"b\": 1,  \"a\": [1.0, null, \"\\\\u00e9\"], \"a\": 2}'",
                        "'null'",
                        "'[]'",
                        "' {} '",
                        "'1e400'",
                        "'-0'",
                        "'12345678901234567890123'",
                        "'\"😀\"'",
                        "'\"\\\\n\"'",
                        "'true'",
                        "'\"\"'",
                        "'[[[[]]]]'",
                        "'1.10'"),
                of(
                        "uuid",
                        "'123e4567-e89b-12d3-a456-426655440000'",
                        "'ffffffff-ffff-ffff-ffff-fffffffffffe'",
                        "'00000000-0000-0000-0000-000000000000'",
                        "'01890a5d-ac96-774b-bcce-b302099a8057'",
                        "'C0FFEE00-0000-4000-8000-00000000ABCD'",
                        "'00112233-4455-6677-c899-aabbccddeeff'",
                        "'00000000-0000-0000-0000-000000000001'",
                        "'80000000-0000-0000-0000-000000000000'",
                        "'5c5c5c5c-2722-1a00-8d0a-090020202020'",
                        "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
                        "'f47ac10b-58cc-4372-a567-0e02b2c3d479'",
                        "'7fffffff-7fff-7fff-7fff-7fffffffffff'"),
                of(
                        "inet4",
                        quoted(Stream.of(
                                "0.0.0.0",
                                "255.255.255.255",
                                "127.0.0.1",
                                "10.0.0.0",
                                "1.2.3.0",
                                "0.0.0.1",
                                "128.0.0.0",
                                "127.255.255.255",
                                "92.39.34.26",
                                "32.32.32.32",
                                "192.168.1.254",
                                "9.10.13.0"))),
                of(
                        "inet6",
                        "'::'",
                        "'::1'",
                        "'2001:db8::ff00:42:8329'",
                        "'::ffff:192.0.2.1'",
                        "'::192.0.2.1'",
                        "'1:0:0:2::3'",
                        "'fe80:0:1:2:3:4:5:6'",
                        "'1:2:3:4:5:6:7:0'",
                        "'0:1::'",
                        "'1::'",
                        "'::ffff:0:0'",
                        "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'"));
    }

    private static List<Type> spatial() {
        String[] any = {
            "POINT(1, 2)",
            "POINT(-180.000000001, 90)",
            "ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326)",
            "ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0),(0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))', 3857)",
            "ST_GeomFromText('MULTIPOINT(1 1, 2 2)')",
            "ST_GeomFromText('MULTILINESTRING((0 0, 1 1),(2 2, 3 3))')",
            "ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))')",
            "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0, 1 1))', 1)",
            "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
            "POINT(1e308, -1e-308)",
            "POINT(-0.0, 0)",
            "ST_GeomFromText('POINT(0.1 0.2)', 4294967295)"
        };
        return List.of(
                of("geometry", any),
                of("point", any[0], any[1], any[9], any[10], any[11]),
                of("linestring", any[2]),
                of("polygon", any[3]),
                of("multipoint", any[4]),
                of("multilinestring", any[5]),
                of("multipolygon", any[6]),
                of("geometrycollection", any[7], any[8]));
    }

    /** Of each character set every character that comes back from Unicode as it was. */
    private static List<Type> characterSets(TestDatabase database) throws SQLException {
        List<Type> types = new ArrayList<>();
        for (List<String> row :
                database.query("SELECT CHARACTER_SET_NAME, MAXLEN FROM information_schema.CHARACTER_SETS"
                        + " WHERE CHARACTER_SET_NAME NOT LIKE 'u%8%' AND CHARACTER_SET_NAME NOT IN ('binary', 'ucs2')"
                        + " AND CHARACTER_SET_NAME NOT LIKE 'utf%' ORDER BY 1")) {
            types.add(characters(database, row.get(0), Integer.parseInt(row.get(1))));
        }
        return types;
    }

    private static Type characters(TestDatabase database, String set, int length) throws SQLException {
        List<byte[]> whole = new ArrayList<>();
        for (byte[] code : exactCodes(database, set, length)) {
            whole.add(code);
        }
        List<String> literals = new ArrayList<>();
        for (int slice = 0; slice < SLICES; slice++) {
            StringBuilder hex = new StringBuilder();
            for (int i = slice; i < whole.size(); i += SLICES) {
                hex.append(HexFormat.of().formatHex(whole.get(i)));
            }
            literals.add("_" + set + " X'" + hex + "'");
        }
        return of((length == 1 ? "varchar(40)" : "text") + " CHARACTER SET " + set, literals.toArray(String[]::new));
    }

    private static List<byte[]> exactCodes(TestDatabase database, String set, int length) throws SQLException {
        List<byte[]> codes = codes(length);
        StringBuilder hex = new StringBuilder();
        codes.forEach(code -> hex.append(HexFormat.of().formatHex(code)).append("0A"));
        String converted =
                database.queryValue("SELECT HEX(CONVERT(CONVERT(CONVERT(X'%s' USING %s) USING utf8mb4) USING %s))"
                        .formatted(hex, set, set));
        List<byte[]> exact = new ArrayList<>();
        String[] parts = new String(HexFormat.of().parseHex(converted), java.nio.charset.StandardCharsets.ISO_8859_1)
                .split("\n", -1);
        for (int i = 0; i < codes.size(); i++) {
            byte[] back = parts[i].getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            if (Arrays.equals(back, codes.get(i))) {
                exact.add(codes.get(i));
            }
        }
        return exact;
    }

    /** All that can be a character; never a line feed, which stands between them. */
    private static List<byte[]> codes(int length) {
        List<byte[]> codes = new ArrayList<>();
        for (int one = 0; one < BYTES; one++) {
            if (one != '\n') {
                codes.add(new byte[] {(byte) one});
            }
        }
        for (int lead = 0x81; length > 1 && lead < 0xFF; lead++) {
            for (int trail = 0x40; trail < 0xFF; trail++) {
                codes.add(new byte[] {(byte) lead, (byte) trail});
            }
        }
        for (int lead = 0xA1; length > 2 && lead < 0xFF; lead++) {
            for (int trail = 0xA1; trail < 0xFF; trail++) {
                codes.add(new byte[] {(byte) 0x8F, (byte) lead, (byte) trail});
            }
        }
        return codes;
    }
}
