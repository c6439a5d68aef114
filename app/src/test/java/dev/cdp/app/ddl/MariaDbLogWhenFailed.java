package dev.cdp.app.ddl;

import dev.cdp.testkit.services.TestMariaDb;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Prints what the shared server wrote last when a test fails: a server that died says there what it died of. */
final class MariaDbLogWhenFailed implements AfterTestExecutionCallback {
    private static final int CHARACTERS = 20_000;

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            String log = TestMariaDb.shared().log();
            System.out.println("The end of mariadb.log:\n" + log.substring(Math.max(0, log.length() - CHARACTERS)));
        }
    }
}
