// The verdict: what is read out of the last state of a connection.
package dev.finrst;

import dev.finrst.engine.Engine;
import dev.finrst.engine.Rules;
import dev.finrst.engine.Spec;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * How one connection ended. It never claims more than was observed.
 *
 * @param ended what went on the wire last
 * @param by who ended it
 * @param cause what made it end
 * @param delivery what became of our bytes
 * @param received how the other direction ended
 * @param certainty the evidence of the platform's cell that it rests on
 * @param rule the rule that decided; {@link Finrst#explain(String)} tells why
 * @param unsent the bytes that the peer's stack did not take, where that is known
 * @param error the first error that was seen or given, or null
 */
public record Verdict(
        Ended ended,
        By by,
        Cause cause,
        Delivery delivery,
        Received received,
        Certainty certainty,
        String rule,
        OptionalLong unsent,
        Throwable error) {

    /** What went on the wire last. */
    public enum Ended {
        /** It is not known. */
        UNKNOWN,
        /** Our FIN. */
        FIN,
        /** A reset, ours or the peer's. */
        RESET,
        /** Nothing. */
        SILENT
    }

    /** Who ended it. */
    public enum By {
        /** It is not known. */
        UNKNOWN,
        /** This program. */
        US,
        /** The peer. */
        PEER,
        /** The kernel. */
        KERNEL
    }

    /** What made it end. The first cause wins. */
    public enum Cause {
        /** {@link Guard#complete()} or {@link Guard#finishSending()}. */
        CLOSE,
        /** {@link Guard#abort()}, or bytes that arrived after a refusal. */
        ABORT,
        /** {@link Guard#drop()}, or a socket that was closed behind the guard's back. */
        DROP,
        /** {@link Guard#fail(Throwable)}, or a block that was left without {@link Guard#complete()}. */
        FAILURE,
        /** The process ended on purpose. */
        EXIT,
        /** It did not finish in time. */
        DEADLINE,
        /** The peer sent more than was to be drained. */
        LIMIT,
        /** The peer's FIN or reset. */
        PEER,
        /** An error of the operating system. */
        ERROR
    }

    /** What became of our bytes. */
    public enum Delivery {
        /** It is not known. */
        UNKNOWN,
        /** Our kernel has all of them. */
        HANDED,
        /** The peer's stack has all of them. */
        ACKED,
        /** The peer ended its side after it had acknowledged all of them. */
        CONFIRMED,
        /** Some were thrown away. */
        LOST
    }

    /** How the other direction ended. */
    public enum Received {
        /** It is not known. */
        UNKNOWN,
        /** With the peer's FIN, after all its bytes. */
        COMPLETE,
        /** With a reset. */
        RESET,
        /** Bytes were thrown away. */
        DISCARDED
    }

    /** How strong the evidence of the table is. */
    public enum Certainty {
        /** Nobody has looked. */
        ASSUMED,
        /** Somebody says so. */
        DOCUMENTED,
        /** It was run. */
        MEASURED
    }

    @Override
    public String toString() {
        String text =
                String.format(
                        "%s by %s, cause %s, delivery %s, received %s, %s, rule %s",
                        ended, by, cause, delivery, received, certainty, rule);
        return text.toLowerCase(Locale.ROOT) + (error == null ? "" : ": " + error);
    }

    static Verdict of(int context, int state, boolean collecting, Throwable error) {
        Delivery delivery = Delivery.values()[state >> Spec.FIELD_DELIVERY_SHIFT & Spec.DELIVERY_MASK];
        Received received = Received.values()[state >> Spec.FIELD_RECEIVED_SHIFT & Spec.RECEIVED_MASK];
        boolean all = delivery == Delivery.ACKED || delivery == Delivery.CONFIRMED;
        return new Verdict(
                Ended.values()[state >> Spec.FIELD_ENDED_SHIFT & Spec.ENDED_MASK],
                By.values()[state >> Spec.FIELD_BY_SHIFT & Spec.BY_MASK],
                cause(state >> Spec.FIELD_CAUSE_SHIFT & Spec.CAUSE_MASK),
                delivery,
                // What finalise() hands back was not thrown away.
                collecting && received == Received.DISCARDED ? Received.UNKNOWN : received,
                Certainty.values()[Engine.certainty(context, state)],
                Rules.rule(state >> Spec.FIELD_RULE_SHIFT & Spec.FIELD_RULE_MASK)[0],
                all ? OptionalLong.of(0) : OptionalLong.empty(),
                error);
    }

    private static Cause cause(int event) {
        switch (event) {
            case Spec.EVENT_ABORT:
            case Spec.EVENT_DATA:
                return Cause.ABORT;
            case Spec.EVENT_DROPPED:
            case Spec.EVENT_RUNTIME_CLOSED:
                return Cause.DROP;
            case Spec.EVENT_FAILED:
                return Cause.FAILURE;
            case Spec.EVENT_EXITING:
                return Cause.EXIT;
            case Spec.EVENT_DEADLINE:
                return Cause.DEADLINE;
            case Spec.EVENT_OVER_LIMIT:
                return Cause.LIMIT;
            case Spec.EVENT_PEER_FIN:
            case Spec.EVENT_PEER_RESET:
                return Cause.PEER;
            case Spec.EVENT_OS_ERROR:
            case Spec.EVENT_FIN_SENT:
                return Cause.ERROR;
            default:
                return Cause.CLOSE;
        }
    }
}
