package dev.cdp.archiver;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Actors of which one moves at a time: at each step, which one goes on, for how long it is paused, and whether it dies, is
 * drawn from a seed. What came out of a seed comes out of it again.
 */
final class Interleaving {
    private static final long LIMIT_SECONDS = 60;

    private final Random random;
    private final Runnable afterEachStep;
    private final List<Actor> actors = new ArrayList<>();
    private final List<Runnable> underWay = new ArrayList<>();
    private final Semaphore atRest = new Semaphore(0);
    private @Nullable Actor moving;

    /** Ends an actor's life where it stands. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final class Actor {
        private final Semaphore mayMove = new Semaphore(0);
        private final Thread thread;
        private int pausedFor;
        private boolean isKilled;
        private volatile boolean isDone;
        private volatile @Nullable Throwable failure;

        private Actor(String name, Runnable life, Semaphore atRest) {
            thread = new Thread(
                    () -> {
                        mayMove.acquireUninterruptibly();
                        try {
                            life.run();
                        } catch (Throwable e) {
                            failure = e;
                        }
                        isDone = true;
                        atRest.release();
                    },
                    name);
            thread.setDaemon(true);
        }
    }

    Interleaving(Random random, Runnable afterEachStep) {
        this.random = random;
        this.afterEachStep = afterEachStep;
    }

    /** @param life catches {@link Killed} if there is a next one */
    void add(String name, Runnable life) {
        Actor actor = new Actor(name, life, atRest);
        actors.add(actor);
        actor.thread.start();
    }

    /** Called by an actor: lets others move before it goes on. */
    void step() {
        Actor self = moving;
        if (self == null) {
            throw new IllegalStateException("Not called by an actor");
        }
        atRest.release();
        self.mayMove.acquireUninterruptibly();
        if (self.isKilled) {
            self.isKilled = false;
            throw new Killed();
        }
    }

    /** Has something happen at a later step, whatever becomes of the actor that sent it on its way. */
    void later(Runnable arrival) {
        underWay.add(arrival);
    }

    /** Runs all actors to their ends. */
    void run() throws InterruptedException {
        for (List<Actor> alive = alive(); !alive.isEmpty(); alive = alive()) {
            if (!underWay.isEmpty() && random.nextInt(8) == 0) {
                underWay.remove(random.nextInt(underWay.size())).run();
                afterEachStep.run();
            }
            Actor next = alive.get(random.nextInt(alive.size()));
            if (next.pausedFor > 0 && alive.size() > 1) {
                next.pausedFor--;
                continue;
            }
            next.pausedFor = random.nextInt(20) == 0 ? random.nextInt(60) : 0;
            next.isKilled = random.nextInt(50) == 0;
            moving = next;
            next.mayMove.release();
            if (!atRest.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(next.thread.getName() + " is stuck");
            }
            afterEachStep.run();
        }
        for (Actor actor : actors) {
            if (actor.failure != null) {
                throw new AssertionError(actor.thread.getName() + " failed", actor.failure);
            }
        }
    }

    private List<Actor> alive() {
        return actors.stream().filter(actor -> !actor.isDone).toList();
    }
}
