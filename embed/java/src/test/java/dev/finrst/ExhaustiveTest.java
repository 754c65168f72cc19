// Every answer of decide and of enter over the whole domain: their hashes are those of spec/vectors.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.finrst.engine.Engine;
import dev.finrst.engine.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExhaustiveTest {
    private static final int EVENTS = 18;

    private final MessageDigest digest = MessageDigest.getInstance("SHA-256");
    private final ByteBuffer block = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private final JSONObject domain;
    private int count;

    ExhaustiveTest() throws IOException, NoSuchAlgorithmException {
        domain = new JSONObject(Files.readString(VectorsTest.SPEC.resolve("domain.json")));
    }

    private static String nameOf(int event) throws IllegalAccessException {
        for (var field : Spec.class.getFields()) {
            if (field.getName().startsWith("EVENT_") && field.getInt(null) == event) return field.getName().substring(6);
        }
        throw new AssertionError("there is no event " + event);
    }

    /** The inputs that an event reads in a phase. */
    private String[] reads(String kind, String event, int phase) {
        JSONObject entry;
        if (phase == Spec.PHASE_ENDED) return new String[0];
        if (phase == Spec.PHASE_NEW) {
            entry = domain.getJSONObject("whenNew").optJSONObject(event, new JSONObject());
        } else {
            JSONObject when = domain.getJSONObject("events").getJSONObject(event);
            boolean late = phase == Spec.PHASE_FINISHED || phase == Spec.PHASE_DRAINING;
            entry = when.optJSONObject("always");
            if (entry == null) entry = when.getJSONObject(late ? "late" : "early");
        }
        String names = entry.optString(kind, "").trim();
        return names.isEmpty() ? new String[0] : names.split(" +");
    }

    private List<Integer> values(JSONObject input) {
        List<Integer> values = new ArrayList<>();
        if (input.get("values") instanceof JSONArray given) {
            for (Object value : given) values.add((Integer) value);
            return values;
        }
        Map<Integer, Integer> traits = new LinkedHashMap<>();
        for (int row = 0; row < 64; row++) {
            traits.putIfAbsent(Engine.column(row, Spec.COLUMN_TRAITS) & domain.getInt("traitsMask"), row);
        }
        values.addAll(traits.values());
        return values;
    }

    private Map<String, int[]> words(String[] names) {
        Map<String, int[]> lists = new HashMap<>();
        for (String word : new String[] {"context", "state", "facts"}) lists.put(word, new int[] {0});
        for (String name : names) {
            JSONObject input = domain.getJSONObject("inputs").getJSONObject(name);
            List<Integer> values = values(input);
            int[] before = lists.get(input.getString("word"));
            int[] longer = new int[before.length * values.size()];
            int at = 0;
            for (int word : before) for (int value : values) longer[at++] = word | value;
            lists.put(input.getString("word"), longer);
        }
        return lists;
    }

    private int stateMask(String[] names) {
        int mask = Spec.PHASE_MASK;
        for (String name : names) {
            JSONObject input = domain.getJSONObject("inputs").getJSONObject(name);
            if (input.getString("word").equals("state")) mask |= input.getInt("mask");
        }
        return mask;
    }

    private void put(int answer) {
        block.putInt(answer);
        count++;
        if (!block.hasRemaining()) flush();
    }

    private void flush() {
        digest.update(block.flip());
        block.clear();
    }

    private void answer(String kind, int event, int phase) throws IllegalAccessException {
        String[] names = reads(kind, nameOf(event), phase);
        Map<String, int[]> lists = words(names);
        int untouched = ~stateMask(names);
        boolean decides = kind.equals("decide");
        for (int context : lists.get("context")) {
            for (int state : lists.get("state")) {
                for (int facts : lists.get("facts")) {
                    if (decides) {
                        put(Engine.decide(context, state | phase, event, facts));
                        continue;
                    }
                    put(Engine.enter(context, state | phase, event, facts));
                    put(Engine.enter(context, state | phase | untouched, event, facts));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"decide", "enter"})
    void everyAnswerIsThePinnedOne(String kind) throws IOException, IllegalAccessException {
        for (int event = 1; event <= EVENTS; event++) {
            for (int phase = Spec.PHASE_NEW; phase <= Spec.PHASE_ENDED; phase++) answer(kind, event, phase);
        }
        flush();
        String line = HexFormat.of().formatHex(digest.digest()) + "  " + kind + ", " + count + " words";
        List<String> pinned = Files.readAllLines(VectorsTest.SPEC.resolve("vectors/exhaustive.sha256"));
        assertTrue(pinned.contains(line), () -> line + "; expected one of " + pinned);
    }
}
