package dev.cdp.capture.debezium;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import java.sql.Types;
import java.util.HashMap;
import java.util.Map;

/** Knows no type by its name, so that values of all types are handed on as they came. */
final class VerbatimTypes extends TypeRegistry {
    private static final String UNKNOWN_NAME = "cdp_verbatim";

    private final Map<Integer, PostgresType> byOid = new HashMap<>();
    private boolean primed; // the super constructor looks types up too

    VerbatimTypes(PostgresConnection connection) {
        super(connection);
        primed = true;
    }

    @Override
    public PostgresType get(int oid) {
        return primed ? byOid.computeIfAbsent(oid, this::verbatim) : super.get(oid);
    }

    @Override
    public PostgresType get(String name) {
        return primed ? get(0) : super.get(name);
    }

    private PostgresType verbatim(int oid) {
        return new PostgresType.Builder(this, UNKNOWN_NAME, oid, Types.OTHER, NO_TYPE_MODIFIER, null).build();
    }
}
