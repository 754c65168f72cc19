// A server that sends a long answer and sometimes fails in the middle: the peer can tell, because a failure is a reset.
//
// After ./test.sh, which builds: java -cp '.cache/embed/java/classes:.cache/embed/java/lib/*' embed/java/Example.java

import dev.finrst.Finrst;
import dev.finrst.Guard;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

public final class Example {
    private Example() {}

    /** Sends a thousand rows, or fails at the five hundredth. */
    private static void answer(Guard guard, boolean fail) throws IOException {
        OutputStream out = new BufferedOutputStream(guard.outputStream());
        for (int row = 0; row < 1000; row++) {
            if (fail && row == 500) throw new IllegalStateException("the database has gone");
            out.write(String.format("row %4d%n", row).getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    private static void serve(Socket socket) throws IOException {
        try (Guard guard = Finrst.guard(socket)) {
            boolean fail = guard.inputStream().read() == 'f';
            answer(guard, fail);
            guard.complete(); // an exception passes this line by, and then the block ends with a reset
        } catch (IllegalStateException failed) {
            System.out.println("  the handler threw  " + failed.getMessage());
        }
    }

    /** What a plain client makes of the answer. */
    private static String ask(int port, char wish) throws IOException {
        int count = 0;
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write(wish);
            byte[] chunk = new byte[65_536];
            try {
                for (int got = client.getInputStream().read(chunk); got >= 0; ) {
                    count += got;
                    got = client.getInputStream().read(chunk);
                }
            } catch (SocketException reset) {
                return "a reset: this is not the whole answer";
            }
        }
        return count + " bytes and end of file: complete";
    }

    /** Asks twice. */
    public static void main(String[] arguments) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            for (char wish : new char[] {'a', 'f'}) {
                System.out.println(wish == 'a' ? "wish: all of it" : "wish: a failure");
                Thread server =
                        new Thread(
                                () -> {
                                    try {
                                        serve(listener.accept());
                                    } catch (IOException error) {
                                        error.printStackTrace();
                                    }
                                });
                server.start();
                String told = ask(listener.getLocalPort(), wish);
                server.join();
                System.out.println("  the client reads   " + told);
            }
        }
    }
}
