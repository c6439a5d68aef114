package dev.cdp.app.ddl;

import java.util.List;

/** Types of PostgreSQL and literals of them; few values for keys, so that they meet again. */
final class PostgresValues {
    /** {@code mood}, {@code pair} and {@code positive} are made by each case. */
    static final List<String> TYPES = List.of(
            "integer",
            "bigint",
            "smallint",
            "numeric",
            "numeric(12,4)",
            "double precision",
            "text",
            "text",
            "text",
            "varchar(20)",
            "char(5)",
            "bytea",
            "boolean",
            "json",
            "jsonb",
            "integer[]",
            "text[]",
            "timestamp with time zone",
            "timestamp",
            "date",
            "time",
            "time with time zone",
            "interval",
            "uuid",
            "mood",
            "mood[]",
            "pair",
            "positive",
            "inet",
            "int4range",
            "bit(5)",
            "xml");

    static final List<String> KEY_TYPES = List.of(
            "integer",
            "integer",
            "bigint",
            "text",
            "numeric",
            "varchar(20)",
            "bytea",
            "uuid",
            "boolean",
            "mood",
            "timestamp with time zone",
            "integer[]",
            "pair",
            "char(5)",
            "interval");

    private final Dice dice;

    PostgresValues(Dice dice) {
        this.dice = dice;
    }

    /** @param type as the server prints it */
    String literal(String type) {
        String bare = type.replaceAll("^.*\\.|\\(.*", "").replace("\"", "");
        if (type.endsWith("[]")) {
            return dice.pick(
                    "'{}'", "'{NULL}'", type.contains("mood") ? "'{sad,NULL}'" : "'{3,1,NULL,2}'", "'[0:1]={1,2}'");
        }
        return switch (bare) {
            case "smallint", "integer", "bigint" ->
                dice.oneIn(8) ? dice.pick("-32768", "32767", "0") : "" + dice.between(1, 12);
            case "numeric" ->
                dice.oneIn(2)
                        ? dice.between(1, 9) + dice.pick("", ".0", ".00", ".5")
                        : dice.pick("'NaN'", "-0.0000", "12345.67891", "1e-20", "1e40", "'Infinity'");
            case "double precision", "real" -> dice.pick("0.5", "-3.25", "'NaN'", "'-Infinity'", "1234.75");
            case "text" -> text();
            case "character varying" -> dice.pick("''", "'a'", "'A'", "'a '", "'b''c'", "'~'", "'ü|'", "'NULL'");
            case "character" -> dice.pick("''", "'a'", "'ab  '", "'ü'", "'A'");
            case "bytea" ->
                dice.oneIn(4)
                        ? "'\\x" + dice.digits(dice.between(1000, 3000) * 2) + "'"
                        : dice.pick("''", "'\\x00'", "'\\xff00ff'", "'\\x5c78'");
            case "boolean" -> dice.pick("true", "false");
            case "json", "jsonb" ->
                dice.pick("'{\"b\": 1,  \"a\": null, \"b\": 2}'", "'[]'", "'\"\\u00e9|~\"'", "'1e5'", "'null'");
            case "timestamp with time zone" ->
                dice.pick(
                        "'2026-03-29 02:30:00+02'",
                        "'infinity'",
                        "'0044-03-15 12:00:00+00 BC'",
                        "'2026-10-25 02:30:00.123456 Europe/Berlin'",
                        "'294276-12-31 23:59:59+00'",
                        "now()");
            case "timestamp without time zone" ->
                dice.pick("'2026-01-01 00:00:00.5'", "'-infinity'", "'4713-01-01 BC'");
            case "date" -> dice.pick("'2026-02-28'", "'infinity'", "'4713-01-01 BC'", "'5874897-12-31'");
            case "time without time zone" -> dice.pick("'24:00'", "'00:00'", "'23:59:59.999999'");
            case "time with time zone" -> dice.pick("'12:00+05:30'", "'24:00-12'", "'00:00:00.1+00'");
            case "interval" -> dice.pick("'1 mon -2 days 03:04:05.6'", "'-1 year'", "'24:00'", "'1 day'", "'0'");
            case "uuid" -> "'" + "00000000-0000-4000-8000-00000000000" + dice.below(6) + "'";
            case "mood" -> dice.pick("'sad'", "'sad'", "'so, \"so\"'", "'so, \"so\"'", "'ok'", "'new'");
            case "pair" -> dice.pick("'(1,\"a, \"\"b\"\"\")'", "'(,)'", "'(2,)'", "'(3,c)'");
            case "positive" -> "" + dice.between(1, 12);
            case "inet" -> dice.pick("'10.0.0.1/8'", "'::1'", "'192.168.0.1'");
            case "int4range" -> dice.pick("'empty'", "'[1,5)'", "'(,3]'", "'[2,]'");
            case "bit" -> dice.pick("B'00000'", "B'10101'");
            case "xml" -> dice.pick("'<a b=\"c\"/>'", "'text'");
            default -> "NULL";
        };
    }

    private String text() {
        return switch (dice.below(6)) {
            case 0 -> "'" + dice.digits(dice.between(2500, 9000)) + "'";
            case 1 -> "repeat('" + dice.pick("x", "ä", "ab|") + "', " + dice.between(1, 5000) + ")";
            default -> dice.pick("''", "'a'", "'b'", "'A'", "'line' || chr(10) || 'break'", "'\\N'", "'it''s'", "'😀'");
        };
    }
}
