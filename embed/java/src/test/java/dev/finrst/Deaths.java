// The ways in which a process dies, and what is no death but the loss of the last reference.
package dev.finrst;

import java.io.IOException;

final class Deaths {
    /** By the names of the crash matrix; halt and end are Java's own. */
    static final String[] NAMES = {
        "exception", "exit", "halt", "end", "abort", "kill", "terminate", "interrupt",
    };

    private Deaths() {}

    /** Dies; "end" returns, and is the caller's to go on with. */
    static void die(String how, int code) throws IOException, InterruptedException {
        switch (how) {
            case "end":
                return;
            case "exception":
                throw new IllegalStateException("nobody catches this");
            case "exit":
                System.exit(code);
                return;
            case "halt":
                Runtime.getRuntime().halt(code);
                return;
            case "abort":
                signal("ABRT");
                return;
            case "kill":
                signal("KILL");
                return;
            case "terminate":
                signal("TERM");
                return;
            case "interrupt":
                signal("INT");
                return;
            default:
                throw new IllegalArgumentException("there is no death " + how);
        }
    }

    /** Java has no kill(2). A shell's is there wherever one is. */
    static void signal(String name) throws IOException, InterruptedException {
        long self = ProcessHandle.current().pid();
        new ProcessBuilder("kill", "-s", name, String.valueOf(self)).inheritIO().start().waitFor();
        Thread.sleep(60_000);
        throw new IOException("the process is still alive");
    }
}
