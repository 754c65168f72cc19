// The engine: the pure functions of the Wasm, over one instance that is made when the first of them is called.
//
// 1. The Wasm became bytecode when the library was built (PolicyModule); nothing is compiled or interpreted here.
// 2. One instance serves all threads behind one lock: a call takes some 20 ns, less than a pool would.
// 3. Chicory refuses to run in a thread that is interrupted. A connection has to end there too, so the interruption is
//    put aside until the engine has answered.
package dev.finrst.engine;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import java.util.Locale;

/** The exports of the module without imports; {@code spec/README.md} tells what the words mean. */
public final class Engine {
    private static final Instance INSTANCE =
            Instance.builder(PolicyModule.load()).withMachineFactory(PolicyModule::create).build();
    private static final ExportFunction DECIDE = INSTANCE.export("decide");
    private static final ExportFunction ENTER = INSTANCE.export("enter");
    private static final ExportFunction SETTLE = INSTANCE.export("settle");
    private static final ExportFunction CERTAINTY = INSTANCE.export("certainty");
    private static final ExportFunction NORMALISE = INSTANCE.export("normalise");
    private static final ExportFunction COLUMN = INSTANCE.export("column");
    private static final ExportFunction ENCODE = INSTANCE.export("encodeLinger");
    private static final ExportFunction DECODE = INSTANCE.export("decodeLinger");
    private static final ExportFunction VERSION = INSTANCE.export("version");
    private static final int BUFFER = (int) INSTANCE.export("buffer").apply()[0];

    static {
        if (version() != Spec.ABI_VERSION) {
            throw new LinkageError(
                    String.format(
                            Locale.ROOT,
                            "finrst: the Wasm speaks version %d of the ABI, this library %d",
                            version(),
                            Spec.ABI_VERSION));
        }
    }

    private Engine() {}

    private static int call(ExportFunction function, long... words) {
        boolean interrupted = false;
        try {
            synchronized (INSTANCE) {
                while (true) {
                    try {
                        return (int) function.apply(words)[0];
                    } catch (ChicoryInterruptedException later) {
                        // The functions are pure, so they can be asked again.
                        interrupted = Thread.interrupted();
                    }
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** The plan of an event: up to five steps, the first in the lowest bits, and above them the rule. */
    public static int decide(int context, int state, int event, int facts) {
        return call(DECIDE, context, state, event, facts);
    }

    /** The state after an event, before the first step of its plan. */
    public static int enter(int context, int state, int event, int facts) {
        return call(ENTER, context, state, event, facts);
    }

    /** The state after a step that came to {@code result}: 0, RESULT_PENDING, or a negative ERROR_*. */
    public static int settle(int state, int step, int result) {
        return call(SETTLE, state, step, result);
    }

    /** CERTAINTY_* of the cell that the verdict in this state rests on. */
    public static int certainty(int context, int state) {
        return call(CERTAINTY, context, state);
    }

    /** What an errno of this platform means: ERROR_*. */
    public static int normalise(int context, int errno) {
        return call(NORMALISE, context, errno);
    }

    /** What a column (COLUMN_*) of the platform table holds for a row. */
    public static int column(int row, int which) {
        return call(COLUMN, row, which);
    }

    /** The version of the ABI that the Wasm speaks. */
    public static int version() {
        return call(VERSION);
    }

    /** struct linger for these seconds, -1 being off; without a byte if the platform could not hold them. */
    public static byte[] encodeLinger(int context, int seconds) {
        synchronized (INSTANCE) {
            int size = call(ENCODE, context, seconds);
            return size < 0 ? new byte[0] : INSTANCE.memory().readBytes(BUFFER, size);
        }
    }

    /** The seconds in a struct linger; -1: it is off. */
    public static int decodeLinger(int context, byte[] linger) {
        synchronized (INSTANCE) {
            INSTANCE.memory().write(BUFFER, linger);
            return call(DECODE, context);
        }
    }
}
