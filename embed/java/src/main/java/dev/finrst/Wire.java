// The calls that a guard makes on its socket: one kind for a Socket, one for a SocketChannel.
//
// 1. The JVM hides errno. What a call means is told by whether the socket is still open and by the words of the JDK:
//    "Connection reset" is a constant of its own, the rest is the C library's and may be translated.
// 2. shutdownOutput() of a connection that the peer has reset succeeds (JDK 17 and 25: the JDK passes over ENOTCONN), so
//    that only a read can tell whether there was anybody to send the FIN to. receive() is that read.
// 3. No call here blocks but read() and write(), and receive() for as long as it was told.
package dev.finrst;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;

abstract class Wire {
    /** What receive() answers when nothing has arrived. */
    static final int NOTHING = 0;

    /** The socket of a blocking channel too: its timeouts are the channel's only ones. */
    final Socket socket;

    private Wire(Socket socket) {
        this.socket = socket;
    }

    static Wire of(Socket socket) {
        return socket.getChannel() == null ? new OfSocket(socket) : new OfChannel(socket.getChannel());
    }

    static Wire of(SocketChannel channel) {
        return new OfChannel(channel);
    }

    abstract boolean blocking();

    /** Reads as the owner's own call would; -1 at the peer's FIN. */
    abstract int read(ByteBuffer into) throws IOException;

    /** Writes as the owner's own call would. */
    abstract int write(ByteBuffer from) throws IOException;

    /** Whether the descriptor is closed, and not only to be closed when a selector lets go of it. */
    abstract boolean released();

    final boolean open() {
        return !socket.isClosed();
    }

    final int available() throws IOException {
        return socket.getInputStream().available();
    }

    /** Reads what comes within so many milliseconds, 0 being for ever; NOTHING if nothing does. */
    int receive(ByteBuffer into, int millis) throws IOException {
        int owners = socket.getSoTimeout();
        socket.setSoTimeout(millis);
        try {
            InputStream in = socket.getInputStream();
            int count = in.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            if (count > 0) into.position(into.position() + count);
            return count;
        } catch (SocketTimeoutException nothing) {
            return NOTHING;
        } finally {
            if (open()) socket.setSoTimeout(owners);
        }
    }

    /** Sets SO_LINGER; -1 is off. */
    final void linger(int seconds) throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, seconds);
    }

    final int linger() throws IOException {
        return socket.getOption(StandardSocketOptions.SO_LINGER);
    }

    final void shutdownOutput() throws IOException {
        if (!socket.isOutputShutdown()) socket.shutdownOutput();
    }

    final void close() throws IOException {
        socket.close();
    }

    final SocketAddress peer() {
        return socket.getRemoteSocketAddress();
    }

    /** Whether an error is the peer's reset. */
    static boolean isReset(IOException error) {
        String text = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("connection reset") || text.contains("forcibly closed");
    }

    private static final class OfSocket extends Wire {
        OfSocket(Socket socket) {
            super(socket);
        }

        @Override
        boolean blocking() {
            return true;
        }

        @Override
        int read(ByteBuffer into) throws IOException {
            if (!into.hasArray()) return readThrough(into);
            InputStream in = socket.getInputStream();
            int count = in.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            if (count > 0) into.position(into.position() + count);
            return count;
        }

        private int readThrough(ByteBuffer into) throws IOException {
            byte[] between = new byte[Math.min(into.remaining(), 65_536)];
            int count = socket.getInputStream().read(between);
            if (count > 0) into.put(between, 0, count);
            return count;
        }

        @Override
        int write(ByteBuffer from) throws IOException {
            int count = from.remaining();
            if (from.hasArray()) {
                socket.getOutputStream().write(from.array(), from.arrayOffset() + from.position(), count);
                from.position(from.limit());
                return count;
            }
            byte[] between = new byte[count];
            from.get(between);
            socket.getOutputStream().write(between);
            return count;
        }

        @Override
        boolean released() {
            return socket.isClosed();
        }
    }

    private static final class OfChannel extends Wire {
        private final SocketChannel channel;

        OfChannel(SocketChannel channel) {
            super(channel.socket());
            this.channel = channel;
        }

        @Override
        boolean blocking() {
            return channel.isBlocking();
        }

        @Override
        int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        int write(ByteBuffer from) throws IOException {
            return channel.write(from);
        }

        @Override
        int receive(ByteBuffer into, int millis) throws IOException {
            return channel.isBlocking() ? super.receive(into, millis) : channel.read(into);
        }

        @Override
        boolean released() {
            return !channel.isOpen() && !channel.isRegistered();
        }
    }
}
