package dev.cdp.capture.postgres.definition;

/**
 * Wraps statements that name roles. Roles belong to a server, not to a database: a restore into another server runs
 * these statements as far as the roles exist there, and gets a warning for each of the others.
 */
final class RoleGuard {
    private RoleGuard() {}

    static String guarded(String statement) {
        String tag = "$cdp$";
        for (int i = 1; statement.contains(tag); i++) {
            tag = "$cdp" + i + "$";
        }
        return """
                DO %1$s
                BEGIN
                    %2$s;
                EXCEPTION WHEN undefined_object OR insufficient_privilege THEN
                    RAISE WARNING 'Not run, since %%: %%', SQLERRM, %3$s;
                END
                %1$s""".formatted(tag, statement, "'" + statement.replace("'", "''") + "'");
    }
}
