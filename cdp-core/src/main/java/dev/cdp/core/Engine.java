package dev.cdp.core;

/** The kinds of database server that can be protected. */
public enum Engine {
    POSTGRESQL,
    MARIADB,
    MYSQL
}
