// Lets victims die and tells what their peers, in this process, read.
package dev.finrst;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

final class Crash {
    private static final int TRIALS = 20;
    private static final int TOGETHER = 5;

    private Crash() {}

    /** What the peers of one victim read, each as the bytes and "eof", "reset" or "open". */
    static List<Pair.Ending> of(String hold, String situation, String death, int connections) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, connections, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(Pair.LIMIT_MILLIS);
            Process victim = start(listener.getLocalPort(), connections, hold, situation, death);
            List<Socket> peers = new ArrayList<>();
            try {
                for (int at = 0; at < connections; at++) peers.add(listener.accept());
                var said = new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8);
                String line = new BufferedReader(said).readLine();
                if (!"ready".equals(line)) throw new IOException("the victim said " + line);
                // All of what was sent is read before the death, so that a reset can take nothing of it away.
                List<byte[]> begun = new ArrayList<>();
                int sent = situation.startsWith("half") ? Victim.WHOLE / 2 : Victim.WHOLE;
                for (Socket peer : peers) {
                    // A channel that was forgotten is never closed, and that is not waited for.
                    boolean never = death.equals("garbage") && situation.endsWith("channel");
                    peer.setSoTimeout(never ? 1000 : Pair.LIMIT_MILLIS);
                    begun.add(peer.getInputStream().readNBytes(sent));
                }
                victim.getOutputStream().write('\n');
                victim.getOutputStream().flush();
                List<Pair.Ending> endings = new ArrayList<>();
                for (int at = 0; at < connections; at++) endings.add(ending(begun.get(at), peers.get(at)));
                if (!death.equals("garbage") && !victim.waitFor(Pair.LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IOException("the victim lives");
                }
                return endings;
            } finally {
                victim.destroyForcibly().waitFor();
                for (Socket peer : peers) peer.close();
            }
        }
    }

    private static Pair.Ending ending(byte[] begun, Socket peer) throws IOException {
        try {
            Pair.Ending rest = Pair.ending(peer);
            return rest.count() == 0 ? new Pair.Ending(begun, rest.how()) : rest;
        } catch (java.net.SocketTimeoutException open) {
            return new Pair.Ending(begun, "open");
        }
    }

    private static Process start(int port, int connections, String... how) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        String quick = "-Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m -XX:-CreateCoredumpOnCrash";
        command.addAll(List.of(quick.split(" ")));
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of("-cp", path, Victim.class.getName()));
        command.addAll(List.of(String.valueOf(port), String.valueOf(connections)));
        command.addAll(List.of(how));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        // An uncaught exception is what is wanted here, and need not be read by anybody.
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Prints a line of JSON for each cell of what Java does without a guard; a few die with each program. */
    public static void main(String[] arguments) throws Exception {
        for (String hold : new String[] {"bare", "armed"}) {
            for (String situation : new String[] {"half", "half-channel", "complete"}) {
                for (String death : Deaths.NAMES) tell(hold, situation, death);
                tell(hold, situation, "garbage");
            }
        }
    }

    private static void tell(String hold, String situation, String death) throws Exception {
        List<String> read = new ArrayList<>();
        while (read.size() < TRIALS) {
            for (Pair.Ending each : of(hold, situation, death, TOGETHER)) read.add(each.how());
        }
        String[] words = situation.split("-");
        var line =
                new org.json.JSONObject()
                        .put("language", "java")
                        .put("version", System.getProperty("java.version"))
                        .put("transport", words.length > 1 ? words[1] : "socket")
                        .put("hold", hold)
                        .put("death", death)
                        .put("situation", words[0])
                        .put("read", String.join("|", new java.util.TreeSet<>(read)))
                        .put("trials", read.size());
        System.out.println(line);
    }
}
