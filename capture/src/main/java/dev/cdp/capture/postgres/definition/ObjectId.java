package dev.cdp.capture.postgres.definition;

/**
 * Where the catalog keeps an object, as {@code pg_depend} names it.
 *
 * @param catalog the catalog table, such as {@code pg_class}
 * @param part a column's number inside a table, 0 for the whole object
 */
record ObjectId(String catalog, long oid, int part) {
    static ObjectId of(String catalog, long oid) {
        return new ObjectId(catalog, oid, 0);
    }

    static ObjectId relation(long oid) {
        return of("pg_class", oid);
    }

    static ObjectId type(long oid) {
        return of("pg_type", oid);
    }

    ObjectId whole() {
        return part == 0 ? this : of(catalog, oid);
    }
}
