// The testee of the Java embedding: one guarded connection, driven by the line protocol of spec/testee.md.
//
// 1. The program under test is an ordinary one with threads: one reads, one writes, the main one obeys.
// 2. The argument tells what is guarded: a Socket, or a SocketChannel that blocks.
// 3. What Java has no call for is declared as such.
package dev.finrst;

import static dev.finrst.Words.event;
import static dev.finrst.Words.say;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.json.JSONArray;
import org.json.JSONObject;

final class Testee {
    private static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unsupported(String why) {
            super(why);
        }
    }

    private interface Call {
        void make() throws Exception;
    }

    /** Bytes that are to be written, and the hold that says so to the guard. */
    private record Block(long from, long count, Closeable held, CompletableFuture<Void> done) {}

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String LOOPBACK = "127.0.0.1";

    private final boolean channels;
    private final BlockingQueue<Block> blocks = new LinkedBlockingQueue<>();
    private final BlockingQueue<JSONObject> rest = new LinkedBlockingQueue<>();
    private volatile Socket socket;
    private volatile Guard guard;
    private volatile long received;
    private long written;
    private Thread reader;

    private Testee(boolean channels) {
        this.channels = channels;
    }

    public static void main(String[] arguments) throws Exception {
        Testee testee = new Testee(arguments.length > 0 && arguments[0].equals("channel"));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject request = new JSONObject(line);
            JSONObject reply;
            try {
                reply = testee.obey(request).put("ok", true);
            } catch (Unsupported why) {
                reply = new JSONObject().put("ok", false).put("unsupported", true).put("why", why.getMessage());
            } catch (IOException | IllegalArgumentException error) {
                reply = new JSONObject().put("ok", false).put("error", error.toString());
            }
            say(reply);
        }
        // What still drains is nobody's concern any more: the runner has gone.
        Runtime.getRuntime().halt(0);
    }

    private static Thread start(Call call) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                call.make();
                            } catch (Exception error) {
                                say(event("error").put("error", error.toString()));
                            }
                        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private JSONObject obey(JSONObject request) throws Exception {
        String what = request.getString("do");
        switch (what) {
            case "hello":
                return Words.hello(channels);
            case "open":
                return open(request);
            case "read":
                startReading();
                return new JSONObject();
            case "write":
                write(request.getLong("bytes"), true);
                return new JSONObject();
            case "together":
                together(request.getJSONArray("calls"));
                return new JSONObject();
            case "verdict":
                return new JSONObject().put("verdict", Words.of(guarded().connection().await(null)));
            case "state":
                return state();
            case "rest":
                return rest.take();
            case "throw":
            case "exit":
            case "abort-process":
            case "signal":
                die(request);
                return new JSONObject();
            default:
                command(what, request);
                return new JSONObject();
        }
    }

    // ---- The connection --------------------------------------------------------------------------------------------

    private JSONObject open(JSONObject request) throws IOException {
        Call accept;
        int port;
        if (channels) {
            var listener = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0), 1);
            port = listener.socket().getLocalPort();
            accept = () -> accepted(listener.accept().socket(), listener, request);
        } else {
            var listener = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK));
            port = listener.getLocalPort();
            accept = () -> accepted(listener.accept(), listener, request);
        }
        start(accept);
        return new JSONObject().put("host", LOOPBACK).put("port", port);
    }

    private void accepted(Socket accepted, Closeable listener, JSONObject request) throws IOException {
        listener.close();
        String preset = request.getString("guard");
        if (!preset.equals("none")) {
            Policy.Builder policy = Policy.of(preset).with();
            // A socket of Java may always be half-open; where the script's may not, that is a policy.
            boolean keeps = request.optBoolean("halfOpen") || preset.equals("strict");
            if (!keeps) policy.onPeerFin(Policy.PeerFin.CLOSE);
            JSONObject answers = request.optJSONObject("policy", new JSONObject());
            for (String name : answers.keySet()) policy.set(name, String.valueOf(answers.get(name)));
            if (System.getenv("FINRST_TRACE") != null) policy.trace(System.err::println);
            Guard made =
                    accepted.getChannel() == null
                            ? Finrst.guard(accepted, policy.build())
                            : Finrst.guard(accepted.getChannel(), policy.build());
            guard = made;
            start(() -> tellClosed(made));
        }
        socket = accepted;
        start(this::writeBlocks);
        if (!request.optBoolean("unread")) startReading();
        say(event("open"));
    }

    private static void tellClosed(Guard guard) {
        guard.connection().await(guard::isReleased, Long.MAX_VALUE);
        say(event("closed"));
    }

    private void startReading() {
        if (reader == null) reader = start(this::read);
    }

    private void read() {
        byte[] bytes = new byte[65_536];
        try {
            for (int count = read(bytes); count >= 0; count = read(bytes)) {
                say(event("read").put("bytes", count).put("ok", Pattern.matches(bytes, count, received)));
                received += count;
            }
            say(event("eof"));
        } catch (IOException error) {
            boolean reset = Wire.isReset(error);
            say(reset ? event("reset") : event("error").put("error", error.toString()));
        }
    }

    private int read(byte[] into) throws IOException {
        if (guard != null) return guard.inputStream().read(into);
        return channels ? socket.getChannel().read(ByteBuffer.wrap(into)) : socket.getInputStream().read(into);
    }

    private void send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        if (guard != null) guard.outputStream().write(bytes);
        else if (!channels) socket.getOutputStream().write(bytes);
        else while (left.hasRemaining()) socket.getChannel().write(left);
    }

    /** The thread has the bytes from now on; the reply waits a moment, because most of them the kernel takes at once. */
    private void write(long count, boolean patient) throws Exception {
        Closeable held = guard == null ? () -> {} : guard.sending();
        Block block = new Block(written, count, held, new CompletableFuture<>());
        written += count;
        blocks.add(block);
        if (!patient) return;
        try {
            block.done.get(50, TimeUnit.MILLISECONDS);
        } catch (TimeoutException later) {
            // The peer does not read as fast.
        }
    }

    private void writeBlocks() throws Exception {
        while (true) {
            Block block = blocks.take();
            try (Closeable held = block.held) {
                for (long at = 0; at < block.count; at += 65_536) {
                    send(Pattern.of(block.from + at, (int) Math.min(65_536, block.count - at)));
                }
            } catch (IOException error) {
                say(event("error").put("error", error.toString()));
            } finally {
                block.done.complete(null);
            }
        }
    }

    private void together(JSONArray calls) throws Exception {
        for (int at = 0; at < calls.length(); at++) {
            JSONObject call = calls.getJSONObject(at);
            if (call.getString("do").equals("write")) write(call.getLong("bytes"), false);
            else obey(call);
        }
    }

    // ---- What is asked ---------------------------------------------------------------------------------------------

    private Guard guarded() {
        if (guard == null) throw new Unsupported("the connection is not guarded");
        return guard;
    }

    private JSONObject state() throws IOException {
        OptionalInt linger = guarded().linger();
        return new JSONObject()
                .put("armed", guard.isArmed())
                .put("linger", linger.isPresent() ? linger.getAsInt() : JSONObject.NULL)
                .put("unsent", guard.unsent().isPresent() ? guard.unsent().getAsLong() : JSONObject.NULL);
    }

    // ---- Calls -----------------------------------------------------------------------------------------------------

    /** Lets a call that waits go on while the reply is given; a refusal is told as an event. */
    private static void later(String name, Call call) {
        start(
                () -> {
                    try {
                        call.make();
                    } catch (IOException error) {
                        say(event("rejected").put("call", name).put("error", error.toString()));
                    }
                });
    }

    private void command(String what, JSONObject request) throws Exception {
        switch (what) {
            case "close":
                close(request);
                break;
            case "abort":
                guarded().abort();
                break;
            case "fail":
                guarded().fail(new IllegalStateException("the script failed"));
                break;
            case "finish":
                finish();
                break;
            case "stop":
                guarded().stopReceiving(Receiving.valueOf(request.getString("how").toUpperCase(Locale.ROOT)));
                break;
            case "finalise":
                finalise(request);
                break;
            case "dispose":
                guarded().drop();
                break;
            case "linger":
                boolean off = request.isNull("seconds");
                guarded().setLinger(off ? OptionalInt.empty() : OptionalInt.of(request.getInt("seconds")));
                break;
            case "run":
                run(request.getString("how").equals("throw"));
                break;
            case "end":
            case "destroy":
            case "destroy-error":
                ordinary(what);
                break;
            case "reset-and-destroy":
                throw new Unsupported("a socket of Java has no reset of its own");
            case "reject":
                throw new Unsupported("an error of a thread does not end a Java process");
            default:
                throw new Unsupported("there is no call " + what);
        }
    }

    private void close(JSONObject request) {
        Guard held = guarded();
        String confirm = request.optString("confirm", "acked").toUpperCase(Locale.ROOT);
        Duration within = within(request);
        // The declaration is made before the reply; only the wait for the verdict goes on.
        held.connection().complete(Policy.Confirm.valueOf(confirm));
        start(() -> held.connection().await(within));
    }

    private static Duration within(JSONObject request) {
        return request.has("within") ? Duration.ofMillis(request.getLong("within")) : LONG;
    }

    private void finish() {
        Guard held = guarded();
        held.connection().finishSending();
        later(
                "finish",
                () -> {
                    held.finishSending();
                    say(event("finished"));
                });
    }

    private void finalise(JSONObject request) {
        Guard held = guarded();
        long first = received;
        later(
                "finalise",
                () -> {
                    byte[] bytes = held.finalise(within(request), request.optLong("limit", 2 << 20)).rest();
                    boolean intact = Pattern.matches(bytes, bytes.length, first);
                    rest.add(new JSONObject().put("bytes", bytes.length).put("intact", intact));
                });
    }

    private void run(boolean throwing) {
        Guard held = guarded();
        start(() -> {
            try {
                Finrst.run(held, it -> throwing ? unlucky() : "lucky");
            } catch (IllegalStateException ours) {
                // The verdict tells it.
            }
        });
    }

    private static String unlucky() {
        throw new IllegalStateException("the script threw inside of run");
    }

    /** The calls that a program makes who knows of no guard, or for whom a block has ended by an exception. */
    private void ordinary(String what) throws Exception {
        if (guard != null) {
            if (what.equals("destroy")) throw new Unsupported("a Socket of Java tells nobody that it is closed");
            if (what.equals("end")) finish();
            else later("destroy-error", guard::close);
            return;
        }
        if (what.equals("end")) {
            socket.shutdownOutput();
            say(event("finished"));
            return;
        }
        // Row close.unread is about close(2) alone.
        boolean unread = socket.getInputStream().available() > 0;
        if (unread) throw new Unsupported("Java sends a FIN before it closes, also with bytes unread");
        socket.close();
        // The JDK has closed the descriptor when the last thread that waited for it has gone.
        if (reader != null) reader.join();
        say(event("closed"));
    }

    /** The reply to these is the death of the process. */
    private static void die(JSONObject request) throws Exception {
        String what = request.getString("do");
        if (what.equals("signal")) Deaths.signal(request.getString("name").substring("SIG".length()));
        String how = what.equals("throw") ? "exception" : what.equals("exit") ? "exit" : "abort";
        Deaths.die(how, request.optInt("code"));
    }
}
