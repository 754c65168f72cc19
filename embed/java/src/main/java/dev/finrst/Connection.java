// The life cycle of one guarded connection: events in, the engine's steps out, clocks, and the one verdict.
//
// 1. It has no opinion about FIN or RST: every decision is the engine's.
// 2. An event that comes while the engine is at work is queued and fed in order.
// 3. Everything private runs with the lock held, and nothing there waits for the network.
package dev.finrst;

import dev.finrst.engine.Engine;
import dev.finrst.engine.Rules;
import dev.finrst.engine.Spec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

final class Connection {
    private static final long MOST_CALL_NANOS = Duration.ofSeconds(5).toNanos();

    final Wire wire;
    final Policy policy;
    final Clocks clocks = new Clocks(() -> emit(Spec.EVENT_DEADLINE));
    final Incoming incoming;
    final Outgoing outgoing = new Outgoing(this);
    final ReentrantLock lock = new ReentrantLock();

    private final Condition decided = lock.newCondition();
    private final Deque<int[]> queue = new ArrayDeque<>();
    private int context;
    private int state;
    private boolean busy;
    private Verdict verdict;
    private Throwable error;

    private boolean leaving;
    private boolean declared;
    private boolean closed;
    private boolean lingers;
    private boolean finTold;

    Connection(Wire wire, Policy policy) {
        this.wire = wire;
        this.policy = policy;
        incoming = new Incoming(this);
        context = Capabilities.contextBits() | policy.bits | policy.confirm.bits();
    }

    // ---- What the owner says ---------------------------------------------------------------------------------------

    /** Declares the stream complete and begins to end it. */
    void complete(Policy.Confirm confirm) {
        locked(
                () -> {
                    if (confirm != null) {
                        context = context & ~(Spec.CONFIRM_MASK << Spec.CONFIRM_SHIFT) | confirm.bits();
                    }
                    declared = true;
                    post(Spec.EVENT_CLOSE, 0);
                });
    }

    void finishSending() {
        locked(
                () -> {
                    declared = true;
                    post(Spec.EVENT_FINISH_SENDING, 0);
                });
    }

    /** The end of the owner's block: what was declared complete is closed, and everything else has failed. */
    void leaveBlock() {
        if (declared) complete(null);
        else fail(null);
    }

    void fail(Throwable reason) {
        locked(
                () -> {
                    seen(reason);
                    post(Spec.EVENT_FAILED, 0);
                });
    }

    void drop() {
        locked(
                () -> {
                    leaving = true;
                    post(Spec.EVENT_DROPPED, 0);
                });
    }

