// The connections that the end of the process concerns, and what kind of end it is.
//
// 1. Death without code of ours is covered by arming; what is here covers the JVM's orderly end.
// 2. The JVM runs the same hooks for System.exit, for a signal, and when the last thread has ended, whether or not it
//    threw. The last is taken for a crash: wrong in that direction a reset stands where a FIN might have.
// 3. The connections are known weakly: one that was forgotten is closed by the JDK, and being armed it is reset.
package dev.finrst;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

final class Exit {
    private static final Set<Connection> ALIVE =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(Exit::end, "finrst-exit"));
        } catch (IllegalStateException ending) {
            // The process ends already: what is guarded now is armed, and that is all that can be done.
        }
    }

    private Exit() {}

    static void remember(Connection connection) {
        ALIVE.add(connection);
    }

    static void forget(Connection connection) {
        ALIVE.remove(connection);
    }

    private static void end() {
        List<Connection> connections;
        synchronized (ALIVE) {
            connections = new ArrayList<>(ALIVE);
        }
        if (connections.isEmpty()) return;
        boolean onPurpose = onPurpose();
        for (Connection each : connections) each.processEnds(onPurpose);
    }

    /** Whether somebody called for the end: System.exit and the JVM's handlers of signals go through Shutdown.exit. */
    private static boolean onPurpose() {
        for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
            for (StackTraceElement frame : stack) {
                boolean exits = frame.getMethodName().equals("exit");
                if (exits && frame.getClassName().equals("java.lang.Shutdown")) return true;
            }
        }
        return false;
    }
}
