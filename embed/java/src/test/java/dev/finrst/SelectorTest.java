// Guards of channels that a selector has: when the reset leaves, short writes, and a small server that never blocks.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.finrst.Pair.Kind;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class SelectorTest {
    /** Selects until the selector is closed. */
    private static CompletableFuture<Void> selecting(Selector selector) {
        return GuardTest.inBackground(
                () -> {
                    while (selector.isOpen()) {
                        selector.select();
                        if (selector.isOpen()) selector.selectedKeys().clear();
                    }
                });
    }

    @Test
    void theResetOfARegisteredChannelLeavesAtTheNextSelect() throws IOException {
        try (Pair pair = Pair.of(Kind.NON_BLOCKING);
                Selector selector = Selector.open()) {
            Guard guard = pair.guard();
            pair.ours.getChannel().register(selector, SelectionKey.OP_READ);
            assertEquals(Verdict.Ended.RESET, guard.abort().ended());
            assertFalse(guard.isReleased());
            pair.peer.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> pair.peer.getInputStream().read());
            pair.peer.setSoTimeout(Pair.LIMIT_MILLIS);
            selector.selectNow();
            assertTrue(guard.isReleased());
            assertEquals("reset", pair.ending().how());
        }
    }

    @Test
    void aChannelThatTheGuardRegisteredIsResetWhileTheSelectorWaits() throws Exception {
        try (Pair pair = Pair.of(Kind.NON_BLOCKING)) {
            Selector selector = Selector.open();
            Guard guard = pair.guard();
            guard.register(selector, SelectionKey.OP_READ, "attached");
            CompletableFuture<Void> loop = selecting(selector);
            guard.abort();
            assertEquals("reset", pair.ending().how());
            Pair.until(guard::isReleased);
            selector.close();
            loop.get();
        }
    }

    @Test
    void aRegisteredChannelIsDrainedAndReleased() throws Exception {
        try (Pair pair = Pair.of(Kind.NON_BLOCKING)) {
            Selector selector = Selector.open();
            Guard guard = pair.guard();
            guard.register(selector, SelectionKey.OP_READ, null);
            CompletableFuture<Void> loop = selecting(selector);
            guard.connection().complete(Policy.Confirm.PEER);
            assertEquals("eof", pair.ending().how());
            pair.peer.getOutputStream().write(new byte[500_000]);
            pair.peer.shutdownOutput();
            Pair.until(guard::isReleased);
            assertEquals(Verdict.Ended.FIN, guard.verdict().orElseThrow().ended());
            assertEquals(Verdict.Received.DISCARDED, guard.verdict().orElseThrow().received());
            selector.close();
            loop.get();
        }
    }

    private static int fill(Guard guard, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        int count = guard.write(left);
        assertTrue(left.hasRemaining(), "the kernel took all of it");
        return count;
    }

    @Test
    void theRestOfAShortWriteHoldsUpTheEnd() throws Exception {
        byte[] big = Pattern.of(0, 12_000_000);
        try (Pair pair = Pair.of(Kind.NON_BLOCKING)) {
            Guard guard = pair.guard();
            int count = fill(guard, big);
            guard.complete();
            assertEquals(Guard.State.CLOSING, guard.state());
            CompletableFuture<Void> peer =
                    GuardTest.inBackground(() -> assertArrayEquals(big, pair.ending().bytes()));
            ByteBuffer left = ByteBuffer.wrap(big, count, big.length - count);
            while (left.hasRemaining()) guard.write(left);
            peer.get();
            assertEquals(Verdict.Ended.FIN, guard.connection().await(null).ended());
        }
        try (Pair pair = Pair.of(Kind.NON_BLOCKING)) {
            Guard guard = pair.guard();
            fill(guard, big);
            guard.drop();
            assertEquals("reset", pair.ending().how());
        }
    }

    @Test
    void theStreamsOfAChannelThatDoesNotBlockAreRefusedByTheirUsualError() throws IOException {
        try (Pair pair = Pair.of(Kind.NON_BLOCKING)) {
            Guard guard = pair.guard();
            assertThrows(IllegalBlockingModeException.class, () -> guard.inputStream().read());
            assertThrows(IllegalBlockingModeException.class, () -> guard.outputStream().write(1));
            assertEquals(0, guard.read(ByteBuffer.allocate(10)));
            assertEquals(0, guard.read(ByteBuffer.allocate(0)));
        }
    }

    @Test
    void aServerWithOneThreadAnswersManyClients() throws Exception {
        try (Selector selector = Selector.open()) {
            Pair[] pairs = new Pair[50];
            for (int at = 0; at < pairs.length; at++) {
                pairs[at] = Pair.of(Kind.NON_BLOCKING);
                pairs[at].guard().register(selector, SelectionKey.OP_READ, pairs[at].guard());
                pairs[at].peer.getOutputStream().write(at % 2);
            }
            int answered = 0;
            ByteBuffer request = ByteBuffer.allocateDirect(10);
            while (answered < pairs.length) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    Guard guard = (Guard) key.attachment();
                    if (!key.isValid() || guard.read(request.clear()) <= 0) continue;
                    guard.write(ByteBuffer.wrap(Pattern.of(0, 100)));
                    if (request.get(0) == 0) guard.complete();
                    else guard.abort();
                    answered++;
                }
                selector.selectedKeys().clear();
            }
            selector.selectNow();
            for (int at = 0; at < pairs.length; at++) {
                assertEquals(at % 2 == 0 ? "eof" : "reset", pairs[at].ending().how());
                pairs[at].close();
            }
        }
    }
}
