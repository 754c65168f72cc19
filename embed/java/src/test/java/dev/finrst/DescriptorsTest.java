// Connections that end in every way leave no descriptor behind; FINRST_CONNECTIONS says how many there are.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.finrst.Pair.Kind;
import java.io.File;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DescriptorsTest {
    private static final File OPEN = new File("/proc/self/fd");

    private static int open() {
        return OPEN.list().length;
    }

    private static void end(Pair pair, Guard guard, int how) throws IOException {
        Pair.send(guard, Pattern.of(0, 100));
        switch (how) {
            case 0:
                guard.complete(Pair.LIMIT);
                break;
            case 1:
                guard.abort();
                break;
            case 2:
                guard.drop();
                break;
            case 3:
                guard.close();
                break;
            case 4:
                guard.finishSending();
                pair.peer.close();
                Pair.receiveEnd(guard);
                break;
            default:
                pair.resetByPeer();
                guard.complete(Pair.LIMIT);
                break;
        }
        pair.peer.close();
    }

    @Test
    void noDescriptorIsLeft() throws IOException {
        assumeTrue(OPEN.isDirectory(), "only Linux lists the descriptors of a process so");
        int connections = Integer.parseInt(System.getenv().getOrDefault("FINRST_CONNECTIONS", "600"));
        Pair.of(Kind.NON_BLOCKING).close();
        int before = open();
        for (int at = 0; at < connections; at++) {
            Pair pair = Pair.of(Kind.values()[at % 3]);
            Guard guard = pair.guard();
            end(pair, guard, at / 3 % 6);
            Pair.until(guard::isReleased);
        }
        // The JVM opens a file of its own now and then.
        assertTrue(open() <= before + 5, "descriptors: " + before + " before, " + open() + " now");
    }
}
