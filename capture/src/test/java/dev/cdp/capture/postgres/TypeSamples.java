package dev.cdp.capture.postgres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** PostgreSQL's types with values at their edges, as SQL. */
public final class TypeSamples {
    public static final List<String> PREPARATION = List.of(
            "CREATE EXTENSION IF NOT EXISTS hstore",
            "CREATE EXTENSION IF NOT EXISTS ltree",
            "CREATE EXTENSION IF NOT EXISTS citext",
            "CREATE EXTENSION IF NOT EXISTS cube",
            "CREATE TYPE mood AS ENUM ('sad', 'it''s, \"fine\"', '')",
            "CREATE SCHEMA elsewhere",
            "CREATE TYPE elsewhere.mood AS ENUM ('other')",
            "CREATE TYPE pair AS (a int, b text)",
            "CREATE DOMAIN positive AS numeric(10, 2) CHECK (VALUE > 0)",
            "CREATE DOMAIN zoned AS timetz",
            "CREATE TYPE floatrange AS RANGE (subtype = float8)");

    public static final String PINNED_SESSION =
            "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = postgres; SET TimeZone = 'UTC';"
                    + " SET extra_float_digits = 1; SET bytea_output = hex";

    private TypeSamples() {}

    public static Map<String, List<String>> all() {
        Map<String, List<String>> types = new LinkedHashMap<>();
        numbers(types);
        times(types);
        texts(types);
        structures(types);
        return types;
    }

    private static void numbers(Map<String, List<String>> types) {
        types.put("boolean", List.of("true", "false"));
        types.put("smallint", List.of("-32768", "32767", "0"));
        types.put("integer", List.of("-2147483648", "2147483647"));
        types.put("bigint", List.of("-9223372036854775808", "9223372036854775807"));
        types.put("oid", List.of("0", "4294967295"));
        types.put("real", List.of("'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e-45", "3.4028235e38", "0.1"));
        types.put(
                "double precision",
                List.of(
                        "'NaN'",
                        "'Infinity'",
                        "'-0'",
                        "5e-324",
                        "1.7976931348623157e308",
                        "0.1",
                        "2e-3",
                        "123456789012345680"));
        types.put(
                "numeric",
                List.of(
                        "'NaN'",
                        "'Infinity'",
                        "'-Infinity'",
                        "1.500",
                        "0.00000000000000000001",
                        "-0.0",
                        "123456789012345678901234567890.123456789",
                        "1e100"));
        types.put("numeric(10,2)", List.of("12345678.90", "-0.01"));
        types.put("numeric(5,-3)", List.of("12345678", "-1500"));
        types.put("money", List.of("'-92233720368547758.08'", "'1234.50'", "'0'"));
        types.put("positive", List.of("1", "99999999.99"));
    }

    private static void times(Map<String, List<String>> types) {
        types.put(
                "date",
                List.of(
                        "'infinity'",
                        "'-infinity'",
                        "'4713-11-24 BC'",
                        "'5874897-12-31'",
                        "'1582-10-10'",
                        "'2000-02-29'"));
        types.put("time", List.of("'24:00:00'", "'00:00:00'", "'23:59:59.999999'"));
        types.put("time(2)", List.of("'12:34:56.789'"));
        types.put("timetz", List.of("'00:00:00+15:59:59'", "'24:00:00-15:59'", "'03:14:07.5+05:45'", "'12:00Z'"));
        types.put("zoned", List.of("'00:00:00+15:59:59'"));
        types.put(
                "timestamp",
                List.of(
                        "'infinity'",
                        "'-infinity'",
                        "'4713-11-24 00:00:00 BC'",
                        "'294276-12-31 23:59:59.999999'",
                        "'1582-10-10 10:00'",
                        "'2026-11-21 03:14:07.5'",
                        "'0001-01-01'"));
        types.put(
                "timestamptz",
                List.of(
                        "'infinity'",
                        "'-infinity'",
                        "'4713-11-24 00:00:00+00 BC'",
                        "'294276-12-31 23:59:59.999999+00'",
                        "'2026-11-21 03:14:07.5+05:45'",
                        "'1890-01-01 00:00:00+00'"));
        types.put(
                "interval",
                List.of(
                        "'1 year -1 mon 3 days -04:05:06.7'",
                        "'178000000 years'",
                        "'-00:00:00.000001'",
                        "'1 mon'",
                        "'30 days'",
                        "'0'",
                        "'2147483647 days 100000000:00:00'"));
        types.put("tstzrange", List.of("'[2026-01-01 00:00+01,infinity)'", "'empty'", "'(,)'"));
        types.put("tsrange", List.of("'[2026-01-01,2026-02-01]'"));
        types.put("daterange", List.of("'[2026-01-01,2026-02-01]'", "'(-infinity,)'"));
        types.put("tstzmultirange", List.of("'{[2026-01-01 00:00+01,2026-01-02),[2027-01-01,)}'", "'{}'"));
    }

