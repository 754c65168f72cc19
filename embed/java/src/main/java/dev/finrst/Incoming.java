// The receiving side of one connection: the owner's reads, and the drain of what the owner will not read.
//
// 1. Whoever reads holds `reading`. A read of the owner that blocks cannot be woken; what it brings when the bytes are
//    nobody's any more is thrown away, and the drain goes on where it ended.
// 2. A blocking socket is drained by a thread, a channel that does not block by a clock that looks again and again.
package dev.finrst;

import dev.finrst.engine.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

final class Incoming {
    private static final int CHUNK = 32 << 10;
    private static final int ROUNDS = 8; // So much for one connection before the others have their turn.
    private static final int FIRST_POLL_MILLIS = 1;
    private static final int LONGEST_POLL_MILLIS = 20;
    private static final int LOOK_MILLIS = 200;

    /** Whose the bytes are. */
    private enum Whose {
        OWNERS,
        NOBODYS,
        KERNELS
    }

    private final Connection connection;
    private final ReentrantLock reading = new ReentrantLock();
    private final Set<Selector> selectors = Collections.newSetFromMap(new WeakHashMap<>());
    private volatile Whose whose = Whose.OWNERS;
    private volatile boolean finRead;

    /** A byte that was read to see whether the peer is still there, and that is the owner's. */
    private final ByteBuffer peeked = ByteBuffer.allocate(1).flip();

    private boolean draining;
    private boolean running;
    private int pollMillis = FIRST_POLL_MILLIS;
    private ByteArrayOutputStream rest;
    private long limit;
    private long drained;

    Incoming(Connection connection) {
        this.connection = connection;
        limit = connection.policy.drainBytes;
    }

    // ---- The owner's -----------------------------------------------------------------------------------------------

