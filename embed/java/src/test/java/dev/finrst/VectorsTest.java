// The vectors of spec/vectors, and the hash over every decision of the domain.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.finrst.engine.Engine;
import dev.finrst.engine.Rules;
import dev.finrst.engine.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class VectorsTest {
    static final Path SPEC = Path.of(System.getProperty("finrst.spec"));

    static int number(String group, String name) {
        try {
            return Spec.class.getField(group + "_" + name).getInt(null);
        } catch (ReflectiveOperationException unknown) {
            throw new AssertionError("there is no number " + group + "_" + name, unknown);
        }
    }

    private static int bits(String group, JSONArray names) {
        int bits = 0;
        for (int at = 0; names != null && at < names.length(); at++) bits |= number(group, names.getString(at));
        return bits;
    }

    private static int context(JSONObject given) {
        String[] platform = given.optString("platform", "unknown").split("-", 2);
        int word = Rules.row(platform[0], platform.length > 1 ? platform[1] : "");
        word |= bits("CAN", given.optJSONArray("can")) | bits("POLICY", given.optJSONArray("policy"));
        if (given.has("confirm")) word |= number("CONFIRM", given.getString("confirm")) << Spec.CONFIRM_SHIFT;
        return word | (given.optBoolean("bigEndian") ? Spec.CONTEXT_BIG_ENDIAN : 0);
    }

    private static int state(JSONObject given) {
        int word = given.has("phase") ? number("PHASE", given.getString("phase")) : 0;
        word |= bits("FLAG", given.optJSONArray("flags"));
        String cause = given.optString("cause", "NONE");
        if (!cause.equals("NONE")) word |= number("EVENT", cause) << Spec.FIELD_CAUSE_SHIFT;
        for (String field : new String[] {"ended", "by", "delivery", "received", "receive"}) {
            String group = field.toUpperCase(Locale.ROOT);
            if (given.has(field)) word |= number(group, given.getString(field)) << number("FIELD", group + "_SHIFT");
        }
        return word;
    }

    private static void decision(JSONObject vector) {
        int context = context(vector.optJSONObject("context", new JSONObject()));
        int state = state(vector.optJSONObject("state", new JSONObject()));
        int event = number("EVENT", vector.getString("event"));
        int facts = bits("FACT", vector.optJSONArray("facts"));
        if (vector.has("argument")) {
            String group = vector.getString("event").equals("STOP_RECEIVING") ? "RECEIVE" : "ERROR";
            facts |= number(group, vector.getString("argument")) << Spec.ARGUMENT_SHIFT;
        }
        int plan = Engine.decide(context, state, event, facts);
        int rule = plan >> Spec.PLAN_RULE_SHIFT & Spec.PLAN_RULE_MASK;
        assertEquals(vector.getString("rule"), Rules.rule(rule)[0]);
        List<Integer> steps = new ArrayList<>();
        int after = Engine.enter(context, state, event, facts);
        for (int left = plan & Spec.PLAN_ALL_STEPS; left != 0; left >>= Spec.PLAN_STEP_BITS) {
            steps.add(left & Spec.PLAN_STEP_MASK);
            after = Engine.settle(after, left & Spec.PLAN_STEP_MASK, Spec.RESULT_DONE);
        }
        List<Integer> wanted = new ArrayList<>();
        for (Object name : vector.getJSONArray("plan")) wanted.add(number("STEP", (String) name));
        assertEquals(wanted, steps);
        int kept = Spec.FIELD_RULE_MASK << Spec.FIELD_RULE_SHIFT;
        assertEquals(state(vector.getJSONObject("becomes")), after & ~kept);
        if (rule < Rules.numberOf("not-open")) assertEquals(rule, (after & kept) >> Spec.FIELD_RULE_SHIFT);
    }

    private static void linger(JSONObject vector) {
        int context = context(vector.getJSONObject("context"));
        int seconds = vector.optInt("seconds", -1);
        byte[] bytes = Engine.encodeLinger(context, seconds);
        boolean fits = bytes.length > 0;
        assertEquals(vector.getString("bytes"), fits ? HexFormat.ofDelimiter(" ").formatHex(bytes) : "out of range");
        if (fits) assertEquals(seconds, Engine.decodeLinger(context, bytes));
        int row = context & Spec.CONTEXT_PLATFORM_MASK;
        assertEquals(vector.getInt("level"), Engine.column(row, Spec.COLUMN_SOCKET_LEVEL));
        assertEquals(vector.getInt("option"), Engine.column(row, Spec.COLUMN_LINGER_OPTION));
    }

    private static void run(JSONObject vector) {
        if (vector.has("event")) decision(vector);
        else if (vector.has("seconds")) linger(vector);
        else {
            int normal = Engine.normalise(context(vector.getJSONObject("context")), vector.getInt("errno"));
            assertEquals(number("ERROR", vector.getString("error")), normal);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyVectorHolds() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(SPEC.resolve("vectors"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".json")).sorted().toList()) {
                JSONArray vectors = new JSONArray(Files.readString(file));
                for (int at = 0; at < vectors.length(); at++) {
                    JSONObject vector = vectors.getJSONObject(at);
                    tests.add(DynamicTest.dynamicTest(file.getFileName() + " " + at, () -> run(vector)));
                }
            }
        }
        assertTrue(tests.size() > 100);
        return tests.stream();
    }

    @Test
    void anInterruptedThreadIsAnsweredAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertEquals(Spec.ABI_VERSION, Engine.version());
        assertTrue(Thread.interrupted());
    }

    private static void assertInOrder(String group, Enum<?>[] words, int first) {
        for (Enum<?> word : words) assertEquals(first + word.ordinal(), number(group, word.name()), group + " " + word);
    }

    @Test
    void theWordsOfTheLibraryHaveTheNumbersOfTheAbi() {
        assertInOrder("ENDED", Verdict.Ended.values(), 0);
        assertInOrder("BY", Verdict.By.values(), 0);
        assertInOrder("DELIVERY", Verdict.Delivery.values(), 0);
        assertInOrder("RECEIVED", Verdict.Received.values(), 0);
        assertInOrder("CERTAINTY", Verdict.Certainty.values(), 0);
        assertInOrder("CONFIRM", Policy.Confirm.values(), 0);
        assertInOrder("PHASE", Guard.State.values(), 0);
        assertInOrder("RECEIVE", Receiving.values(), Spec.RECEIVE_DISCARD);
    }

    @Test
    void thisMachineHasARowOfTheTable() {
        assertTrue((Capabilities.contextBits() & Spec.CONTEXT_PLATFORM_MASK) > 0);
        assertEquals(8, Rules.row("linux", "mips64"));
        assertEquals(1, Rules.row("linux", "amd64"));
        assertEquals(0, Rules.row("plan9", "amd64"));
        assertEquals("macos", Capabilities.platformOf("Mac OS X"));
        assertEquals("windows", Capabilities.platformOf("Windows 11"));
        assertEquals("illumos", Capabilities.platformOf("SunOS"));
        assertEquals("freebsd", Capabilities.platformOf("FreeBSD"));
    }
}
