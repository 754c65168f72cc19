// A program that answers some peers and then dies, guarded or bare; its arguments say how.
//
// It connects to the port, sends half of an answer or all of it, says "ready", and dies when a line comes in.
package dev.finrst;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

final class Victim {
    static final int WHOLE = 2000;

    /** What is still referred to when the program dies. */
    private static List<Object> held = new ArrayList<>();

    private Victim() {}

    /** port, number of connections, bare, armed or a preset with answers, half or complete, the death. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        for (int count = Integer.parseInt(arguments[1]); count > 0; count--) serve(port, arguments[2], arguments[3]);
        System.out.println("ready");
        System.in.read();
        if (!arguments[4].equals("garbage")) {
            Deaths.die(arguments[4], 3);
            return;
        }
        held = null;
        for (int round = 0; System.in.available() == 0; round++) {
            System.gc();
            Thread.sleep(10);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void serve(int port, String hold, String situation) throws Exception {
        boolean complete = situation.startsWith("complete");
        Socket socket;
        if (situation.endsWith("channel")) {
            socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).socket();
        } else {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
        }
        held.add(socket);
        byte[] answer = Pattern.of(0, complete ? WHOLE : WHOLE / 2);
        if (hold.equals("bare") || hold.equals("armed")) {
            if (hold.equals("armed")) socket.setSoLinger(true, 0);
            socket.getOutputStream().write(answer);
            if (complete) socket.shutdownOutput();
            return;
        }
        String[] words = hold.split(",");
        Policy.Builder policy = Policy.of(words[0]).with();
        for (int at = 1; at < words.length; at += 2) policy.set(words[at], words[at + 1]);
        Guard guard = Finrst.guard(socket, policy.build());
        held.add(guard);
        guard.outputStream().write(answer);
        if (complete) guard.finishSending();
    }
}
