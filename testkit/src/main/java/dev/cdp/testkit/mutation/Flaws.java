package dev.cdp.testkit.mutation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;

/** The code that a patched method runs beside its own, or in its place. */
public final class Flaws {
    /** The system property that says at which passage something happens once. */
    public static final String PASSAGE = "cdp.mutation.passage";

    private static final int AT_PASSAGE = Integer.getInteger(PASSAGE, 1);

    private static final AtomicInteger PASSAGES = new AtomicInteger();

    private Flaws() {}

    /** Whether this is the passage at which something happens once. Public for the patched classes. */
    public static boolean isTheOne() {
        return PASSAGES.incrementAndGet() == AT_PASSAGE;
    }

    /** Public for the patched classes. */
    public static List<Object> withoutLast(List<?> list) {
        return list.isEmpty() || !isTheOne()
                ? new ArrayList<>(list)
                : new ArrayList<>(list.subList(0, list.size() - 1));
    }

    /** Public for the patched classes. */
    public static List<Object> withLastTwice(List<?> list) {
        List<Object> longer = new ArrayList<>(list);
        if (!list.isEmpty() && isTheOne()) {
            longer.add(list.get(list.size() - 1));
        }
        return longer;
    }

    /** Public for the patched classes. */
    public static Map<String, Object> ahead(Map<String, Object> positions, long byteCount) {
        Map<String, Object> higher = new HashMap<>(positions);
        higher.replaceAll((key, value) -> value instanceof Long position ? position + byteCount : value);
        return higher;
    }

    static final class LosesOne {
        private LosesOne() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) List<?> returned) {
            returned = withoutLast(returned);
        }
    }

    static final class RepeatsOne {
        private RepeatsOne() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) List<?> returned) {
            returned = withLastTwice(returned);
        }
    }

    static final class IsOneAhead {
        private IsOneAhead() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) long returned) {
            returned = returned + 1;
        }
    }

    static final class IsThreeAhead {
        private IsThreeAhead() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) long returned) {
            returned = returned + 3;
        }
    }

    static final class IsALittleAhead {
        private IsALittleAhead() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Map<String, Object> returned) {
            returned = ahead(returned, 8);
        }
    }

    static final class IsFarAhead {
        private IsFarAhead() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) Map<String, Object> returned) {
            returned = ahead(returned, 1 << 14);
        }
    }

    static final class SkipsOneCall {
        private SkipsOneCall() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return isTheOne();
        }
    }

    static final class HidesItsFailure {
        private HidesItsFailure() {}

        @Advice.OnMethodExit(onThrowable = Throwable.class)
        static void exit(@Advice.Thrown(readOnly = false) Throwable failure) {
            failure = null;
        }
    }
}
