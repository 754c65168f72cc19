// What we send, as a stream: every call hands all of its bytes to the kernel.
package dev.finrst;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;

final class GuardOutput extends OutputStream {
    private final Guard guard;

    GuardOutput(Guard guard) {
        this.guard = guard;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int at, int count) throws IOException {
        if (!guard.connection().wire.blocking()) throw new IllegalBlockingModeException();
        ByteBuffer bytes = ByteBuffer.wrap(from, at, count);
        while (bytes.hasRemaining()) guard.write(bytes);
    }
}
