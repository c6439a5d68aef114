package dev.cdp.capture.debezium;

import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.Driver;

/**
 * The connections of Debezium's engine. It reads all types of a database when it starts, and 3.5.0.Final stops at one
 * that counts as an enumeration and has no labels of its own: a domain over an enumeration, or an empty one. It is
 * given an empty list of labels for them.
 */
public final class EngineConnections implements JdbcConnection.ConnectionFactory {
    private static final String LABELS = "e.values as enum_values";
    private static final String LABELS_OR_NONE = "coalesce(e.values, '{}') as enum_values";

    private final JdbcConnection.ConnectionFactory plain = JdbcConnection.patternBasedFactory(
            "jdbc:postgresql://${" + JdbcConfiguration.HOSTNAME + "}:${" + JdbcConfiguration.PORT + "}/${"
                    + JdbcConfiguration.DATABASE + "}",
            Driver.class.getName(),
            EngineConnections.class.getClassLoader());

    @Override
    public Connection connect(JdbcConfiguration settings) throws SQLException {
        return mended(plain.connect(settings), Connection.class);
    }

    /** The same, with that one query mended wherever it is given. */
    private static <T> T mended(T plain, Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (arguments != null && arguments[0] instanceof String sql) {
                        arguments[0] = sql.replace(LABELS, LABELS_OR_NONE);
                    }
                    Object result = call(plain, method, arguments);
                    return method.getName().equals("createStatement")
                            ? mended((Statement) result, Statement.class)
                            : result;
                }));
    }

    private static @org.jspecify.annotations.Nullable Object call(
            Object target, Method method, Object @org.jspecify.annotations.Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
