package dev.cdp.testkit.mutation;

/**
 * One defect, and the test that must find it.
 *
 * @param name what is wrong, in words joined by dashes
 * @param target the method that gets it
 * @param kind what happens to the method
 * @param passage for what happens once: at which passage of the method in the test
 * @param test that passes without the defect and must fail with it
 */
public record Defect(String name, Target target, Kind kind, int passage, TestName test) {

    /** How a method is broken. */
    public enum Kind {
        /** It does nothing, and returns nothing, null, zero or false. */
        DOES_NOTHING,
        /** It answers yes. */
        IS_TRUE,
        /** It hands back what it was given first. */
        RETURNS_ITS_ARGUMENT,
        /** A failure that it ends with passes for success. */
        HIDES_ITS_FAILURE,
        /** Once in the test, the list that it returns lacks its last element. */
        LOSES_ONE,
        /** Once in the test, the list that it returns has its last element twice. */
        REPEATS_ONE,
        /** The number that it returns is one too high. */
        IS_ONE_AHEAD,
        /** The number that it returns is three too high: behind the record that ends a Kafka transaction. */
        IS_THREE_AHEAD,
        /** Once in the test, a call does nothing. */
        SKIPS_ONE_CALL,
        /** The log positions in the map that it returns are a few bytes too high. */
        IS_A_LITTLE_AHEAD,
        /** The log positions in the map that it returns lie transactions too high. */
        IS_FAR_AHEAD
    }

    /**
     * A method of the product.
     *
     * @param type its class, by its full name
     * @param method by name; every overload is broken
     */
    public record Target(String type, String method) {
        @Override
        public String toString() {
            return type.substring(type.lastIndexOf('.') + 1) + "#" + method;
        }
    }

    /**
     * A test method.
     *
     * @param module the folder whose test it is
     * @param type its class, by its full name
     */
    public record TestName(String module, String type, String method) {
        @Override
        public String toString() {
            return type.substring(type.lastIndexOf('.') + 1) + "#" + method;
        }
    }
}
