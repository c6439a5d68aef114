package dev.cdp.testkit.mutation;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs one test method in this process; the exit code says how it went. */
public final class OneTest {
    /** The test ran and passed. */
    public static final int PASSED = 0;

    /** It ran and failed. */
    public static final int FAILED = 10;

    /** There is no such test, or it was skipped: nothing is known. */
    public static final int DID_NOT_RUN = 11;

    private OneTest() {}

    /** @param arguments the class's full name and the method's name */
    public static void main(String[] arguments) throws ClassNotFoundException {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Class.forName(arguments[0])))
                .filters(onlyMethod(arguments[1]))
                .build();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.out, true), 60);
        System.exit(verdict(summary));
    }

    private static int verdict(TestExecutionSummary summary) {
        if (summary.getTotalFailureCount() > 0) { // a container's too: set-up before the tests
            return FAILED;
        }
        return summary.getTestsSucceededCount() > 0 ? PASSED : DID_NOT_RUN;
    }

    private static PostDiscoveryFilter onlyMethod(String name) {
        return (TestDescriptor test) -> FilterResult.includedIf(test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName().equals(name))
                .orElse(test.isContainer()));
    }
}
