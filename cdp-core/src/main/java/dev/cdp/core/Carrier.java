package dev.cdp.core;

/**
 * How a column's values travel: a native type only where that is exact for every value of the source type, the
 * database's own text otherwise.
 */
public enum Carrier {
    BOOLEAN(Boolean.class),
    /** Signed 64 bit. Unsigned 64-bit integers travel as {@link #TEXT}. */
    INT64(Long.class),
    FLOAT32(Float.class),
    FLOAT64(Double.class),
    BYTES(byte[].class),
    /** What the database prints under the pinned session settings; restore casts it back. */
    TEXT(String.class);

    private final Class<?> javaType;

    Carrier(Class<?> javaType) {
        this.javaType = javaType;
    }

    /** The class of a value that is neither null nor {@link Unchanged}. */
    public Class<?> javaType() {
        return javaType;
    }
}
