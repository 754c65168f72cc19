// The sending side of one connection: which bytes of the stream the program still holds.
//
// It holds those of a write that is under way, the rest of one that was cut short, and whatever it says it holds. As
// long as it does, our FIN has to wait, and to let go is to truncate the stream.
package dev.finrst;

import dev.finrst.engine.Spec;
import java.io.IOException;

final class Outgoing {
    private final Connection connection;

    /** Writes under way, and stretches in which the program holds bytes. */
    private int holding;

    private int writes;

    /** The last write took less than it was given. */
    private boolean cutShort;

    private boolean flushing;

    Outgoing(Connection connection) {
        this.connection = connection;
    }

    void beginWrite() throws IOException {
        connection.lock.lock();
        try {
            begin();
            writes++;
        } finally {
            connection.lock.unlock();
        }
    }

    void endWrite(IOException failed, boolean rest) {
        if (failed != null) connection.saw(failed);
        connection.locked(
                () -> {
                    writes--;
                    cutShort = rest;
                    end();
                });
    }

    /** A write, or a stretch in which the program holds bytes, begins. */
    void begin() throws IOException {
        connection.lock.lock();
        try {
            boolean open = connection.phase() == Spec.PHASE_OPEN && !flushing;
            if (!open && !(flushing && holds())) throw connection.refusal("sending was finished");
            holding++;
        } finally {
            connection.lock.unlock();
        }
    }

    void end() {
        connection.locked(
                () -> {
                    holding--;
                    lookFlushed();
                });
    }

    boolean holds() {
        return holding > 0 || cutShort;
    }

    boolean isWriting() {
        return writes > 0;
    }

    /** The engine waits for FLUSHED, which follows as soon as the program holds nothing. */
    void flush() {
        flushing = true;
        lookFlushed();
    }

    private void lookFlushed() {
        if (!flushing || holds()) return;
        flushing = false;
        connection.post(Spec.EVENT_FLUSHED, 0);
    }
}
