// Measures what the library costs: bytes, the load, a decision, and a guarded connection against a bare one.
//
// After ./test.sh, which builds: java -cp '.cache/embed/java/classes:.cache/embed/java/lib/*' embed/java/Bench.java

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

public final class Bench {
    /** Short rounds, because a busy machine leaves few long moments alone. */
    private static final int CALLS = 20_000;

    private static final int ROUNDS = 1_000;
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

    /** Nanoseconds of one call, the best of many rounds after some to warm up. */
    private static double nanos(Work work) throws IOException {
        double[] taken = new double[ROUNDS];
        for (int round = -200; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            for (int nth = 0; nth < CALLS; nth++) work.perform(nth);
            if (round >= 0) taken[round] = (System.nanoTime() - begin) / (double) CALLS;
        }
        return Arrays.stream(taken).min().orElseThrow();
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

    /** All that an abort asks of the engine: the decision, the state, and the results of five steps. */
    private static void abort() {
        int state = Engine.enter(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_ABORT, 0);
        int plan = Engine.decide(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_ABORT, 0);
        for (int steps = plan & Spec.PLAN_ALL_STEPS; steps != 0; steps >>= Spec.PLAN_STEP_BITS) {
            state = Engine.settle(state, steps & Spec.PLAN_STEP_MASK, Spec.RESULT_DONE);
        }
        sum += state;
    }

    /** The bytes of the jar, or of the folder of classes, that a class comes from. */
    private static long bytes(Class<?> of) throws Exception {
        Path place = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static Map<String, Double> measure() throws Exception {
        Map<String, Double> found = new LinkedHashMap<>();
        long begin = System.nanoTime();
        sum += Engine.decide(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_CLOSE, 0);
        double load = System.nanoTime() - begin;
        Instance instance = Instance.builder(PolicyModule.load()).withMachineFactory(PolicyModule::create).build();
        ExportFunction empty = instance.export("version");
        found.put("emptyCall", nanos(nth -> sum += empty.apply()[0]));
        found.put("emptyCallLocked", nanos(nth -> sum += Engine.version()));
        found.put("decide", nanos(nth -> sum += Engine.decide(CONTEXT, Spec.PHASE_OPEN, Spec.EVENT_CLOSE, nth & 4)));
        found.put("on", nanos(nth -> abort()));
        found.put("load", load);
        // The JSON of the testee lies beside them and is no part of the library.
        found.put("bytesAdded", (double) bytes(Engine.class) + bytes(Instance.class) + bytes(Parser.class));
        for (boolean channel : new boolean[] {false, true}) {
            String of = channel ? "OfChannel" : "OfSocket";
            found.put("writeAndCloseBare" + of, micros(channel, Bench::bare) * 1e3);
            found.put("writeAndComplete" + of, micros(channel, Bench::notAwaited) * 1e3);
            found.put("block" + of, micros(channel, Bench::guarded) * 1e3);
            found.put("guardAndAbort" + of, micros(channel, Bench::aborted) * 1e3);
        }
        return found;
    }

    /** Prints one line of JSON; times are nanoseconds. */
    public static void main(String[] arguments) throws Exception {
        StringJoiner line = new StringJoiner(",", "{", "}");
        measure().forEach((name, value) -> line.add(String.format(Locale.ROOT, "\"%s\":%.1f", name, value)));
        System.out.println(line);
    }
}
