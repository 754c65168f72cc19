// Guards among threads: readers that wait, interruptions, run(), forgotten sockets, and a peer that is gone.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.finrst.Pair.Kind;
import dev.finrst.Verdict.By;
import dev.finrst.Verdict.Cause;
import dev.finrst.Verdict.Ended;
import dev.finrst.Verdict.Received;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ThreadsTest {
    private static final byte[] ANSWER = Pattern.of(0, 1000);

    /** A thread that waits in a read of the guard. */
    private static CompletableFuture<Void> reader(Guard guard) {
        Thread[] thread = new Thread[1];
        CompletableFuture<Void> reader =
                GuardTest.inBackground(
                        () -> {
                            thread[0] = Thread.currentThread();
                            Pair.receive(guard, 1);
                        });
        // It waits in native code, which is RUNNABLE to the JVM; the lock tells that it is inside.
        Pair.until(() -> guard.connection().incoming.isBeingRead());
        return reader;
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void anAbortResetsAtOnceAlthoughAThreadWaitsForBytes(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            CompletableFuture<Void> reader = reader(guard);
            Verdict verdict = guard.abort();
            assertEquals("reset", pair.ending().how());
            assertThrows(ExecutionException.class, reader::get);
            assertEquals(By.US, verdict.by());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void aCompletionSendsOurFinAlthoughAThreadWaitsForBytes(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            CompletableFuture<Void> reader = reader(guard);
            assertEquals(Ended.FIN, guard.complete(Pair.LIMIT).ended());
            assertEquals("eof", pair.ending().how());
            // What it waited for is nobody's any more.
            pair.peer.getOutputStream().write(new byte[100_000]);
            var refused = assertThrows(ExecutionException.class, reader::get);
            assertTrue(refused.getMessage().contains("receiving was stopped"), refused.getMessage());
            pair.peer.close();
            Pair.until(guard::isReleased);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedThreadCanEndAConnection(Kind kind) throws IOException {
        for (String how : new String[] {"complete", "close", "abort"}) {
            try (Pair pair = Pair.of(kind)) {
                Guard guard = pair.guard();
                Pair.send(guard, ANSWER);
                Thread.currentThread().interrupt();
                if (how.equals("complete")) guard.complete(Pair.LIMIT);
                else if (how.equals("abort")) guard.abort();
                else guard.close();
                assertTrue(Thread.interrupted(), "the interruption was swallowed");
                assertEquals(how.equals("complete") ? "eof" : "reset", pair.ending().how());
            }
        }
    }

    @Test
    void anInterruptedWriteToAChannelEndsWithAReset() throws IOException {
        try (Pair pair = Pair.of(Kind.CHANNEL)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            Thread.currentThread().interrupt();
            assertThrows(ClosedByInterruptException.class, () -> Pair.send(guard, ANSWER));
            assertTrue(Thread.interrupted());
            assertEquals("reset", pair.ending().how());
            assertEquals(Cause.DROP, guard.verdict().orElseThrow().cause());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRunsToItsEndIsCompleteAndWhatThrowsHasFailed(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            int answer =
                    Finrst.run(
                            guard,
                            it -> {
                                Pair.send(it, ANSWER);
                                return 42;
                            });
            assertEquals(42, answer);
            assertArrayEquals(ANSWER, pair.ending().bytes());
            assertEquals(Ended.FIN, guard.verdict().orElseThrow().ended());
        }
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            IOException thrown = new IOException("the file has gone");
            IOException caught =
                    assertThrows(
                            IOException.class,
                            () ->
                                    Finrst.run(
                                            pair.ours,
                                            it -> {
                                                throw thrown;
                                            }));
            assertSame(thrown, caught);
            assertEquals("reset", pair.ending().how());
            assertSame(thrown, guard.verdict().orElseThrow().error());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetOfThePeerIsSeenByAReadAndByAWrite(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            pair.resetByPeer();
            assertThrows(IOException.class, () -> Pair.receive(guard, 1));
            Verdict verdict = guard.verdict().orElseThrow();
            assertEquals(Ended.RESET, verdict.ended());
            assertEquals(By.PEER, verdict.by());
            assertEquals(Received.RESET, verdict.received());
        }
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            pair.resetByPeer();
            assertThrows(
                    IOException.class,
                    () -> {
                        while (true) Pair.send(guard, ANSWER);
                    });
            Pair.until(() -> guard.verdict().isPresent());
            assertFalse(guard.verdict().orElseThrow().ended() == Ended.FIN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetThatNobodyHasReadIsNotTakenForAFinOfOurs(Kind kind) throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/net/tcp")), "only Linux tells what the kernel has");
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            assertTrue(pair.isEstablished());
            pair.resetByPeer();
            Pair.until(() -> !pair.isEstablished());
            Verdict verdict = guard.complete(Pair.LIMIT);
            assertEquals(Ended.RESET, verdict.ended());
            assertEquals(By.PEER, verdict.by());
        }
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            pair.resetByPeer();
            Pair.until(() -> !pair.isEstablished());
            assertThrows(IOException.class, guard::finishSending);
            assertEquals(By.PEER, guard.verdict().orElseThrow().by());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLookForTheResetTakesNoByteFromTheOwner(Kind kind) throws Exception {
        for (int round = 0; round < 100; round++) {
            try (Pair pair = Pair.of(kind)) {
                Guard guard = pair.guard();
                CompletableFuture<Void> peer =
                        GuardTest.inBackground(
                                () -> {
                                    // Our FIN is out: the guard may be looking.
                                    assertEquals("eof", pair.ending().how());
                                    pair.peer.getOutputStream().write(Pattern.of(0, 300));
                                    pair.peer.shutdownOutput();
                                });
                guard.finishSending();
                assertArrayEquals(Pattern.of(0, 300), Pair.receive(guard, 300));
                Pair.receiveEnd(guard);
                peer.get();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsClosedBehindTheGuardsBackIsReset(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            pair.ours.close();
            assertEquals("reset", pair.ending().how());
            assertThrows(IOException.class, () -> Pair.send(guard, ANSWER));
            assertEquals(Cause.DROP, guard.verdict().orElseThrow().cause());
        }
    }

    @Test
    void aForgottenSocketIsReset() throws Exception {
        Socket peer = forgotten();
        try (peer) {
            CompletableFuture<Void> ended =
                    GuardTest.inBackground(() -> assertEquals("reset", Pair.ending(peer).how()));
            Pair.until(
                    () -> {
                        System.gc();
                        return ended.isDone();
                    });
            ended.get();
        }
    }

    private static Socket forgotten() throws IOException {
        Pair pair = Pair.of(Kind.SOCKET);
        Pair.send(pair.guard(), ANSWER);
        return pair.peer;
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void closingAStreamOfTheGuardDoesNotEndTheConnection(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind);
                Guard guard = pair.guard()) {
            try (var out = new java.io.BufferedOutputStream(guard.outputStream());
                    var in = guard.inputStream()) {
                out.write(ANSWER);
                assertEquals(0, in.available());
            }
            assertEquals(Guard.State.OPEN, guard.state());
            guard.outputStream().write(Pattern.of(1000, 10));
            guard.complete();
            assertArrayEquals(Pattern.of(0, 1010), pair.ending().bytes());
        }
    }

    @Test
    void everyDecisionIsTracedInWordsThatExplainUnderstands() throws IOException {
        var lines = new java.util.concurrent.ConcurrentLinkedQueue<String>();
        try (Pair pair = Pair.of(Kind.SOCKET)) {
            pair.guard(Policy.COMPATIBLE.with().trace(lines::add).build()).abort();
        }
        assertEquals(2, lines.size());
        String last = lines.stream().toList().get(1);
        assertTrue(last.matches("event=3 facts=\\d+ rule=abort-resets context=\\d+ state=\\d+"), last);
    }
}
