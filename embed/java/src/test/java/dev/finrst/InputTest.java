// What is not accepted, and what the error says.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.finrst.Pair.Kind;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class InputTest {
    private static final String ALLOWED = "; expected a connected TCP socket, not TLS";

    private static void assertRefused(String message, Executable call) {
        assertEquals("finrst: " + message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void aClosedUnconnectedOrFinishedSocketIsRefused(Kind kind) throws IOException {
        String name = kind == Kind.SOCKET ? "socket" : "channel";
        try (Pair pair = Pair.of(kind)) {
            pair.ours.shutdownOutput();
            assertRefused(name + " is shut down for output" + ALLOWED, pair::guard);
            pair.ours.close();
            assertRefused(name + " is closed" + ALLOWED, pair::guard);
        }
    }

    @Test
    void anUnconnectedSocketIsRefused() throws IOException {
        try (Socket socket = new Socket();
                SocketChannel channel = SocketChannel.open()) {
            assertRefused("socket is not connected" + ALLOWED, () -> Finrst.guard(socket));
            assertRefused("channel is not connected" + ALLOWED, () -> Finrst.guard(channel));
        }
        assertRefused("socket is null; expected a value", () -> Finrst.guard((Socket) null));
        assertRefused("channel is null; expected a value", () -> Finrst.guard((SocketChannel) null));
    }

    @Test
    void aTlsSocketIsRefused() throws IOException {
        var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        try (Pair pair = Pair.of(Kind.SOCKET);
                Socket tls = factory.createSocket(pair.ours, "localhost", 1, false)) {
            assertRefused("socket is a TLS socket" + ALLOWED, () -> Finrst.guard(tls));
        }
    }

    @Test
    void aUnixSocketIsRefused() throws IOException {
        Path path = Path.of(System.getProperty("java.io.tmpdir"), "finrst-" + ProcessHandle.current().pid());
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertRefused("channel is of another family" + ALLOWED, () -> Finrst.guard(channel));
            }
        } catch (UnsupportedOperationException none) {
            assumeTrue(false, "there are no sockets of that family here");
        } finally {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void nothingButSocketsAndTheirChannelsIsTakenAtAll() {
        Set<Class<?>> taken =
                Arrays.stream(Finrst.class.getMethods())
                        .filter(it -> it.getName().equals("guard"))
                        .map(Method::getParameterTypes)
                        .map(it -> it[0])
                        .collect(Collectors.toSet());
        assertEquals(Set.of(Socket.class, SocketChannel.class), taken);
        assertTrue(taken.stream().noneMatch(it -> it.isAssignableFrom(DatagramChannel.class)));
    }

    @Test
    void aPolicyNamesWhatItDoesNotTake() {
        assertSame(Policy.STRICT, Policy.of("strict"));
        assertRefused("policy is lenient; expected compatible, strict or manual", () -> Policy.of("lenient"));
        assertRefused("policy is null; expected compatible, strict or manual", () -> Policy.of(null));
        Policy.Builder with = Policy.COMPATIBLE.with();
        assertRefused("name is onRain; expected an answer of a policy, such as onDrop", () -> with.set("onRain", "x"));
        assertRefused("onDrop is leave; expected one of close, abort", () -> with.set("onDrop", "leave"));
        assertRefused("onCrash is null; expected a value", () -> with.onCrash(null));
        assertRefused("flushMs is soon; expected a whole number", () -> with.set("flushMs", "soon"));
        String times = "; expected PT0.001S … PT2147483.647S";
        assertRefused("drainMs is PT0S" + times, () -> with.set("drainMs", "0"));
        assertRefused("flush is null" + times, () -> with.flush(null));
        assertRefused("drainIdle is PT-1S" + times, () -> with.drainIdle(Duration.ofSeconds(-1)));
        assertRefused("drainBytes is -1; expected 0 or more bytes", () -> with.set("drainBytes", "-1"));
    }

    @Test
    void everyAnswerHasAName() {
        Policy.Builder with = Policy.MANUAL.with();
        String[][] answers = {
            {"onDrop", "abort"}, {"onFailure", "abort"}, {"onExit", "abort"}, {"onCrash", "abort"},
            {"onPeerFin", "close"}, {"onUnread", "abort"}, {"onDeadline", "abort"}, {"confirm", "peer"},
            {"flushMs", "1"}, {"drainIdleMs", "2"}, {"drainMs", "3"}, {"drainBytes", "4"},
        };
        for (String[] answer : answers) with.set(answer[0], answer[1]);
        Policy made = with.build();
        Policy typed =
                Policy.MANUAL
                        .with()
                        .onDrop(Policy.End.ABORT)
                        .onFailure(Policy.End.ABORT)
                        .onExit(Policy.End.ABORT)
                        .onCrash(Policy.Crash.ABORT)
                        .onPeerFin(Policy.PeerFin.CLOSE)
                        .onUnread(Policy.Unread.ABORT)
                        .onDeadline(Policy.Deadline.ABORT)
                        .build();
        assertEquals(typed.bits, made.bits);
        assertEquals(Policy.Confirm.PEER, made.confirm);
        assertEquals(Duration.ofMillis(6), made.flush.plus(made.drainIdle).plus(made.drain));
        assertEquals(4, made.drainBytes);
        assertEquals("manual", made.toString());
    }

    @Test
    void aGuardNamesWhatItDoesNotTake() throws IOException {
        try (Pair pair = Pair.of(Kind.SOCKET);
                Guard guard = pair.guard();
                Selector selector = Selector.open()) {
            String times = "; expected PT0.001S … PT2147483.647S";
            assertRefused("within is PT0S" + times, () -> guard.complete(Duration.ZERO));
            assertRefused("within is null" + times, () -> guard.close(null));
            assertRefused("limit is -1; expected 0 or more bytes", () -> guard.finalise(Pair.LIMIT, -1));
            assertRefused("how is null; expected a value", () -> guard.stopReceiving(null));
            assertRefused("confirm is null; expected a value", () -> guard.complete(Pair.LIMIT, null));
            int read = SelectionKey.OP_READ;
            assertThrows(UnsupportedOperationException.class, () -> guard.register(selector, read, null));
            assertThrows(IndexOutOfBoundsException.class, () -> guard.outputStream().write(new byte[1], 0, 2));
            assertEquals(Guard.State.OPEN, guard.state());
            assertRefused("rule is rain; expected the id of a rule, such as abort-resets", () -> Finrst.explain("rain"));
            assertEquals("an abort resets", Finrst.explain("abort-resets").title());
        }
    }

    @Test
    void aSocketHasOneGuard() throws IOException {
        try (Pair pair = Pair.of(Kind.CHANNEL);
                Pair other = Pair.of(Kind.CHANNEL)) {
            Guard guard = pair.guard();
            assertSame(guard, pair.guard(Policy.STRICT));
            assertSame(guard, Finrst.guard(pair.ours));
            assertNotSame(guard, other.guard());
        }
    }

    @Test
    void capabilitiesSayWhyNot() throws IOException {
        try (Pair pair = Pair.of(Kind.SOCKET)) {
            Guard guard = pair.guard();
            assertTrue(guard.capabilities().arm().can());
            assertEquals(false, guard.capabilities().acked().can());
            assertTrue(guard.capabilities().acked().why().contains("no query"));
            assertTrue(guard.unsent().isEmpty());
        }
    }
}
