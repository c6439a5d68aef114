package dev.cdp.capture.binlog;

import java.util.ArrayList;
import java.util.List;

/** The types of MariaDB 11.4 with the values at their edges, NULL among them. */
final class MariaDbTypeSamples {
    private MariaDbTypeSamples() {}

    /** @param literals as they stand in an INSERT */
    record Sample(String type, List<String> literals) {}

    static final List<Sample> ALL = List.of(
            of("tinyint", "-128", "127", "0"),
            of("tinyint unsigned", "0", "255"),
            of("boolean", "TRUE", "FALSE", "7"),
            of("smallint", "-32768", "32767"),
            of("smallint unsigned", "65535"),
            of("mediumint", "-8388608", "8388607", "-1"),
            of("mediumint unsigned", "16777215"),
            of("int", "-2147483648", "2147483647"),
            of("int(5) unsigned zerofill", "0", "4294967295", "42"),
            of("bigint", "-9223372036854775808", "9223372036854775807"),
            of("bigint unsigned", "0", "18446744073709551615", "9223372036854775808"),
            of("bigint(20) unsigned zerofill", "7", "18446744073709551615"),
            of("decimal(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890", "0", "1"),
            of("decimal(65,0)", "REPEAT('9', 65)", "-1", "1000000000"),
            of("decimal(5,5)", "0.00001", "-0.99999", "0"),
            of("decimal(10,2) unsigned zerofill", "12.5", "0"),
            of("decimal(18,9)", "999999999.000000001", "-1000000.5"),
            of("float", "1.1", "-3.4028234e38", "1.4e-45", "0", "16777217", "1.17549435e-38"),
            of("float(7,3)", "1234.567", "-0.001"),
            of("double", "1.1", "-1.7976931348623157e308", "5e-324", "0.1", "-0.0", "2.2250738585072014e-308"),
            of("double(20,4)", "1234567890.1234", "-0.0001"),
            of("bit(1)", "b'1'", "b'0'"),
            of("bit(10)", "b'1000000001'", "b'0'", "b'11'"),
            of("bit(64)", "b'1000000000000000000000000000000000000000000000000000000000000001'", "0"),
            of("date", "'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2026-02-00'", "'0000-01-01'", "'1582-10-10'"),
            of("time", "'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'", "'24:00:00'"),
            of("time(1)", "'-00:00:00.1'", "'838:59:59.9'", "'-00:00:59.9'"),
            of("time(3)", "'-838:59:59.999'", "'-00:00:00.001'", "'12:34:56.789'", "'-01:00:00'"),
            of("time(6)", "'-838:59:59.999999'", "'838:59:59.999999'", "'-00:00:00.000001'", "'-00:01:00.5'"),
            of("datetime", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'0001-01-01 00:00:00'"),
            of("datetime(2)", "'2026-02-00 12:00:00.25'", "'1900-01-01 00:00:00.99'"),
            of(
                    "datetime(6)",
                    "'9999-12-31 23:59:59.999999'",
                    "'0000-00-00 00:00:00.000001'",
                    "'1969-12-31 23:59:59.5'"),
            of("timestamp NULL", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'0000-00-00 00:00:00'"),
            of("timestamp(3) NULL", "'2026-03-29 01:30:00.125'", "'0000-00-00 00:00:00'"),
            of("timestamp(6) NULL", "'2038-01-19 03:14:07.999999'", "'1970-01-01 00:00:01.000001'"),
            of("year", "1901", "2155", "0000", "70"),
            of("char(10)", "''", "'abc'", "'trailing   '", "'Grüße'", "'😀😀'"),
            of("char(200)", "REPEAT('ä', 200)", "'x'"),
            of("char(255)", "REPEAT('😀', 255)", "''"),
            of("char(10) CHARACTER SET latin1", "'é€ß'", "_latin1 X'8190A0FF'", "'ÿ'"),
            of("char(10) CHARACTER SET ucs2", "'aé€'", "''"),
            of("varchar(20)", "''", "' both '", "'tab\\tnew\\nnull\\0quote\\''", "'Ĳ😀'"),
            of("varchar(300) CHARACTER SET utf8mb3", "REPEAT('€', 300)", "'x'"),
            of("varchar(20) CHARACTER SET latin1", "_latin1 X'80818D8F909DA0'", "'abc'"),
            of("varchar(20) CHARACTER SET latin2", "'Łódź'"),
            of("varchar(20) CHARACTER SET latin7", "'Žąsų'"),
            of("varchar(20) CHARACTER SET cp1250", "'Příliš'"),
            of("varchar(20) CHARACTER SET cp1251", "'Привет'"),
            of("varchar(20) CHARACTER SET koi8r", "'Привет'"),
            of("varchar(20) CHARACTER SET cp850", "'é½'"),
            of("varchar(20) CHARACTER SET greek", "'Ελλάδα'"),
            of("varchar(20) CHARACTER SET hebrew", "'שלום'"),
            of("varchar(20) CHARACTER SET tis620", "'ไทย'"),
            of("varchar(20) CHARACTER SET armscii8", "'Հայ'"),
            of("varchar(20) CHARACTER SET geostd8", "'ქართ'"),
            of("varchar(20) CHARACTER SET macroman", "'Ωé'"),
            of("varchar(20) CHARACTER SET sjis", "'日本語ｱ'"),
            of("varchar(20) CHARACTER SET cp932", "'日本語①'"),
            of("varchar(20) CHARACTER SET ujis", "'日本語'"),
            of("varchar(20) CHARACTER SET eucjpms", "'日本語'"),
            of("varchar(20) CHARACTER SET gbk", "'中文'"),
            of("varchar(20) CHARACTER SET gb2312", "'中文'"),
            of("varchar(20) CHARACTER SET big5", "'中文'"),
            of("varchar(20) CHARACTER SET euckr", "'한국어'"),
            of("varchar(20) CHARACTER SET utf16", "'a€😀'"),
            of("varchar(20) CHARACTER SET utf16le", "'a€😀'"),
            of("varchar(20) CHARACTER SET utf32", "'a€😀'"),
            of("varchar(20) CHARACTER SET ascii", "'plain'"),
            of("varchar(20) COLLATE utf8mb4_uca1400_ai_ci", "'plain Ä'"),
            of("tinytext", "'tiny ü'"),
            of("text", "REPEAT('text ', 1000)", "''"),
            of("mediumtext", "REPEAT('m€', 10000)"),
            of("longtext CHARACTER SET latin1", "REPEAT('é', 70000)"),
            of("binary(5)", "X'00'", "X'0102030405'", "X'6162000000'", "''", "X'FF20'"),
            of("binary(255)", "REPEAT(X'FE', 255)", "X'00'"),
            of("varbinary(300)", "X'00'", "''", "REPEAT(X'00FF', 150)"),
            of("tinyblob", "X'00FF'", "''"),
            of("blob", "REPEAT(X'80', 60000)"),
            of("mediumblob", "REPEAT(X'C3', 70000)"),
            of("longblob", "REPEAT(X'00', 200000)"),
            of("enum('a','b,c','it''s','ü','')", "'a'", "'b,c'", "'it''s'", "'ü'", "''"),
            of("enum('x','y')", "'x'", "'not one of them'"),
            of("enum('é','€') CHARACTER SET latin1", "'é'", "'€'"),
            of("set('x','y','z')", "''", "'x,z'", "'x,y,z'"),
            of("set('ä','ö') CHARACTER SET latin1", "'ä,ö'"),
            of(set64(), "18446744073709551615", "9223372036854775808", "1"),
            of("json", "'{\"b\": 1,  \"a\": [1.0, null, \"\\\\u00e9\"]}'", "'null'"),
            of(
                    "uuid",
                    "'123e4567-e89b-12d3-a456-426655440000'",
                    "'ffffffff-ffff-ffff-ffff-fffffffffffe'",
                    "'00000000-0000-0000-0000-000000000000'"),
            of("inet4", "'0.0.0.0'", "'255.255.255.255'", "'127.0.0.1'"),
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
                    "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'"),
            of(
                    "geometry",
                    "POINT(1, 2)",
                    "ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326)",
                    "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')"),
            of("point", "POINT(-180, 90)"),
            of("polygon", "ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))', 3857)"),
            of("multipoint", "ST_GeomFromText('MULTIPOINT(1 1, 2 2)')"));

    private static Sample of(String type, String... literals) {
        List<String> all = new ArrayList<>(List.of(literals));
        all.add("NULL");
        return new Sample(type, all);
    }

    private static String set64() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            labels.add("'m" + i + "'");
        }
        return "set(" + String.join(",", labels) + ")";
    }
}