    int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) return 0;
        if (!lockForOwner()) return refuse();
        try {
            if (whose != Whose.OWNERS) return refuse();
            if (peeked.hasRemaining()) {
                into.put(peeked);
                return 1;
            }
            int start = into.position();
            int count = readOwners(into);
            if (whose == Whose.OWNERS) return count;
            // They became nobody's while the read was waiting.
            if (count > 0) arrived(into.duplicate().flip().position(start));
            into.position(start);
            return refuse();
        } finally {
            reading.unlock();
        }
    }

    /** A drain holds the lock until the peer has finished; whoever comes meanwhile is refused and does not wait. */
    private boolean lockForOwner() {
        boolean interrupted = false;
        try {
            while (whose == Whose.OWNERS) {
                try {
                    if (reading.tryLock(LONGEST_POLL_MILLIS, TimeUnit.MILLISECONDS)) return true;
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            return false;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private int readOwners(ByteBuffer into) throws IOException {
        try {
            int count = connection.wire.read(into);
            if (count < 0) fin();
            return count;
        } catch (IOException failed) {
            throw connection.saw(failed);
        }
    }

    private int refuse() throws IOException {
        if (finRead) return -1;
        throw connection.refusal("receiving was stopped");
    }

    /** The bytes that lie unread; none if that cannot be known any more. */
    int available() {
        try {
            return peeked.remaining() + connection.wire.available();
        } catch (IOException closed) {
            return 0;
        }
    }

    SelectionKey register(java.nio.channels.SocketChannel channel, Selector selector, int ops, Object attachment)
            throws IOException {
        SelectionKey key = channel.register(selector, ops, attachment);
        connection.locked(() -> selectors.add(selector));
        return key;
    }

    boolean isBeingRead() {
        return reading.isLocked();
    }

    void awaitRead(long nanos) {
        if (reading.isHeldByCurrentThread()) return;
        boolean interrupted = Thread.interrupted();
        try {
            if (reading.tryLock(nanos, TimeUnit.NANOSECONDS)) reading.unlock();
        } catch (InterruptedException enough) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    // ---- What the engine asks for, with the connection locked ------------------------------------------------------

    void collect(long most) {
        if (most >= 0) limit = most;
        if (rest == null) rest = new ByteArrayOutputStream();
    }

    boolean collects() {
        return rest != null;
    }

    byte[] rest() {
        return rest.toByteArray();
    }

    void hold() {
        if (whose == Whose.OWNERS) whose = Whose.KERNELS;
    }

    void drain() {
        draining = true;
        discard();
    }

    void discard() {
        whose = Whose.NOBODYS;
        letGo();
        if (running) return;
        running = true;
        if (connection.wire.blocking()) start(() -> drainBlocking(false));
        else connection.clocks.pollIn(FIRST_POLL_MILLIS, this::poll);
    }

    /** Takes the channel from the selectors that are known, so that nothing of theirs delays its close. */
    void letGo() {
        var channel = connection.wire.socket.getChannel();
        for (Selector each : selectors) {
            SelectionKey key = channel.keyFor(each);
            if (key != null) key.cancel();
            each.wakeup();
        }
    }

    /**
     * Sees whether the peer had reset before our FIN: the JDK does not tell. What is read meanwhile is part of the
     * drain, or is kept for the owner. RESULT_PENDING: finSent() or a reset follows.
     */
    int lookAfterFin(boolean closing) {
        if (finRead || peeked.hasRemaining() || whose == Whose.KERNELS || running) return Spec.RESULT_DONE;
        if (reading.isLocked() && !reading.isHeldByCurrentThread()) return Spec.RESULT_DONE;
        if (!closing && available() > 0) return Spec.RESULT_DONE;
        if (closing) {
            whose = Whose.NOBODYS;
            draining = true;
            running = true;
        }
        if (!connection.wire.blocking()) {
            if (closing) poll();
            else peek();
            // An error has been seen, and is fed next.
            return connection.finTold() ? Spec.RESULT_PENDING : Spec.RESULT_DONE;
        }
        // Somebody who reads past the guard would hold up the read; then nobody is waited for.
        connection.clocks.pollIn(LOOK_MILLIS, connection::finSent);
        boolean started = start(closing ? () -> drainBlocking(true) : this::peekBlocking);
        return started ? Spec.RESULT_PENDING : Spec.RESULT_DONE;
    }

    private boolean start(Runnable work) {
        try {
            Clocks.READERS.execute(work);
            return true;
        } catch (OutOfMemoryError noThread) {
            // The clocks of the drain end the connection all the same.
            connection.seen(noThread);
            return false;
        }
    }

    // ---- Reading for nobody ----------------------------------------------------------------------------------------

    private void peek() {
        // If the owner reads, the owner sees it.
        if (!reading.tryLock()) return;
        try {
            if (whose != Whose.OWNERS || peeked.hasRemaining()) return;
            peeked.clear();
            int count = connection.wire.receive(peeked, 1);
            peeked.flip();
            if (count < 0) fin();
        } catch (IOException failed) {
            peeked.flip();
            connection.saw(failed);
        } finally {
            reading.unlock();
        }
    }

    private void peekBlocking() {
        peek();
        connection.finSent();
    }

    private void drainBlocking(boolean looking) {
        reading.lock();
        try {
            if (peeked.hasRemaining()) arrived(peeked.slice());
            peeked.position(peeked.limit());
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (int round = 0; !connection.over(); round++) {
                chunk.clear();
                // It waits for ever at last: whoever closes the socket wakes it.
                int count = connection.wire.receive(chunk, looking ? 1 : 0);
                if (count > 0) arrived(chunk.flip());
                if (looking && (count <= 0 || round == ROUNDS)) {
                    looking = false;
                    connection.finSent();
                }
                if (count < 0) {
                    fin();
                    return;
                }
            }
        } catch (IOException failed) {
            connection.saw(failed);
        } finally {
            reading.unlock();
        }
    }

    private void poll() {
        if (connection.over() || !reading.tryLock()) {
            again();
            return;
        }
        try {
            if (peeked.hasRemaining()) arrived(peeked.slice());
            peeked.position(peeked.limit());
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (int round = 0; round < ROUNDS && !connection.over(); round++) {
                int count = connection.wire.receive(chunk.clear(), 0);
                if (count < 0) {
                    fin();
                    return;
                }
                if (count == Wire.NOTHING) break;
                pollMillis = FIRST_POLL_MILLIS;
                arrived(chunk.flip());
            }
            again();
        } catch (IOException failed) {
            connection.saw(failed);
        } finally {
            reading.unlock();
        }
    }

    private void again() {
        if (connection.over()) return;
        connection.clocks.pollIn(pollMillis, this::poll);
        pollMillis = Math.min(pollMillis * 2, LONGEST_POLL_MILLIS);
    }

    private void fin() {
        if (finRead) return;
        finRead = true;
        connection.emit(Spec.EVENT_PEER_FIN);
    }

    /** Bytes that the owner will not read: kept for finalise(), bounded while draining. */
    private void arrived(ByteBuffer bytes) {
        connection.locked(
                () -> {
                    int count = bytes.remaining();
                    if (rest != null) {
                        int kept = (int) Math.min(count, Math.max(0, limit - rest.size()));
                        byte[] copied = new byte[kept];
                        bytes.get(copied);
                        rest.writeBytes(copied);
                    }
                    if (draining) {
                        drained += count;
                        connection.clocks.progress();
                    }
                    if (!draining || rest == null) connection.post(Spec.EVENT_DATA, 0);
                    if (draining && drained > limit) connection.post(Spec.EVENT_OVER_LIMIT, 0);
                });
    }
}
