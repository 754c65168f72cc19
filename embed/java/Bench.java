// Measures what the library costs: bytes, the load, a decision, and a guarded connection against a bare one.
//
// After ./test.sh, which builds: java -cp '.cache/embed/java/classes:.cache/embed/java/lib/*' embed/java/Bench.java
// With --json it prints one line for a machine.

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.finrst.Finrst;
import dev.finrst.Guard;
import dev.finrst.engine.Engine;
import dev.finrst.engine.PolicyModule;
import dev.finrst.engine.Spec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

public final class Bench {
    private static final int CALLS = 2_000_000;
    private static final int ROUNDS = 15;
    private static final int CONNECTIONS = 300;
    private static final int CONTEXT = 1 | Spec.CAN_ARM | Spec.CAN_HOLD | Spec.CAN_DRAIN;

    /** What the compiler must not take away. */
    private static long sum;

    private Bench() {}

    /** Something that is done many times. */
    private interface Work {
        void perform(int nth) throws IOException;
    }

    /** What a server does with one connection. */
    private interface Serve {
        void with(Socket socket) throws IOException;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** Nanoseconds of one call, the median of some rounds after two to warm up. */
    private static double nanos(Work work) throws IOException {
        double[] taken = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int nth = 0; nth < CALLS; nth++) work.perform(nth);
            if (round >= 0) taken[round] = (System.nanoTime() - begin) / (double) CALLS;
        }
        return median(taken);
    }

    private static void readToTheEnd(Socket peer) {
        try (peer) {
            byte[] chunk = new byte[65_536];
            while (peer.getInputStream().read(chunk) >= 0) continue;
        } catch (IOException reset) {
            // That is an end too.
        }
    }

    /** Microseconds from the accepted connection to the end of the server's work with it. */
    private static double micros(boolean channel, Serve serve) throws Exception {
        ExecutorService readers = Executors.newSingleThreadExecutor();
        double[] taken = new double[CONNECTIONS];
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocketChannel channels = ServerSocketChannel.open();
                ServerSocket sockets = new ServerSocket(0, 50, loopback)) {
            channels.bind(new InetSocketAddress(loopback, 0));
            int port = channel ? channels.socket().getLocalPort() : sockets.getLocalPort();
            for (int nth = -100; nth < CONNECTIONS; nth++) {
                Socket peer = new Socket(loopback, port);
                Socket socket = channel ? channels.accept().socket() : sockets.accept();
                Future<?> read = readers.submit(() -> readToTheEnd(peer));
                long begin = System.nanoTime();
                serve.with(socket);
                if (nth >= 0) taken[nth] = (System.nanoTime() - begin) / 1e3;
                read.get();
            }
        } finally {
            readers.shutdown();
        }
        return median(taken);
    }

    private static void bare(Socket socket) throws IOException {
        try (socket) {
            socket.getOutputStream().write(42);
        }
    }

    private static void guarded(Socket socket) throws IOException {
        try (Guard guard = guard(socket)) {
            guard.outputStream().write(42);
            guard.complete();
        }
    }

    private static void notAwaited(Socket socket) throws IOException {
        Guard guard = guard(socket);
        guard.outputStream().write(42);
        guard.complete();
    }

    private static void aborted(Socket socket) throws IOException {
        guard(socket).abort();
    }

    private static Guard guard(Socket socket) {
        return socket.getChannel() == null ? Finrst.guard(socket) : Finrst.guard(socket.getChannel());
    }

    /** The stages of one life of a connection, as the guard calls them. */
    private static void live() {
        int state = 0;
        for (int event : new int[] {Spec.EVENT_OPEN, Spec.EVENT_CLOSE, Spec.EVENT_FLUSHED, Spec.EVENT_FIN_SENT}) {
            int plan = Engine.decide(CONTEXT, state, event, 0);
            state = Engine.enter(CONTEXT, state, event, 0);
            for (int steps = plan & Spec.PLAN_ALL_STEPS; steps != 0; steps >>= Spec.PLAN_STEP_BITS) {
                state = Engine.settle(state, steps & Spec.PLAN_STEP_MASK, Spec.RESULT_DONE);
            }
        }
        sum += state;
    }

    private static Map<String, Object> measure() throws Exception {
        Map<String, Object> found = new LinkedHashMap<>();
        long begin = System.nanoTime();
        sum += Engine.decide(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_CLOSE, 0);
        found.put("load the engine, once, ms", (System.nanoTime() - begin) / 1e6);
        Instance instance = Instance.builder(PolicyModule.load()).withMachineFactory(PolicyModule::create).build();
        ExportFunction empty = instance.export("version");
        found.put("an empty call of Chicory, ns", nanos(nth -> sum += empty.apply()[0]));
        found.put("an empty call of Engine, ns", nanos(nth -> sum += Engine.version()));
        found.put(
                "decide, ns", nanos(nth -> sum += Engine.decide(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_CLOSE, nth & 4)));
        found.put("all decisions of one connection, ns", nanos(nth -> live()));
        for (boolean channel : new boolean[] {false, true}) {
            String of = channel ? " a SocketChannel" : " a Socket";
            found.put("write and close" + of + ", bare, µs", micros(channel, Bench::bare));
            found.put("write and complete" + of + ", µs", micros(channel, Bench::notAwaited));
            found.put("the block that waits for the verdict," + of + ", µs", micros(channel, Bench::guarded));
            found.put("guard and abort" + of + ", µs", micros(channel, Bench::aborted));
        }
        return found;
    }

    /** Prints a line for each number, or one for all. */
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> found = measure();
        boolean json = arguments.length > 0 && arguments[0].equals("--json");
        StringBuilder line = new StringBuilder("{\"language\":\"java\",\"version\":\"");
        line.append(System.getProperty("java.version")).append('"');
        for (var each : found.entrySet()) {
            String value = String.format(Locale.ROOT, "%.1f", each.getValue());
            if (json) line.append(",\"").append(each.getKey()).append("\":").append(value);
            else System.out.printf("%-56s%10s%n", each.getKey(), value);
        }
        if (json) System.out.println(line.append('}'));
    }
}
