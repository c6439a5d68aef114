package dev.cdp.capture.binlog.reading;

/** Whose binary log it is, where the two write the same event differently. */
public enum LogFormat {
    MARIADB,
    MYSQL
}
