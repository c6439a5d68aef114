package dev.cdp.core.definition;

import dev.cdp.core.Engine;
import java.util.List;

/** How a connection is prepared before it runs the statements of a definition. */
public final class DefinitionSession {
    private DefinitionSession() {}

    /** The settings to run, in order, on each connection that will run statements of a definition. */
    public static List<String> settings(Engine engine) {
        return switch (engine) {
            // Bodies name objects that come later. The search path stays: function bodies may rely on it.
            case POSTGRESQL ->
                List.of(
                        "SET check_function_bodies = off",
                        "SET client_min_messages = warning",
                        "SET standard_conforming_strings = on",
                        "SET transform_null_equals = off",
                        "SET DateStyle = 'ISO, YMD'",
                        "SET IntervalStyle = 'postgres'",
                        "SET xmloption = 'content'",
                        "SET lc_monetary = 'C'",
                        "SET row_security = off",
                        "SET default_table_access_method = 'heap'",
                        "SET default_tablespace = ''",
                        "SET statement_timeout = 0",
                        "SET lock_timeout = 0",
                        "SET idle_in_transaction_session_timeout = 0");
            // Takes every definition that the server once took under some mode; routines bring their own modes.
            case MARIADB ->
                List.of(
                        "SET NAMES utf8mb4",
                        "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
                        "SET SESSION innodb_strict_mode = OFF",
                        "SET SESSION explicit_defaults_for_timestamp = ON");
            // Other settings than the mode are for administrators there; their defaults are what is wanted.
            case MYSQL -> List.of("SET NAMES utf8mb4", "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
        };
    }
}
