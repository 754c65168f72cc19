// What the peer sends, as a stream.
package dev.finrst;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.util.Objects;

final class GuardInput extends InputStream {
    private final Guard guard;

    GuardInput(Guard guard) {
        this.guard = guard;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, into.length);
        if (!guard.connection().wire.blocking()) throw new IllegalBlockingModeException();
        return guard.read(ByteBuffer.wrap(into, from, count));
    }

    @Override
    public int available() {
        return guard.connection().incoming.available();
    }
}