    void setLinger(int seconds) throws IOException {
        lock.lock();
        try {
            if (over()) throw new SocketException("finrst: SO_LINGER cannot be set: the connection has ended");
            wire.linger(seconds);
            lingers = seconds > 0;
            state = Engine.settle(state, seconds == 0 ? Spec.STEP_ARM : Spec.STEP_DISARM, Spec.RESULT_DONE);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the verdict; a deadline is told to the engine, which then gives one. */
    Verdict await(Duration within) {
        if (within != null && !await(() -> verdict != null, within.toNanos())) emit(Spec.EVENT_DEADLINE);
        await(() -> verdict != null, Long.MAX_VALUE);
        return verdict;
    }

    /**
     * Waits until no call on the socket is under way. A close of the JDK wakes the threads that wait in one, and the
     * kernel has closed when the last of them is gone (row close.blocked-reader). The bound is for a thread that gets
     * no processor.
     */
    void awaitCalls() {
        if (await(() -> !outgoing.isWriting(), MOST_CALL_NANOS)) incoming.awaitRead(MOST_CALL_NANOS);
    }

    /** Waits until something is so; interruptions are kept for later, because every wait here is bounded by clocks. */
    boolean await(BooleanSupplier done, long nanos) {
        boolean interrupted = false;
        lock.lock();
        try {
            for (long left = nanos; !done.getAsBoolean(); ) {
                if (left <= 0) return false;
                try {
                    left = decided.awaitNanos(left);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    // ---- What the wire tells ---------------------------------------------------------------------------------------

    void emit(int event) {
        locked(() -> post(event, 0));
    }

    void emit(int event, int argument) {
        locked(() -> post(event, argument));
    }

    /** Our FIN is in the kernel, and nobody has seen that the peer was gone by then. */
    void finSent() {
        locked(
                () -> {
                    if (finTold) return;
                    finTold = true;
                    post(Spec.EVENT_FIN_SENT, 0);
                });
    }

    /** What an error of the socket means for the connection; answers the error for the owner. */
    IOException saw(IOException failed) {
        if (failed instanceof InterruptedIOException) return failed;
        locked(
                () -> {
                    if (over() || closed) return;
                    seen(failed);
                    finTold = true;
                    if (!wire.open()) {
                        leaving = true;
                        post(Spec.EVENT_RUNTIME_CLOSED, 0);
                    } else {
                        post(Wire.isReset(failed) ? Spec.EVENT_PEER_RESET : Spec.EVENT_OS_ERROR, 0);
                    }
                });
        return failed;
    }

    /** The process ends: on purpose, or nobody knows why. */
    void processEnds(boolean onPurpose) {
        locked(
                () -> {
                    leaving = true;
                    // Death resets what is armed; what must be left to the system is left.
                    if (!onPurpose && (armed() || (context & Spec.POLICY_CRASH_LEAVES) != 0)) return;
                    if (!onPurpose) context &= ~Spec.POLICY_EXIT_CLOSES;
                    post(Spec.EVENT_EXITING, 0);
                });
    }

    IOException refusal(String otherwise) {
        lock.lock();
        try {
            String why = over() ? "the connection has ended: " + verdict : otherwise;
            return new SocketException("finrst: " + why);
        } finally {
            lock.unlock();
        }
    }

    // ---- How it stands ---------------------------------------------------------------------------------------------

    boolean over() {
        return phase() == Spec.PHASE_ENDED;
    }

    int phase() {
        return state & Spec.PHASE_MASK;
    }

    boolean has(int flag) {
        return (state & flag) != 0;
    }

    boolean finTold() {
        return finTold;
    }

    boolean armed() {
        return !over() && has(Spec.FLAG_ARMED);
    }

    Verdict verdict() {
        return verdict;
    }

    // ---- The engine ------------------------------------------------------------------------------------------------

    /** Does something with the lock held, and then feeds the events that came of it. */
    void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
            if (!busy) run();
        } finally {
            lock.unlock();
        }
    }

    void post(int event, int argument) {
        queue.add(new int[] {event, argument});
    }

    private void run() {
        boolean was = over();
        busy = true;
        try {
            while (!queue.isEmpty() && !over()) {
                int[] next = queue.poll();
                feed(next[0], facts(next[0]) | next[1] << Spec.ARGUMENT_SHIFT);
            }
        } finally {
            busy = false;
            queue.clear();
        }
        if (over() && !was) end();
        decided.signalAll();
    }

    private void feed(int event, int facts) {
        int before = state;
        int plan = Engine.decide(context, before, event, facts);
        state = Engine.enter(context, before, event, facts);
        if (policy.trace != null) policy.trace.accept(line(event, facts, plan, before));
        int shut = Spec.RESULT_PENDING;
        for (int steps = plan & Spec.PLAN_ALL_STEPS; steps != 0; steps >>= Spec.PLAN_STEP_BITS) {
            int step = steps & Spec.PLAN_STEP_MASK;
            int result = perform(step);
            state = Engine.settle(state, step, result);
            if (step == Spec.STEP_SHUT_WRITE) shut = result;
        }
        // A shutdown completes at once, and its event follows; one that is still looked into is told by finSent().
        if (shut == Spec.RESULT_PENDING) return;
        finTold = true;
        int follows = shut == Spec.RESULT_DONE ? Spec.EVENT_FIN_SENT : Spec.EVENT_OS_ERROR;
        feed(follows, facts | Spec.FACT_UNACKED);
    }

    private String line(int event, int facts, int plan, int before) {
        String rule = Rules.rule(plan >> Spec.PLAN_RULE_SHIFT & Spec.PLAN_RULE_MASK)[0];
        return "event=" + event + " facts=" + facts + " rule=" + rule + " context=" + context + " state=" + before;
    }

    private int facts(int event) {
        switch (event) {
            case Spec.EVENT_OPEN:
            case Spec.EVENT_DATA:
            case Spec.EVENT_FINISH_SENDING:
            case Spec.EVENT_STOP_RECEIVING:
                return 0;
            default:
                break;
        }
        int facts = leaving ? Spec.FACT_LEAVING : 0;
        if (outgoing.holds()) facts |= Spec.FACT_UNFLUSHED;
        switch (event) {
            case Spec.EVENT_FLUSHED:
            case Spec.EVENT_PEER_RESET:
                return facts;
            case Spec.EVENT_CLOSE:
            case Spec.EVENT_DROPPED:
            case Spec.EVENT_FAILED:
            case Spec.EVENT_EXITING:
            case Spec.EVENT_RUNTIME_CLOSED:
                if (incoming.available() > 0) facts |= Spec.FACT_UNREAD;
                break;
            default:
                break;
        }
        // A queue that cannot be asked is not confirmed.
        return facts | Spec.FACT_UNACKED;
    }

    private int perform(int step) {
        try {
            return attempt(step);
        } catch (IOException failed) {
            seen(failed);
            return Wire.isReset(failed) ? -Spec.ERROR_RESET : -Spec.ERROR_OTHER;
        }
    }

    private int attempt(int step) throws IOException {
        switch (step) {
            case Spec.STEP_ARM:
                return linger(0);
            case Spec.STEP_DISARM:
                return linger(-1);
            case Spec.STEP_SHUT_WRITE:
                wire.shutdownOutput();
                return incoming.lookAfterFin(phase() == Spec.PHASE_CLOSING);
            case Spec.STEP_CLOSE:
                return close();
            case Spec.STEP_REPORT:
                report();
                break;
            case Spec.STEP_FLUSH:
                outgoing.flush();
                break;
            case Spec.STEP_FLUSH_DEADLINE:
                clocks.startFlush(policy.flush);
                break;
            case Spec.STEP_DRAIN_DEADLINE:
                clocks.startDrain(policy.drainIdle, policy.drain);
                break;
            case Spec.STEP_DRAIN:
                incoming.drain();
                break;
            case Spec.STEP_DISCARD:
                incoming.discard();
                break;
            case Spec.STEP_HOLD:
            case Spec.STEP_RELEASE:
                incoming.hold();
                break;
            default:
                return -Spec.ERROR_NOT_SUPPORTED;
        }
        return Spec.RESULT_DONE;
    }

    private int linger(int seconds) throws IOException {
        wire.linger(seconds);
        lingers = false;
        return Spec.RESULT_DONE;
    }

    /** Closes, once. It never waits: a linger time that the owner set is turned off first. */
    private int close() throws IOException {
        closed = true;
        if (lingers && wire.open()) linger(-1);
        wire.close();
        incoming.letGo();
        return Spec.RESULT_DONE;
    }

    void seen(Throwable failed) {
        if (error == null) error = failed;
    }

    private void report() {
        if (verdict == null) verdict = Verdict.of(context, state, incoming.collects(), error);
    }

    private void end() {
        clocks.stop();
        incoming.hold();
        report();
        Exit.forget(this);
    }
}
