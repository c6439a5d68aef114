package dev.cdp.archiver;

import java.util.Iterator;
import java.util.function.BooleanSupplier;

/** Passes elements on until it is time to stop. */
record StoppableIterator<T>(Iterator<T> elements, BooleanSupplier isStopping) implements Iterator<T> {

    @Override
    public boolean hasNext() {
        if (isStopping.getAsBoolean()) {
            throw new StopRequestedException();
        }
        return elements.hasNext();
    }

    @Override
    public T next() {
        return elements.next();
    }
}
