package dev.cdp.archiver;

import java.util.Iterator;
import java.util.function.BooleanSupplier;

/**
 * Passes elements on until it is time to stop. It looks now and then, so that an ordinary transaction is taken whole and
 * can be committed before the stop; only one of many changes is given up on the way.
 */
final class StoppableIterator<T> implements Iterator<T> {
    private static final int PASSED_BETWEEN_LOOKS = 1000;

    private final Iterator<T> elements;
    private final BooleanSupplier isStopping;
    private int passed;

    StoppableIterator(Iterator<T> elements, BooleanSupplier isStopping) {
        this.elements = elements;
        this.isStopping = isStopping;
    }

    /** @throws StopRequestedException when it is time */
    @Override
    public boolean hasNext() {
        if (passed >= PASSED_BETWEEN_LOOKS) {
            passed = 0;
            if (isStopping.getAsBoolean()) {
                throw new StopRequestedException();
            }
        }
        return elements.hasNext();
    }

    @Override
    public T next() {
        passed++;
        return elements.next();
    }
}
