// The clocks of one connection, and the threads that all connections share.
//
// 1. All threads are daemons: they keep no process alive. Whoever ends a connection waits for the verdict itself.
// 2. A clock that fires late finds the connection ended, which is harmless.
package dev.finrst;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

final class Clocks {
    /** Threads for reads that block: one for each connection of a blocking socket that drains. */
    static final Executor READERS =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    10,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    work -> daemon("finrst-drain", work));

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Runnable ranOut;
    private ScheduledFuture<?> flush;
    private volatile ScheduledFuture<?> idle;
    private ScheduledFuture<?> total;
    private ScheduledFuture<?> poll;
    private long idleNanos;
    private volatile long lastProgress;

    Clocks(Runnable ranOut) {
        this.ranOut = ranOut;
    }

    private static Thread daemon(String name, Runnable work) {
        // They read into a buffer on the heap and call nothing deep.
        Thread thread = new Thread(null, work, name, 128 << 10);
        thread.setDaemon(true);
        return thread;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1, work -> daemon("finrst-clock", work));
        // Clocks run for half a minute, connections end at once: what was cancelled does not wait for its time.
        made.setRemoveOnCancelPolicy(true);
        return made;
    }

    private static ScheduledFuture<?> in(long nanos, Runnable work) {
        return TIMER.schedule(work, nanos, TimeUnit.NANOSECONDS);
    }

    void startFlush(Duration most) {
        cancel(flush);
        flush = in(most.toNanos(), ranOut);
    }

    void startDrain(Duration mostIdle, Duration most) {
        cancel(flush);
        if (total == null) total = in(most.toNanos(), ranOut);
        idleNanos = mostIdle.toNanos();
        progress();
        cancel(idle);
        idle = in(idleNanos, this::lookIdle);
    }

    /** Something arrived: the silence is broken. */
    void progress() {
        lastProgress = System.nanoTime();
    }

    private void lookIdle() {
        long left = idleNanos - (System.nanoTime() - lastProgress);
        if (left <= 0) ranOut.run();
        else idle = in(left, this::lookIdle);
    }

    /** Looks again a little later. */
    void pollIn(long millis, Runnable look) {
        poll = in(TimeUnit.MILLISECONDS.toNanos(millis), look);
    }

    void stop() {
        cancel(flush);
        cancel(idle);
        cancel(total);
        cancel(poll);
    }

    private static void cancel(ScheduledFuture<?> clock) {
        if (clock != null) clock.cancel(false);
    }
}
