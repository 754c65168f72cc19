// Policies: the presets, the answers that differ from them, and the bits of the engine's context that they become.
package dev.finrst;

import dev.finrst.engine.Spec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What a guard does when nobody says what to do. A preset is a whole policy; {@link #with()} changes
 * single answers of one. Policies do not change and may be shared.
 *
 * <pre>{@code
 * Policy careful = Policy.STRICT.with().onExit(Policy.End.CLOSE).drainBytes(65_536).build();
 * }</pre>
 */
public final class Policy {
    /** The default: what is declared complete ends with a FIN, a failure or a crash with a reset. */
    public static final Policy COMPATIBLE = new Builder("compatible", 0).build();

    /** Takes a {@link Guard#drop()} for a failure too. */
    public static final Policy STRICT = new Builder("strict", Spec.POLICY_DROP_ABORTS).build();

    /** Leaves everything but a command to the operating system, and arms nothing. */
    public static final Policy MANUAL =
            new Builder(
                            "manual",
                            Spec.POLICY_FAILURE_CLOSES
                                    | Spec.POLICY_EXIT_CLOSES
                                    | Spec.POLICY_CRASH_LEAVES
                                    | Spec.POLICY_DEADLINE_DETACHES
                                    | Spec.POLICY_HANDS_OFF)
                    .build();

    private static final long MOST_MILLIS = Integer.MAX_VALUE;

    final String preset;
    final int bits;
    final Confirm confirm;
    final Duration flush;
    final Duration drainIdle;
    final Duration drain;
    final long drainBytes;
    final Consumer<String> trace;

    private Policy(Builder from) {
        preset = from.preset;
        bits = from.bits;
        confirm = from.confirm;
        flush = from.flush;
        drainIdle = from.drainIdle;
        drain = from.drain;
        drainBytes = from.drainBytes;
        trace = from.trace;
    }

    /** How a connection ends: by a FIN after every byte, or by a reset. */
    public enum End {
        /** A FIN, after every byte. */
        CLOSE,
        /** A reset. */
        ABORT
    }

    /** What the death of the process does. */
    public enum Crash {
        /** A reset: the connection is armed from the start. */
        ABORT,
        /** What the operating system does. */
        LEAVE
    }

    /** What the peer's FIN does to our direction. */
    public enum PeerFin {
        /** Nothing: we may go on sending. */
        KEEP,
        /** It ends, after everything written so far. */
        CLOSE
    }

    /** What becomes of bytes that have arrived and that nobody read. */
    public enum Unread {
        /** They are read and thrown away, so that they provoke no reset. */
        DRAIN,
        /** The connection is reset. */
        ABORT
    }

    /** What becomes of an end that did not finish in time. */
    public enum Deadline {
        /** A reset. */
        ABORT,
        /** It is left to the kernel. */
        DETACH
    }

    /** What an end waits for before it gives its verdict. */
    public enum Confirm {
        /** Nothing, not even our FIN. */
        NONE,
        /** Until the kernel has every byte and our FIN. */
        KERNEL,
        /** Until the peer's stack has everything; Java cannot know that, and so it is as {@link #KERNEL}. */
        ACKED,
        /** Until the peer's own FIN. */
        PEER;

        int bits() {
            return ordinal() << Spec.CONFIRM_SHIFT;
        }
    }

    /**
     * The preset of that name.
     *
     * @param name compatible, strict or manual
     * @return the preset
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Policy of(String name) {
        for (Policy each : new Policy[] {COMPATIBLE, STRICT, MANUAL}) {
            if (each.preset.equals(name)) return each;
        }
        throw unexpected("policy", name, "compatible, strict or manual");
    }

    /**
     * A builder that begins with the answers of this policy.
     *
     * @return the builder
     */
    public Builder with() {
        Builder builder = new Builder(preset, bits);
        builder.trace = trace;
        return builder.confirm(confirm).flush(flush).drainIdle(drainIdle).drain(drain).drainBytes(drainBytes);
    }

    @Override
    public String toString() {
        return preset;
    }

    static IllegalArgumentException unexpected(String name, Object value, String expected) {
        return new IllegalArgumentException("finrst: " + name + " is " + value + "; expected " + expected);
    }

    static Duration time(String name, Duration value) {
        boolean fits =
                value != null
                        && value.compareTo(Duration.ofMillis(1)) >= 0
                        && value.compareTo(Duration.ofMillis(MOST_MILLIS)) <= 0;
        if (!fits) throw unexpected(name, value, "PT0.001S … PT" + MOST_MILLIS / 1000 + "." + MOST_MILLIS % 1000 + "S");
        return value;
    }

    static long bytes(String name, long value) {
        if (value < 0) throw unexpected(name, value, "0 or more bytes");
        return value;
    }

    static <T> T given(String name, T value) {
        if (value == null) throw unexpected(name, null, "a value");
        return value;
    }

    /** Changes single answers of a policy. */
    public static final class Builder {
        private final String preset;
        private int bits;
        private Confirm confirm = Confirm.ACKED;
        private Duration flush = Duration.ofSeconds(30);
        private Duration drainIdle = Duration.ofSeconds(5);
        private Duration drain = Duration.ofSeconds(30);
        private long drainBytes = 2 << 20;
        private Consumer<String> trace;

        private Builder(String preset, int bits) {
            this.preset = preset;
            this.bits = bits;
        }

        private Builder answer(int bit, boolean set) {
            bits = set ? bits | bit : bits & ~bit;
            return this;
        }

        /**
         * What {@link Guard#drop()} does with nothing unsent. Default CLOSE, under strict ABORT.
         *
         * @param answer CLOSE or ABORT
         * @return this
         */
        public Builder onDrop(End answer) {
            return answer(Spec.POLICY_DROP_ABORTS, given("onDrop", answer) == End.ABORT);
        }

        /**
         * What {@link Guard#fail(Throwable)} does, and a block that was left without {@link
         * Guard#complete()}. Default ABORT.
         *
         * @param answer CLOSE or ABORT
         * @return this
         */
        public Builder onFailure(End answer) {
            return answer(Spec.POLICY_FAILURE_CLOSES, given("onFailure", answer) == End.CLOSE);
        }

        /**
         * What an exit on purpose does, {@code System.exit} or a signal that the JVM takes for one
         * (SIGTERM, SIGINT, SIGHUP). Default ABORT. The end of {@code main} is no exit on purpose: the
         * JVM does not tell whether it returned or threw. {@code Runtime.halt} is a crash.
         *
         * @param answer CLOSE or ABORT
         * @return this
         */
        public Builder onExit(End answer) {
            return answer(Spec.POLICY_EXIT_CLOSES, given("onExit", answer) == End.CLOSE);
        }

        /**
         * What the death of the process does: ABORT arms the connection at once. Default ABORT, under
         * manual LEAVE.
         *
         * @param answer ABORT or LEAVE
         * @return this
         */
        public Builder onCrash(Crash answer) {
            return answer(Spec.POLICY_CRASH_LEAVES, given("onCrash", answer) == Crash.LEAVE);
        }

        /**
         * What the peer's FIN does to our direction. Default KEEP, as Java does it.
         *
         * @param answer KEEP or CLOSE
         * @return this
         */
        public Builder onPeerFin(PeerFin answer) {
            return answer(Spec.POLICY_PEER_FIN_CLOSES, given("onPeerFin", answer) == PeerFin.CLOSE);
        }

        /**
         * What an end does with bytes that arrived and nobody read. Default DRAIN.
         *
         * @param answer DRAIN or ABORT
         * @return this
         */
        public Builder onUnread(Unread answer) {
            return answer(Spec.POLICY_UNREAD_ABORTS, given("onUnread", answer) == Unread.ABORT);
        }

        /**
         * What becomes of an end that did not finish in time. Default ABORT, under manual DETACH.
         *
         * @param answer ABORT or DETACH
         * @return this
         */
        public Builder onDeadline(Deadline answer) {
            return answer(Spec.POLICY_DEADLINE_DETACHES, given("onDeadline", answer) == Deadline.DETACH);
        }

        /**
         * What an end waits for. Default ACKED.
         *
         * @param answer NONE, KERNEL, ACKED or PEER
         * @return this
         */
        public Builder confirm(Confirm answer) {
            confirm = given("confirm", answer);
            return this;
        }

        /**
         * The time for our bytes to leave, from 1 ms. Default 30 s.
         *
         * @param most the longest time
         * @return this
         */
        public Builder flush(Duration most) {
            flush = time("flush", most);
            return this;
        }

        /**
         * The longest silence while draining, from 1 ms. Default 5 s.
         *
         * @param most the longest time
         * @return this
         */
        public Builder drainIdle(Duration most) {
            drainIdle = time("drainIdle", most);
            return this;
        }

        /**
         * The whole time of draining, from 1 ms. Default 30 s.
         *
         * @param most the longest time
         * @return this
         */
        public Builder drain(Duration most) {
            drain = time("drain", most);
            return this;
        }

        /**
         * How much is read only to be thrown away, from 0. Default 2 MiB.
         *
         * @param most the most bytes
         * @return this
         */
        public Builder drainBytes(long most) {
            drainBytes = bytes("drainBytes", most);
            return this;
        }

        /**
         * Gets one line for each decision, which {@code npx finrst explain '<that line>'} turns into its
         * reason. It is called with the guard locked and must not wait.
         *
         * @param listener what takes the lines; null: nobody
         * @return this
         */
        public Builder trace(Consumer<String> listener) {
            trace = listener;
            return this;
        }

        /**
         * Sets an answer by its name, as a file of settings has it: {@code set("onDrop", "abort")}. Times
         * are milliseconds: {@code flushMs}, {@code drainIdleMs}, {@code drainMs}.
         *
         * @param name the name of the answer
         * @param value a word or a whole number
         * @return this
         * @throws IllegalArgumentException if there is no answer of that name, or it does not take this
         */
        public Builder set(String name, String value) {
            switch (given("name", name)) {
                case "onDrop":
                    return onDrop(word(name, End.class, value));
                case "onFailure":
                    return onFailure(word(name, End.class, value));
                case "onExit":
                    return onExit(word(name, End.class, value));
                case "onCrash":
                    return onCrash(word(name, Crash.class, value));
                case "onPeerFin":
                    return onPeerFin(word(name, PeerFin.class, value));
                case "onUnread":
                    return onUnread(word(name, Unread.class, value));
                case "onDeadline":
                    return onDeadline(word(name, Deadline.class, value));
                case "confirm":
                    return confirm(word(name, Confirm.class, value));
                case "flushMs":
                    return flush(time(name, Duration.ofMillis(number(name, value))));
                case "drainIdleMs":
                    return drainIdle(time(name, Duration.ofMillis(number(name, value))));
                case "drainMs":
                    return drain(time(name, Duration.ofMillis(number(name, value))));
                case "drainBytes":
                    return drainBytes(number(name, value));
                default:
                    throw unexpected("name", name, "an answer of a policy, such as onDrop");
            }
        }

        /**
         * The policy.
         *
         * @return a policy with these answers
         */
        public Policy build() {
            return new Policy(this);
        }

        private static <E extends Enum<E>> E word(String name, Class<E> words, String value) {
            E[] all = words.getEnumConstants();
            for (E each : all) {
                if (each.name().toLowerCase(Locale.ROOT).equals(value)) return each;
            }
            String known =
                    Arrays.stream(all).map(it -> it.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
            throw unexpected(name, value, "one of " + known);
        }

        private static long number(String name, String value) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException notOne) {
                throw unexpected(name, value, "a whole number");
            }
        }
    }
}
