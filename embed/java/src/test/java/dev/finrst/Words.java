// A guard's answers in the words of the testee protocol.
package dev.finrst;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.json.JSONObject;

final class Words {
    private Words() {}

    static void say(JSONObject message) {
        byte[] line = (message + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (System.out) {
            System.out.write(line, 0, line.length);
            System.out.flush();
        }
    }

    static JSONObject event(String name) {
        return new JSONObject().put("event", name);
    }

    static JSONObject hello(boolean channels) {
        JSONObject can = new JSONObject();
        for (var each : Capabilities.class.getRecordComponents()) {
            try {
                Object value = each.getAccessor().invoke(Capabilities.HERE);
                if (value instanceof Capabilities.Capability it) {
                    can.put(each.getName(), new JSONObject().put("can", it.can()).put("why", it.why()));
                }
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }
        return new JSONObject()
                .put("protocol", 1)
                .put("testee", channels ? "finrst-java-channel" : "finrst-java")
                .put("version", "0.1.0")
                .put("platform", Capabilities.HERE.platform())
                .put("runtime", "java " + System.getProperty("java.version"))
                .put("capabilities", can);
    }

    static JSONObject of(Verdict verdict) {
        JSONObject words = new JSONObject();
        words.put("ended", word(verdict.ended())).put("by", word(verdict.by())).put("cause", word(verdict.cause()));
        words.put("delivery", word(verdict.delivery())).put("received", word(verdict.received()));
        words.put("certainty", word(verdict.certainty())).put("rule", verdict.rule());
        verdict.unsent().ifPresent(count -> words.put("unsent", count));
        if (verdict.error() != null) words.put("error", verdict.error().toString());
        return words;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
