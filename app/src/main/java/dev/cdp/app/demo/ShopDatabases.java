package dev.cdp.app.demo;

import dev.cdp.core.Engine;
import dev.cdp.core.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The databases of the three services: the originals, or restored ones. */
record ShopDatabases(Database orders, Database billing, Database stock) {

    /** One of them and who may do everything in it. */
    record Database(Engine engine, String host, int port, String name, String user, Secret password) {

        Connection connect() throws SQLException {
            return DriverManager.getConnection(jdbcUrl(), user, password.reveal());
        }

        String jdbcUrl() {
            String scheme =
                    switch (engine) {
                        case POSTGRESQL -> "postgresql";
                        case MARIADB, MYSQL -> "mariadb";
                    };
            return "jdbc:" + scheme + "://" + host + ":" + port + "/" + name;
        }

        /** The same server and user, another database. */
        Database named(String other) {
            return new Database(engine, host, port, other, user, password);
        }
    }
}
