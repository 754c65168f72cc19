// What a plain peer reads when a program dies, guarded and bare.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class DeathTest {
    private static final int TOGETHER = 3;

    static Stream<String> deaths() {
        return Stream.of(Deaths.NAMES);
    }

    private static void assertEndings(String how, String hold, String situation, String death) throws Exception {
        int sent = situation.startsWith("half") ? Victim.WHOLE / 2 : Victim.WHOLE;
        for (Pair.Ending each : Crash.of(hold, situation, death, TOGETHER)) {
            assertEquals(how, each.how(), hold + ", " + situation + ", " + death);
            assertArrayEquals(Pattern.of(0, sent), each.bytes());
        }
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void anIncompleteAnswerEndsWithAReset(String death) throws Exception {
        assertEndings("reset", "compatible", "half", death);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void ofAChannelToo(String death) throws Exception {
        assertEndings("reset", "strict", "half-channel", death);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void aCompleteAnswerEndsWithEndOfFile(String death) throws Exception {
        assertEndings("eof", "compatible", "complete", death);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void withoutAGuardThePeerReadsEndOfFileBehindAHalf(String death) throws Exception {
        boolean linux = System.getProperty("os.name").equals("Linux");
        assumeTrue(linux, "what a bare death sends is known and tested on Linux");
        assertEndings("eof", "bare", "half", death);
    }

    @ParameterizedTest
    @CsvSource({
        "'compatible,onExit,close', exit, eof",
        "'compatible,onExit,close', terminate, eof",
        "'compatible,onExit,close', exception, reset",
        "'compatible,onExit,close', end, reset",
        "'compatible,onExit,close', halt, reset",
        "'compatible,onCrash,leave', kill, eof",
        "'compatible,onCrash,leave', exception, eof",
        "'compatible,onCrash,leave', exit, reset",
        "manual, exit, eof",
        "manual, kill, eof",
    })
    void anExitAndACrashEndAsThePolicySays(String hold, String death, String how) throws Exception {
        assertEndings(how, hold, "half", death);
    }

    @ParameterizedTest
    @CsvSource({"compatible, half, reset", "bare, half, eof", "compatible, half-channel, open"})
    void whatIsForgottenIsClosedByTheJdkIfItIsASocket(String hold, String situation, String how) throws Exception {
        assertEndings(how, hold, situation, "garbage");
    }
}
