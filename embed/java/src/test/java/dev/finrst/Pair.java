// A connection over loopback: the guarded side in one of three kinds, and a plain socket as its peer.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

final class Pair implements Closeable {
    /** What is guarded. */
    enum Kind {
        SOCKET,
        CHANNEL,
        NON_BLOCKING
    }

    /** What a peer read until the end. */
    record Ending(byte[] bytes, String how) {
        int count() {
            return bytes.length;
        }
    }

    /** Far more than anything takes; only what hangs meets it. */
    static final int LIMIT_MILLIS = 60_000;

    static final Duration LIMIT = Duration.ofMillis(LIMIT_MILLIS);

    final Socket ours;
    final Socket peer;

    private Pair(Socket ours, Socket peer) throws IOException {
        this.ours = ours;
        this.peer = peer;
        peer.setSoTimeout(LIMIT_MILLIS);
    }

    static Pair of(Kind kind) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (kind == Kind.SOCKET) {
            try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
                Socket peer = new Socket(loopback, listener.getLocalPort());
                return new Pair(listener.accept(), peer);
            }
        }
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(loopback, 0), 1);
            Socket peer = new Socket(loopback, listener.socket().getLocalPort());
            SocketChannel channel = listener.accept();
            channel.configureBlocking(kind == Kind.CHANNEL);
            return new Pair(channel.socket(), peer);
        }
    }

    Guard guard(Policy policy) {
        SocketChannel channel = ours.getChannel();
        return channel == null ? Finrst.guard(ours, policy) : Finrst.guard(channel, policy);
    }

    Guard guard() {
        return guard(Policy.COMPATIBLE);
    }

    /** Writes all of it, also where a write takes only a part. */
    static void send(Guard guard, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (guard.write(left) == 0) Thread.onSpinWait();
        }
    }

    static byte[] receive(Guard guard, int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count);
        while (into.hasRemaining()) {
            if (guard.read(into) < 0) throw new EOFException("after " + into.position() + " bytes");
        }
        return into.array();
    }

    /** Reads until the peer's FIN; where nothing blocks it asks again and again. */
    static void receiveEnd(Guard guard) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(1);
        int count;
        do {
            count = guard.read(into);
        } while (count == 0);
        assertTrue(count < 0, "more bytes came");
    }

    /** What the peer reads from now on. */
    Ending ending() throws IOException {
        return ending(peer);
    }

    static Ending ending(Socket peer) throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] chunk = new byte[65_536];
        try {
            for (int count = peer.getInputStream().read(chunk); count >= 0; ) {
                got.write(chunk, 0, count);
                count = peer.getInputStream().read(chunk);
            }
            return new Ending(got.toByteArray(), "eof");
        } catch (SocketException reset) {
            if (!Wire.isReset(reset)) throw reset;
            return new Ending(got.toByteArray(), "reset");
        }
    }

    void resetByPeer() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    /** Whether the kernel still has our end of the connection in the state ESTABLISHED. */
    boolean isEstablished() {
        try {
            String ends = String.format(":%04X 0100007F:%04X 01 ", ours.getLocalPort(), ours.getPort());
            String mapped = String.format(":%04X ", ours.getLocalPort());
            for (String file : new String[] {"tcp", "tcp6"}) {
                for (String line : Files.readAllLines(Path.of("/proc/self/net", file))) {
                    boolean same = line.contains(ends) || line.contains(mapped) && line.contains(":" + port() + " 01 ");
                    if (same) return true;
                }
            }
            return false;
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    private String port() {
        return String.format("%04X", ours.getPort());
    }

    /** Waits for something that only asking tells. */
    static void until(BooleanSupplier done) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it did not happen in time");
            Thread.yield();
        }
    }

    @Override
    public void close() throws IOException {
        peer.close();
        ours.close();
    }
}
