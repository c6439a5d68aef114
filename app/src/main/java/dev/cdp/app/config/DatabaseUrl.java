package dev.cdp.app.config;

import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and who signs in, as one address: {@code postgresql://user:password@host:5432/database}. The
 * prefix {@code jdbc:} is accepted.
 */
public record DatabaseUrl(
        Engine engine,
        String host,
        int port,
        @Nullable String database,
        @Nullable String user,
        @Nullable Secret password) {

    /** @throws IllegalArgumentException when {@code text} has another form; the message does not repeat it */
    public static DatabaseUrl parse(String text) {
        URI uri;
        try {
            uri = URI.create(text.startsWith("jdbc:") ? text.substring(5) : text);
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
        if (uri.getScheme() == null || uri.getHost() == null) {
            throw unreadable();
        }
        Engine engine = engine(uri.getScheme());
        String[] userInfo = uri.getRawUserInfo() == null
                ? new String[0]
                : uri.getRawUserInfo().split(":", 2);
        String path = uri.getRawPath();
        return new DatabaseUrl(
                engine,
                uri.getHost(),
                uri.getPort() < 0 ? defaultPort(engine) : uri.getPort(),
                path == null || path.length() < 2 ? null : decoded(path.substring(1)),
                userInfo.length > 0 ? decoded(userInfo[0]) : null,
                userInfo.length > 1 ? Secret.of(decoded(userInfo[1])) : null);
    }

    /** The port that servers of this engine listen on unless told otherwise. */
    static int defaultPort(Engine engine) {
        return switch (engine) {
            case POSTGRESQL -> 5432;
            case MARIADB, MYSQL -> 3306;
        };
    }

    private static Engine engine(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "postgresql", "postgres" -> Engine.POSTGRESQL;
            case "mariadb" -> Engine.MARIADB;
            case "mysql" -> Engine.MYSQL;
            default -> throw unreadable();
        };
    }

    private static IllegalArgumentException unreadable() {
        return new IllegalArgumentException(
                "Not a database address; expected a form like postgresql://user@host:5432/database");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
