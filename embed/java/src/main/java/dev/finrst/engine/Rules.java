// The rules and the platforms by their names, as the library asks for them.
package dev.finrst.engine;

import java.util.Locale;

/** Looks up what {@link Spec} holds. */
public final class Rules {
    private Rules() {}

    /** The id, the title and the reason of the rule with this number, or its number alone. */
    public static String[] rule(int number) {
        boolean known = number >= 1 && number <= Spec.RULES.length;
        return known ? Spec.RULES[number - 1].clone() : new String[] {"rule " + number, "", ""};
    }

    /** The number of a rule; 0: there is none of that id. */
    public static int numberOf(String id) {
        for (int at = 0; at < Spec.RULES.length; at++) {
            if (Spec.RULES[at][0].equals(id)) return at + 1;
        }
        return 0;
    }

    /** The row of a platform, on a machine as the JVM calls it; 0: none is known. */
    public static int row(String platform, String machine) {
        String known = machine.toLowerCase(Locale.ROOT);
        for (var entry : Spec.ROWS.entrySet()) {
            String id = entry.getKey();
            if (id.startsWith(platform + "-") && known.startsWith(id.substring(platform.length() + 1))) {
                return entry.getValue();
            }
        }
        return Spec.ROWS.getOrDefault(platform, 0);
    }
}
