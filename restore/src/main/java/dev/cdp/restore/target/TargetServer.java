package dev.cdp.restore.target;

import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import java.util.Map;

/**
 * A database server that a restore writes to, and the user it signs in as.
 *
 * @param properties further properties of the JDBC connection
 */
public record TargetServer(
        Engine engine, String host, int port, String user, Secret password, Map<String, String> properties) {

    public TargetServer {
        properties = Map.copyOf(properties);
    }

    /** Opens access to one database of it, which need not exist. Nothing is contacted yet. */
    public TargetDatabase database(String name) {
        return switch (engine) {
            case POSTGRESQL -> new PostgresTarget(this, name);
            case MARIADB, MYSQL -> new MariaDbTarget(this, name);
        };
    }

    /** Opens access to a database of it that is in use. Nothing is contacted yet. */
    public LiveDatabase live(String name) {
        return switch (engine) {
            case POSTGRESQL -> new PostgresLive(this, name);
            case MARIADB, MYSQL -> new MariaDbLive(this, name);
        };
    }

    /** The longest name for a new database, with room for what it has to say while it is incomplete. */
    public int longestName() {
        return IncompleteName.longestName(engine) - IncompleteName.SUFFIX.length();
    }

    @Override
    public String toString() {
        return user + "@" + host + ":" + port;
    }
}
