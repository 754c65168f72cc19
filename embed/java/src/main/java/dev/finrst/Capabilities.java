// What a guard can do on this machine: in words for its owner, in bits for the engine.
package dev.finrst;

import dev.finrst.engine.Rules;
import dev.finrst.engine.Spec;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * What Java and this system can really do for a connection, and why not.
 *
 * @param platform the row of the table that is consulted, such as linux
 * @param arm the death of the process resets the connection
 * @param abort a reset can be sent on purpose
 * @param hold the moment of the last close is the guard's
 * @param halfClose our FIN can be sent while receiving goes on
 * @param sendAfterPeerFin our direction outlives the peer's FIN
 * @param drain what the peer still sends can be read and thrown away
 * @param acked whether the peer's stack has everything can be known
 * @param linger SO_LINGER can be read and set
 */
public record Capabilities(
        String platform,
        Capability arm,
        Capability abort,
        Capability hold,
        Capability halfClose,
        Capability sendAfterPeerFin,
        Capability drain,
        Capability acked,
        Capability linger) {

    /**
     * One thing that can or cannot be done here.
     *
     * @param can whether it can
     * @param why by what, or why not
     */
    public record Capability(boolean can, String why) {}

    /** The most seconds that Java hands on: it cuts what is longer. */
    static final int MOST_LINGER_SECONDS = 65_535;

    static final Capabilities HERE = here(platformOf(System.getProperty("os.name", "")));

    /** The context's bits: the platform's row, what this host can do, and the order of its bytes. */
    static int contextBits() {
        int row = Rules.row(HERE.platform, System.getProperty("os.arch", ""));
        boolean bigEndian = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
        int can = Spec.CAN_ARM | Spec.CAN_HOLD | Spec.CAN_DRAIN;
        return row | can | (bigEndian ? Spec.CONTEXT_BIG_ENDIAN : 0);
    }

    static String platformOf(String system) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) return "macos";
        if (name.startsWith("windows")) return "windows";
        if (name.startsWith("sunos")) return "illumos";
        return name;
    }

    private static Capabilities here(String platform) {
        return new Capabilities(
                platform,
                yes("SO_LINGER {1,0} from the moment the socket is guarded"),
                yes("linger {1,0} and the last close; on a channel that a selector has, at its next select()"),
                yes("the guard closes the socket: closed by somebody else while it is armed, it is reset"),
                yes("shutdownOutput(), and receiving goes on"),
                yes("a socket of Java goes on sending after the peer's FIN"),
                yes("the socket is read to the peer's FIN, by a thread if it blocks"),
                new Capability(false, "Java has no query for the send queue"),
                linger(platform));
    }

    private static Capability linger(String platform) {
        // Row linger.unit: SO_LINGER itself counts in ticks there, and another option in seconds.
        if (platform.equals("macos")) return new Capability(false, "it is not known which option of macOS Java sets");
        return yes("SO_LINGER in seconds, at most " + MOST_LINGER_SECONDS);
    }

    private static Capability yes(String why) {
        return new Capability(true, why);
    }
}
