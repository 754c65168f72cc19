// The way in: guard(), run() and explain().
package dev.finrst;

import dev.finrst.engine.Rules;
import dev.finrst.engine.Spec;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.WeakHashMap;
import javax.net.ssl.SSLSocket;

/** Guards TCP connections. */
public final class Finrst {
    /** One guard for a socket. Both are weak: a guard refers to its socket, so a strong one would keep both. */
    private static final Map<Socket, WeakReference<Guard>> GUARDS = new WeakHashMap<>();

    private static final String ALLOWED = "a connected TCP socket, not TLS";

    private Finrst() {}

    /**
     * What {@link #run(Socket, Policy, Work)} does with a guard.
     *
     * @param <T> what it returns
     * @param <E> what it throws
     */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        /**
         * Does it.
         *
         * @param guard the hold on the connection
         * @return what run() returns
         * @throws E whatever it throws, the connection has failed
         */
        T with(Guard guard) throws E;
    }

    /**
     * Guards a socket under {@link Policy#COMPATIBLE}.
     *
     * @param socket a connected TCP socket
     * @return its guard
     * @see #guard(Socket, Policy)
     */
    public static Guard guard(Socket socket) {
        return guard(socket, Policy.COMPATIBLE);
    }

    /**
     * Guards a socket: from now on an incomplete stream ends with a reset, whatever happens. Read and
     * write through the guard, and let only the guard close: a guarded socket that is closed by somebody
     * else is reset.
     *
     * <p>A socket has one guard: a second call answers the first one and leaves its policy.
     *
     * @param socket a connected TCP socket; not an {@link SSLSocket}, whose close_notify comes before our
     *     FIN and behind the guard's back
     * @param policy what to do when nobody says what to do
     * @return its guard
     * @throws IllegalArgumentException if the socket is closed, not connected, finished, or TLS
     */
    public static Guard guard(Socket socket, Policy policy) {
        Policy.given("socket", socket);
        Policy.given("policy", policy);
        if (socket instanceof SSLSocket) throw Policy.unexpected("socket", "a TLS socket", ALLOWED);
        if (socket.isClosed()) throw Policy.unexpected("socket", "closed", ALLOWED);
        if (!socket.isConnected()) throw Policy.unexpected("socket", "not connected", ALLOWED);
        if (socket.isOutputShutdown()) throw Policy.unexpected("socket", "shut down for output", ALLOWED);
        return known(socket, Wire.of(socket), policy);
    }

    /**
     * Guards a channel under {@link Policy#COMPATIBLE}.
     *
     * @param channel a connected TCP channel
     * @return its guard
     * @see #guard(SocketChannel, Policy)
     */
    public static Guard guard(SocketChannel channel) {
        return guard(channel, Policy.COMPATIBLE);
    }

    /**
     * Guards a channel, blocking or not. As {@link #guard(Socket, Policy)}.
     *
     * <p>A channel that is registered with a selector is closed by the JDK when that selector lets go of
     * it, which is at its next select(): until then not even a reset has left. {@link
     * Guard#register(java.nio.channels.Selector, int, Object)} lets the guard wake it.
     *
     * @param channel a connected TCP channel
     * @param policy what to do when nobody says what to do
     * @return its guard
     * @throws IllegalArgumentException if the channel is closed, not connected, finished, or not TCP
     */
    public static Guard guard(SocketChannel channel, Policy policy) {
        Policy.given("channel", channel);
        Policy.given("policy", policy);
        if (!channel.isOpen()) throw Policy.unexpected("channel", "closed", ALLOWED);
        if (!channel.isConnected()) throw Policy.unexpected("channel", "not connected", ALLOWED);
        Socket socket;
        try {
            socket = channel.socket();
        } catch (UnsupportedOperationException unix) {
            throw Policy.unexpected("channel", "of another family", ALLOWED);
        }
        if (socket.isOutputShutdown()) throw Policy.unexpected("channel", "shut down for output", ALLOWED);
        return known(socket, Wire.of(channel), policy);
    }

    private static Guard known(Socket socket, Wire wire, Policy policy) {
        Connection connection;
        Guard guard;
        synchronized (GUARDS) {
            WeakReference<Guard> known = GUARDS.get(socket);
            Guard found = known == null ? null : known.get();
            if (found != null) return found;
            boolean tcp = wire.peer() instanceof InetSocketAddress;
            if (!tcp) throw Policy.unexpected("socket", "connected to " + wire.peer(), ALLOWED);
            connection = new Connection(wire, policy);
            guard = new Guard(connection);
            GUARDS.put(socket, new WeakReference<>(guard));
        }
        Exit.remember(connection);
        connection.emit(Spec.EVENT_OPEN);
        return guard;
    }

    /**
     * Guards a socket for some work, under {@link Policy#COMPATIBLE}.
     *
     * @param <T> what the work returns
     * @param <E> what it throws
     * @param socket a connected TCP socket
     * @param work what uses the connection
     * @return what the work returned
     * @throws E what the work threw
     * @see #run(Socket, Policy, Work)
     */
    public static <T, E extends Exception> T run(Socket socket, Work<T, E> work) throws E {
        return run(guard(socket), work);
    }

    /**
     * Guards a socket for some work: if it returns, the stream is complete and closed; if it throws, the
     * connection has failed, and unlike a block this knows by what. {@link Guard#verdict()} tells the
     * rest.
     *
     * @param <T> what the work returns
     * @param <E> what it throws
     * @param socket a connected TCP socket
     * @param policy what to do when nobody says what to do
     * @param work what uses the connection
     * @return what the work returned
     * @throws E what the work threw
     */
    public static <T, E extends Exception> T run(Socket socket, Policy policy, Work<T, E> work) throws E {
        return run(guard(socket, policy), work);
    }

    /**
     * The same for a guard that there is already.
     *
     * @param <T> what the work returns
     * @param <E> what it throws
     * @param guard the hold on the connection
     * @param work what uses the connection
     * @return what the work returned
     * @throws E what the work threw
     */
    public static <T, E extends Exception> T run(Guard guard, Work<T, E> work) throws E {
        T answer;
        try {
            answer = work.with(guard);
        } catch (Throwable failed) {
            guard.fail(failed);
            throw failed;
        }
        guard.complete();
        guard.close();
        return answer;
    }

    /**
     * Why a rule decides as it does.
     *
     * @param rule its id, which a verdict names
     * @return the rule
     * @throws IllegalArgumentException if there is none of that id
     */
    public static Rule explain(String rule) {
        String[] found = Rules.rule(Rules.numberOf(Policy.given("rule", rule)));
        if (!found[0].equals(rule)) throw Policy.unexpected("rule", rule, "the id of a rule, such as abort-resets");
        return new Rule(found[0], found[1], found[2]);
    }
}
