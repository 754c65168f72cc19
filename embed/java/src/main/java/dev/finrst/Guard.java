// The hold on one connection: what its owner says, asks, reads and writes.
package dev.finrst;

import dev.finrst.engine.Engine;
import dev.finrst.engine.Spec;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The hold on one connection; {@link Finrst#guard(Socket)} makes it. Any thread may call its methods.
 *
 * <p>Java does not tell {@link #close()} whether a block threw. So the end of a block is no declaration:
 * the stream is complete when {@link #complete()} says so, and a block that is left without it ends with
 * a reset. ({@link #finishSending()} says so too, of our direction.)
 *
 * <p>A guard is the channel of its connection: read and write through it or through its streams, so that
 * it knows of the peer's FIN, of errors, and of writes that are under way.
 */
public final class Guard implements ByteChannel {
    private final Connection connection;
    private final InputStream input;
    private final OutputStream output;

    Guard(Connection connection) {
        this.connection = connection;
        input = new GuardInput(this);
        output = new GuardOutput(this);
    }

    // ---- Commands --------------------------------------------------------------------------------------------------

    /**
     * Declares the stream complete and begins to end it: the writes that are under way, then our FIN, then
     * the peer's bytes are drained, then the socket is closed. It does not wait; {@link #close()} does. To
     * repeat it changes nothing. What a {@link java.io.BufferedOutputStream} of yours holds must have been
     * flushed before.
     */
    public void complete() {
        connection.complete(null);
    }

    /**
     * Declares the stream complete, and waits for the verdict.
     *
     * @param within the time for all of it; then the policy's onDeadline decides
     * @return how the connection ended
     * @throws IllegalArgumentException if the time is shorter than 1 ms or too long
     */
    public Verdict complete(Duration within) {
        Policy.time("within", within);
        connection.complete(null);
        return connection.await(within);
    }

    /**
     * Declares the stream complete, and waits for the verdict.
     *
     * @param within the time for all of it; then the policy's onDeadline decides
     * @param confirm what the verdict waits for
     * @return how the connection ended
     * @throws IllegalArgumentException if the time is shorter than 1 ms or too long
     */
    public Verdict complete(Duration within, Policy.Confirm confirm) {
        Policy.time("within", within);
        connection.complete(Policy.given("confirm", confirm));
        return connection.await(within);
    }

    /**
     * The end of a block. If the stream was declared complete it waits for the verdict, within the
     * policy's bounds; else the owner has failed, and the connection is reset unless the policy says
     * otherwise. To repeat it changes nothing.
     */
    @Override
    public void close() {
        connection.leaveBlock();
        ended();
    }

    /**
     * As {@link #close()}, within a time. It is no declaration.
     *
     * @param within the time for all of it; then the policy's onDeadline decides
     * @return how the connection ended
     * @throws IllegalArgumentException if the time is shorter than 1 ms or too long
     */
    public Verdict close(Duration within) {
        Policy.time("within", within);
        connection.leaveBlock();
        return connection.await(within);
    }

    /**
     * Resets the connection on purpose. The reset has left when the call returns, but for a channel that
     * is registered with a selector: there it leaves at that selector's next select().
     *
     * @return how the connection ended
     */
    public Verdict abort() {
        connection.emit(Spec.EVENT_ABORT);
        return ended();
    }

    /**
     * Says that the owner failed: a reset, unless the policy says otherwise.
     *
     * @param reason what is told in the verdict, or null
     * @return how the connection ended
     */
    public Verdict fail(Throwable reason) {
        connection.fail(reason);
        return ended();
    }

    private Verdict ended() {
        Verdict verdict = connection.await(null);
        if (verdict.ended() == Verdict.Ended.RESET) connection.awaitCalls();
        return verdict;
    }

    /**
     * Lets the connection go without deciding: onDrop decides, or a reset if a write is under way. It does
     * not wait.
     */
    public void drop() {
        connection.drop();
    }

    /**
     * Sends our FIN after everything written so far; receiving goes on. It waits until the kernel has it.
     *
     * @throws IOException if the connection ended without it
     */
    public void finishSending() throws IOException {
        connection.finishSending();
        connection.await(() -> connection.has(Spec.FLAG_FIN_OUT) || connection.over(), Long.MAX_VALUE);
        if (connection.has(Spec.FLAG_FIN_OUT)) return;
        throw new SocketException("finrst: our FIN was not sent: " + connection.verdict());
    }

    /**
     * What SHUT_RD should have been. Nothing goes on the wire at the call. It does not wake a read of
     * another thread, whose bytes are thrown away when they come.
     *
     * @param how what becomes of the bytes that the peer still sends
     */
    public void stopReceiving(Receiving how) {
        connection.emit(Spec.EVENT_STOP_RECEIVING, Policy.given("how", how).ordinal() + Spec.RECEIVE_DISCARD);
    }

    /** Reads and throws away what the peer sends from now on: stopReceiving(Receiving.DISCARD). */
    public void drain() {
        stopReceiving(Receiving.DISCARD);
    }

    /**
     * Declares the stream complete, waits for the peer's FIN, and hands back what the peer still sent. A
     * peer that sends more than the limit is reset. The bytes are all that it had to send only if the verdict
     * says that what was received is {@link Verdict.Received#COMPLETE}.
     *
     * @param within the time for all of it; then the policy's onDeadline decides
     * @param limit the most bytes
     * @return the bytes and the verdict
     * @throws IllegalArgumentException if the time is shorter than 1 ms or too long, or the limit negative
     */
    public Finalised finalise(Duration within, long limit) {
        Policy.time("within", within);
        Policy.bytes("limit", limit);
        connection.locked(() -> connection.incoming.collect(limit));
        Verdict verdict = complete(within, Policy.Confirm.PEER);
        byte[][] rest = new byte[1][];
        connection.locked(() -> rest[0] = connection.incoming.rest());
        return new Finalised(rest[0], verdict);
    }

    // ---- What can be asked -----------------------------------------------------------------------------------------

    /**
     * The verdict, or nothing as long as that is open.
     *
     * @return how the connection ended
     */
    public Optional<Verdict> verdict() {
        connection.lock.lock();
        try {
            return Optional.ofNullable(connection.verdict());
        } finally {
            connection.lock.unlock();
        }
    }

    /**
     * How far the end of the connection has come.
     *
     * @return the phase
     */
    public State state() {
        return State.values()[connection.phase()];
    }

    /**
     * Whether a reset follows if the process dies now.
     *
     * @return true if it is armed
     */
    public boolean isArmed() {
        return connection.armed();
    }

    /**
     * The bytes that the peer's stack has not acknowledged. Java cannot ask the kernel, so it is known only
     * when a verdict says that there are none.
     *
     * @return how many, or nothing
     */
    public OptionalLong unsent() {
        return verdict().map(Verdict::unsent).orElse(OptionalLong.empty());
    }

    /**
     * What Java and this system can really do for a connection, and why not.
     *
     * @return the same for every guard of the process
     */
    public Capabilities capabilities() {
        return Capabilities.HERE;
    }

    /**
     * Sets SO_LINGER, the same on every platform. 0 arms the connection.
     *
     * @param seconds the time; nothing turns it off
     * @throws IllegalArgumentException if the platform or Java would cut it
     * @throws IOException if the connection has ended, or the system refuses
     * @throws UnsupportedOperationException if it cannot be said what the seconds would be
     */
    public void setLinger(OptionalInt seconds) throws IOException {
        int wanted = seconds.orElse(-1);
        int kernels = Engine.column(Capabilities.contextBits() & Spec.CONTEXT_PLATFORM_MASK, Spec.COLUMN_LINGER_MOST);
        int most = Math.min(kernels, Capabilities.MOST_LINGER_SECONDS);
        boolean fits = seconds.isEmpty() || wanted >= 0 && wanted <= most;
        if (!fits) throw Policy.unexpected("seconds", wanted, "0 … " + most + " seconds, or nothing");
        Capabilities.Capability linger = Capabilities.HERE.linger();
        if (wanted > 0 && !linger.can()) throw new UnsupportedOperationException("finrst: " + linger.why());
        connection.setLinger(wanted);
    }

    /**
     * SO_LINGER in seconds, as the kernel has it. An armed connection has 0.
     *
     * @return the seconds, or nothing if it is off
     * @throws IOException if the connection has ended
     */
    public OptionalInt linger() throws IOException {
        int seconds = connection.wire.linger();
        return seconds < 0 ? OptionalInt.empty() : OptionalInt.of(seconds);
    }

    /** How far the end of a connection has come. */
    public enum State {
        /** Nothing is known yet. */
        NEW,
        /** Nothing is declared: our stream is incomplete. */
        OPEN,
        /** Finish sending is declared, the FIN is not out. */
        FINISHING,
        /** The stream is declared complete, the FIN is not out. */
        CLOSING,
        /** Our FIN is out, receiving goes on. */
        FINISHED,
        /** The stream is declared complete and our FIN is out. */
        DRAINING,
        /** Nothing is left to do; the verdict is final. */
        ENDED
    }

    // ---- Reading and writing ---------------------------------------------------------------------------------------

    /**
     * The stream of what the peer sends. Closing it does nothing: only the guard ends the connection.
     *
     * @return always the same stream
     */
    public InputStream inputStream() {
        return input;
    }

    /**
     * The stream to the peer, without a buffer. Closing it does nothing: only the guard ends it.
     *
     * @return always the same stream
     */
    public OutputStream outputStream() {
        return output;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return connection.incoming.read(into);
    }

    /**
     * Writes as the guarded socket does. If it takes less than it was given, the rest is yours to write:
     * until a write takes all of what it is given, the stream cannot be completed, and to let go is a
     * reset.
     */
    @Override
    public int write(ByteBuffer from) throws IOException {
        connection.outgoing.beginWrite();
        IOException failed = null;
        try {
            return connection.wire.write(from);
        } catch (IOException error) {
            failed = error;
            throw error;
        } finally {
            connection.outgoing.endWrite(failed, from.hasRemaining());
        }
    }

    /**
     * Begins a stretch in which the program holds bytes of the stream, in a buffer or a queue of its own:
     * until it is closed the stream cannot be completed, and to let go is a reset.
     *
     * @return what ends the stretch
     * @throws IOException if the stream was declared complete, or the connection has ended
     */
    public Closeable sending() throws IOException {
        connection.outgoing.begin();
        boolean[] over = {false};
        return () ->
                connection.locked(
                        () -> {
                            if (over[0]) return;
                            over[0] = true;
                            connection.outgoing.end();
                        });
    }

    /**
     * Registers the guarded channel with a selector, so that the guard can take it away again and wake the
     * selector: without this its close, and its reset, wait for the next select().
     *
     * @param selector the selector
     * @param ops the operations, as in {@link SelectionKey}
     * @param attachment the attachment of the key, or null
     * @return the key
     * @throws IOException if the channel is closed
     * @throws UnsupportedOperationException if the guarded socket has no channel
     */
    public SelectionKey register(Selector selector, int ops, Object attachment) throws IOException {
        var channel = connection.wire.socket.getChannel();
        if (channel == null) throw new UnsupportedOperationException("finrst: the guarded socket has no channel");
        return connection.incoming.register(channel, selector, ops, attachment);
    }

    /**
     * Whether the guarded socket is open.
     *
     * @return false once somebody closed it
     */
    @Override
    public boolean isOpen() {
        return connection.wire.open();
    }

    /**
     * Whether the descriptor is closed. That of a channel may be open until a selector lets go of it.
     *
     * @return true if it is closed
     */
    public boolean isReleased() {
        return connection.wire.released();
    }

    /**
     * The guarded socket, to ask and to tune. Do not read, write or close it.
     *
     * @return the socket that was given, or that of the channel
     */
    public Socket socket() {
        return connection.wire.socket;
    }

    Connection connection() {
        return connection;
    }
}
