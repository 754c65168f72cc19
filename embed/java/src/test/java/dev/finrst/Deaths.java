// The ways in which the process of a test dies.
package dev.finrst;

import java.io.IOException;
import org.json.JSONObject;

final class Deaths {
    private Deaths() {}

    /** The reply to these is the death of the process. */
    static void die(JSONObject request) throws Exception {
        switch (request.getString("do")) {
            case "throw":
                throw new IllegalStateException("the script threw");
            case "exit":
                System.exit(request.getInt("code"));
                break;
            default:
                String name = request.optString("name", "SIGABRT").substring(3);
                long self = ProcessHandle.current().pid();
                new ProcessBuilder("kill", "-s", name, String.valueOf(self)).start().waitFor();
                Thread.sleep(10_000);
                throw new IOException("the process is still alive");
        }
    }
}
