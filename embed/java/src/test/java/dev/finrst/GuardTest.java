// Guards of every kind of socket: each command, and what a plain peer reads.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.finrst.Pair.Ending;
import dev.finrst.Pair.Kind;
import dev.finrst.Verdict.By;
import dev.finrst.Verdict.Cause;
import dev.finrst.Verdict.Delivery;
import dev.finrst.Verdict.Ended;
import dev.finrst.Verdict.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class GuardTest {
    private static final byte[] ANSWER = Pattern.of(0, 1000);
    private static final int BIG = 10_000_000;

    private static void assertEnd(Ending found, int count, String how) {
        assertEquals(how, found.how());
        assertArrayEquals(Pattern.of(0, count), found.bytes());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsCompleteEndsWithEndOfFile(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            assertTrue(guard.isArmed());
            assertEquals(Guard.State.OPEN, guard.state());
            Pair.send(guard, ANSWER);
            Verdict verdict = guard.complete(Pair.LIMIT);
            assertEnd(pair.ending(), 1000, "eof");
            assertEquals(Ended.FIN, verdict.ended());
            assertEquals(By.US, verdict.by());
            assertEquals(Cause.CLOSE, verdict.cause());
            assertEquals(Delivery.HANDED, verdict.delivery());
            assertFalse(guard.isArmed());
            pair.peer.close();
            Pair.until(guard::isReleased);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBlockThatIsLeftWithoutCompleteResets(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard held;
            try (Guard guard = pair.guard()) {
                Pair.send(held = guard, ANSWER);
                assertArrayEquals(ANSWER, pair.peer.getInputStream().readNBytes(1000));
            }
            assertEnd(pair.ending(), 0, "reset");
            assertEquals(Ended.RESET, held.verdict().orElseThrow().ended());
            assertEquals(Cause.FAILURE, held.verdict().orElseThrow().cause());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBlockThatDeclaresItselfCompleteClosesAndWaits(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard held;
            try (Guard guard = pair.guard()) {
                Pair.send(held = guard, ANSWER);
                guard.complete();
            }
            assertEquals(Ended.FIN, held.verdict().orElseThrow().ended());
            assertEnd(pair.ending(), 1000, "eof");
        }
    }

    @ParameterizedTest
    @EnumSource
    void finishSendingIsADeclarationToo(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Verdict verdict;
            try (Guard guard = pair.guard()) {
                Pair.send(guard, ANSWER);
                guard.finishSending();
                assertEquals(Guard.State.FINISHED, guard.state());
                assertEnd(pair.ending(), 1000, "eof");
                pair.peer.getOutputStream().write(Pattern.of(0, 500));
                assertArrayEquals(Pattern.of(0, 500), Pair.receive(guard, 500));
                pair.peer.shutdownOutput();
                Pair.receiveEnd(guard);
                verdict = guard.close(Pair.LIMIT);
            }
            assertEquals(Ended.FIN, verdict.ended());
            assertEquals(Received.COMPLETE, verdict.received());
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAbortResetsAlthoughEverythingWasDelivered(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            assertArrayEquals(ANSWER, pair.peer.getInputStream().readNBytes(1000));
            Verdict verdict = guard.abort();
            assertTrue(guard.isReleased());
            assertEnd(pair.ending(), 0, "reset");
            assertEquals(Ended.RESET, verdict.ended());
            assertEquals(Cause.ABORT, verdict.cause());
            assertSame(verdict, guard.abort());
            assertSame(verdict, guard.complete(Pair.LIMIT));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureTellsItsReason(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Exception reason = new IllegalStateException("the database has gone");
            Verdict verdict = pair.guard().fail(reason);
            assertEnd(pair.ending(), 0, "reset");
            assertEquals(Cause.FAILURE, verdict.cause());
            assertSame(reason, verdict.error());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDropEndsAsThePolicySays(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            guard.drop();
            assertEnd(pair.ending(), 1000, "eof");
            assertEquals(Cause.DROP, guard.connection().await(null).cause());
        }
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard(Policy.STRICT);
            guard.drop();
            assertEnd(pair.ending(), 0, "reset");
        }
        try (Pair pair = Pair.of(kind)) {
            pair.guard(Policy.MANUAL).close();
            assertEnd(pair.ending(), 0, "eof");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void aCompletionWaitsForTheWriteThatIsUnderWay(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            CompletableFuture<Void> writer = inBackground(() -> guard.outputStream().write(Pattern.of(0, BIG)));
            Pair.until(() -> guard.connection().outgoing.holds());
            guard.complete();
            assertEquals(Guard.State.CLOSING, guard.state());
            assertTrue(guard.isArmed());
            assertEnd(pair.ending(), BIG, "eof");
            writer.get();
            assertEquals(Ended.FIN, guard.connection().await(null).ended());
            assertThrows(IOException.class, () -> guard.outputStream().write(1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void whatLetsGoOfAWriteUnderWayResets(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            CompletableFuture<Void> writer = inBackground(() -> guard.outputStream().write(Pattern.of(0, BIG)));
            Pair.until(() -> guard.connection().outgoing.holds());
            guard.drop();
            Ending found = pair.ending();
            assertEquals("reset", found.how());
            assertTrue(found.count() < BIG);
            assertEquals(Delivery.LOST, guard.connection().await(null).delivery());
            assertThrows(Exception.class, writer::get);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "CHANNEL"})
    void aCompletionThatRunsOutOfTimeResets(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            CompletableFuture<Void> writer = inBackground(() -> guard.outputStream().write(Pattern.of(0, BIG)));
            Pair.until(() -> guard.connection().outgoing.holds());
            Verdict verdict = guard.complete(Duration.ofMillis(50));
            assertEquals(Cause.DEADLINE, verdict.cause());
            assertEquals("deadline-resets", verdict.rule());
            assertEquals("reset", pair.ending().how());
            assertThrows(Exception.class, writer::get);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesInABufferOfTheProgramHoldUpTheEnd(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            try (var sending = guard.sending()) {
                guard.complete();
                assertEquals(Guard.State.CLOSING, guard.state());
                Pair.send(guard, ANSWER);
            }
            assertEnd(pair.ending(), 1000, "eof");
            assertThrows(IOException.class, guard::sending);
        }
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            try (var sending = guard.sending()) {
                guard.drop();
            }
            assertEnd(pair.ending(), 0, "reset");
        }
    }

    @ParameterizedTest
    @EnumSource
    void finaliseHandsBackWhatThePeerStillSends(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            CompletableFuture<Void> peer =
                    inBackground(
                            () -> {
                                assertEnd(pair.ending(), 1000, "eof");
                                pair.peer.getOutputStream().write(Pattern.of(0, 300_000));
                                pair.peer.shutdownOutput();
                            });
            Finalised finalised = guard.finalise(Pair.LIMIT, 1_000_000);
            peer.get();
            assertArrayEquals(Pattern.of(0, 300_000), finalised.rest());
            assertEquals(Ended.FIN, finalised.verdict().ended());
            assertEquals(Received.COMPLETE, finalised.verdict().received());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatSendsMoreThanTheLimitIsReset(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            CompletableFuture<Void> peer =
                    inBackground(() -> pair.peer.getOutputStream().write(Pattern.of(0, BIG)));
            Finalised finalised = pair.guard().finalise(Pair.LIMIT, 70_000);
            assertThrows(Exception.class, peer::get);
            assertArrayEquals(Pattern.of(0, 70_000), finalised.rest());
            assertEquals("limit-resets", finalised.verdict().rule());
            assertNotEquals(Received.COMPLETE, finalised.verdict().received());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aVerdictThatWaitsForThePeerIsConfirmedOrSaysWhyNot(Kind kind) throws Exception {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            Pair.send(guard, ANSWER);
            guard.connection().complete(Policy.Confirm.PEER);
            assertEnd(pair.ending(), 1000, "eof");
            assertTrue(guard.verdict().isEmpty());
            pair.peer.close();
            Verdict verdict = guard.connection().await(null);
            assertEquals(Ended.FIN, verdict.ended());
            assertEquals(Received.COMPLETE, verdict.received());
        }
        try (Pair pair = Pair.of(kind)) {
            Policy policy = Policy.COMPATIBLE.with().drainIdle(Duration.ofMillis(100)).build();
            Verdict verdict = pair.guard(policy).complete(Pair.LIMIT, Policy.Confirm.PEER);
            assertEnd(pair.ending(), 0, "eof");
            assertEquals("deadline-resets", verdict.rule());
        }
    }

    @ParameterizedTest
    @EnumSource
    void dataThatComesAfterOurFinProvokesNoReset(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            pair.peer.getOutputStream().write(Pattern.of(0, 100));
            guard.complete();
            assertEnd(pair.ending(), 0, "eof");
            for (int round = 0; round < 20; round++) pair.peer.getOutputStream().write(Pattern.of(0, 5000));
            pair.peer.shutdownOutput();
            Pair.until(guard::isReleased);
            assertEquals(Ended.FIN, guard.verdict().orElseThrow().ended());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatThePeerSendsAfterStopReceivingIsThrownAwayHeldOrRefused(Kind kind) throws Exception {
        for (Receiving how : Receiving.values()) {
            try (Pair pair = Pair.of(kind)) {
                Guard guard = pair.guard();
                guard.stopReceiving(how);
                assertThrows(IOException.class, () -> Pair.receive(guard, 1));
                CompletableFuture<Void> peer =
                        inBackground(() -> pair.peer.getOutputStream().write(Pattern.of(0, BIG)));
                if (how == Receiving.DISCARD) peer.get();
                if (how == Receiving.REFUSE) assertThrows(Exception.class, peer::get);
                if (how == Receiving.HOLD) {
                    Pair.until(() -> guard.connection().incoming.available() > 100_000);
                    assertFalse(peer.isDone());
                }
                guard.abort();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void lingerIsInSecondsAndReadFromTheKernel(Kind kind) throws IOException {
        try (Pair pair = Pair.of(kind)) {
            Guard guard = pair.guard();
            assertEquals(OptionalInt.of(0), guard.linger());
            guard.setLinger(OptionalInt.of(7));
            assertEquals(OptionalInt.of(7), guard.linger());
            assertFalse(guard.isArmed());
            guard.setLinger(OptionalInt.empty());
            assertEquals(OptionalInt.empty(), guard.linger());
            guard.setLinger(OptionalInt.of(0));
            assertTrue(guard.isArmed());
            for (int wrong : new int[] {-1, 65_536, Integer.MAX_VALUE}) {
                var error = assertThrows(IllegalArgumentException.class, () -> guard.setLinger(OptionalInt.of(wrong)));
                assertEquals("finrst: seconds is " + wrong + "; expected 0 … 65535 seconds, or nothing", error.getMessage());
            }
            guard.abort();
            assertThrows(IOException.class, () -> guard.setLinger(OptionalInt.of(1)));
        }
    }

    static CompletableFuture<Void> inBackground(Risky work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                work.perform();
                                done.complete(null);
                            } catch (Throwable failed) {
                                done.completeExceptionally(failed);
                            }
                        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** Work that may fail. */
    interface Risky {
        void perform() throws Exception;
    }
}
