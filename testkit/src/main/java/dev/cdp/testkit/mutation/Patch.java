package dev.cdp.testkit.mutation;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;

import java.io.IOException;
import java.nio.file.Path;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/** Makes the class file of a class with a {@link Defect} in it. */
public final class Patch {
    private Patch() {}

    /**
     * Writes the patched class below {@code folder}, which belongs before the product on a class path.
     *
     * @throws IllegalArgumentException when the product has no such method, so that no defect can silently be none
     */
    public static void write(Defect defect, Path folder) throws IOException {
        ClassFileLocator product = ClassFileLocator.ForClassLoader.of(Patch.class.getClassLoader());
        TypePool.Resolution found =
                TypePool.Default.of(product).describe(defect.target().type());
        if (!found.isResolved()) {
            throw new IllegalArgumentException(
                    "The product has no class " + defect.target().type());
        }
        TypeDescription type = found.resolve();
        ElementMatcher.Junction<MethodDescription> method =
                named(defect.target().method()).and(not(isAbstract()));
        if (type.getDeclaredMethods().filter(method).isEmpty()) {
            throw new IllegalArgumentException("The product has no method " + defect.target());
        }
        try (DynamicType.Unloaded<?> patched = patched(defect.kind(), new ByteBuddy().redefine(type, product), method)
                .make(TypePool.Default.of(product))) {
            patched.saveIn(folder.toFile());
        }
    }

    private static DynamicType.Builder<?> patched(
            Defect.Kind kind, DynamicType.Builder<?> type, ElementMatcher<MethodDescription> method) {
        return switch (kind) {
            case DOES_NOTHING -> type.method(method).intercept(StubMethod.INSTANCE);
            case IS_TRUE -> type.method(method).intercept(FixedValue.value(true));
            case RETURNS_ITS_ARGUMENT -> type.method(method).intercept(FixedValue.argument(0));
            case HIDES_ITS_FAILURE ->
                type.visit(Advice.to(Flaws.HidesItsFailure.class).on(method));
            case LOSES_ONE -> type.visit(Advice.to(Flaws.LosesOne.class).on(method));
            case REPEATS_ONE -> type.visit(Advice.to(Flaws.RepeatsOne.class).on(method));
            case IS_ONE_AHEAD -> type.visit(Advice.to(Flaws.IsOneAhead.class).on(method));
            case IS_THREE_AHEAD ->
                type.visit(Advice.to(Flaws.IsThreeAhead.class).on(method));
            case SKIPS_ONE_CALL ->
                type.visit(Advice.to(Flaws.SkipsOneCall.class).on(method));
            case IS_A_LITTLE_AHEAD ->
                type.visit(Advice.to(Flaws.IsALittleAhead.class).on(method));
            case IS_FAR_AHEAD -> type.visit(Advice.to(Flaws.IsFarAhead.class).on(method));
        };
    }
}