    private static void texts(Map<String, List<String>> types) {
        types.put(
                "text",
                List.of(
                        "''",
                        "'NULL'",
                        "'null'",
                        "'__debezium_unavailable_value'",
                        "E'tab\\tnew\\nline\\\\'",
                        "'żółć 🐘'",
                        "repeat('z', 20000)"));
        types.put("varchar(5)", List.of("'ab   '", "''"));
        types.put("char(5)", List.of("'ab'", "''"));
        types.put("name", List.of("'a name'"));
        types.put("citext", List.of("'MiXed'"));
        types.put("bytea", List.of("''", "'\\x00ff'", "'\\x5c78'", "decode(repeat('de', 9000), 'hex')"));
        types.put("bit(10)", List.of("B'0000000101'", "B'1111111111'"));
        types.put("varbit", List.of("B'101'", "B'0000000101'", "B''"));
        types.put("uuid", List.of("'00000000-0000-0000-0000-000000000000'", "'ABCDEFAB-0000-4000-8000-ffffffffffff'"));
        types.put("json", List.of("'{\"a\": 1,   \"a\":2, \"é\": 1e400}'", "'null'", "'\"\"'"));
        types.put("jsonb", List.of("'{\"b\": 1.50, \"a\":null}'", "'null'", "'[]'"));
        types.put("jsonpath", List.of("'$.a[*] ? (@ > 1)'"));
        types.put("xml", List.of("'<a b=\"c\">d</a>'", "'text'"));
        types.put("tsvector", List.of("'a:1A fat:2B,4C ''quo te'''", "''"));
        types.put("tsquery", List.of("'fat & (rat | !cat:*)'"));
        types.put("hstore", List.of("'a=>1, b=>NULL, \"c d\"=>\"e\\\"f\"'", "''"));
        types.put("ltree", List.of("'Top.Science.Astronomy'"));
        types.put("inet", List.of("'::1/128'", "'10.0.0.1/8'", "'10.0.0.1'"));
        types.put("cidr", List.of("'10.0.0.0/8'", "'::/0'"));
        types.put("macaddr", List.of("'08:00:2b:01:02:03'"));
        types.put("macaddr8", List.of("'08:00:2b:01:02:03:04:05'"));
        types.put("mood", List.of("'sad'", "'it''s, \"fine\"'", "''"));
        types.put("elsewhere.mood", List.of("'other'"));
    }

    private static void structures(Map<String, List<String>> types) {
        types.put("point", List.of("'(1.5,-0)'", "'(1e300,NaN)'", "'(Infinity,2e-3)'"));
        types.put("line", List.of("'{1,-1,0.1}'"));
        types.put("lseg", List.of("'[(0,0),(1e-7,1)]'"));
        types.put("box", List.of("'((1,1),(0,0))'"));
        types.put("path", List.of("'[(0,0),(1,1)]'", "'((0,0),(1,1))'"));
        types.put("polygon", List.of("'((0,0),(1,0),(0,1))'"));
        types.put("circle", List.of("'<(0,0),1.5>'"));
        types.put("cube", List.of("'(1,2),(3,4)'"));
        types.put("pg_lsn", List.of("'16/B374D848'", "'0/0'"));
        types.put("xid8", List.of("'18446744073709551615'"));
        types.put("txid_snapshot", List.of("'10:20:10,14,15'"));
        types.put("regclass", List.of("'pg_class'", "'4294967295'"));
        types.put("int4range", List.of("'[1,10]'", "'(,5)'", "'empty'"));
        types.put("numrange", List.of("'[1.50,2.0)'"));
        types.put("int8multirange", List.of("'{[1,2],[5,9)}'"));
        types.put("floatrange", List.of("'[0.1,Infinity)'"));
        types.put("pair", List.of("'(1,\"a,\"\"b\"\"\")'", "'(,)'"));
        types.put("integer[]", List.of("'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'", "'{}'"));
        types.put("text[]", List.of("'{\"NULL\",NULL,\"\",\"a\\\"b\\\\\",\"{\"}'"));
        types.put("numeric[]", List.of("'{NaN,1.50,Infinity}'"));
        types.put("interval[]", List.of("'{1 mon,-1 day}'"));
        types.put("timetz[]", List.of("'{00:00:00+15:59:59}'"));
        types.put("timestamptz[]", List.of("'{infinity,2026-01-01 00:00+01}'"));
        types.put("bytea[]", List.of("'{\"\\\\x00ff\"}'"));
        types.put("money[]", List.of("'{1.5,-2}'"));
        types.put("mood[]", List.of("'{sad,NULL}'"));
        types.put("pair[]", List.of("'{\"(1,a)\",NULL}'"));
        types.put("point[]", List.of("'{\"(1,2)\"}'"));
        types.put("varbit[]", List.of("'{101,0000000101}'"));
        types.put("int2vector", List.of("'1 2 3'"));
        types.put("name[]", List.of("'{a,b}'"));
    }
}
