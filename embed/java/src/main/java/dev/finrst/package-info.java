// What the package is for, and the shortest program that uses it.

/**
 * Decides how a TCP connection ends: with a FIN when the stream is complete, with a reset when it is
 * not. The promise in five words: <em>end of file means complete</em>.
 *
 * <p>Java closes a connection with a clean FIN when a handler throws, when a socket is forgotten, and
 * when the process is killed; the peer takes half an answer for a whole one. A guarded connection
 * does not:
 *
 * <pre>{@code
 * try (Guard guard = Finrst.guard(socket)) {
 *     guard.outputStream().write(answer);
 *     guard.complete(); // without this the block ends with a reset, whatever it was left by
 * }
 * }</pre>
 *
 * <p>From {@link dev.finrst.Finrst#guard(java.net.Socket)} on the connection is armed (SO_LINGER
 * {1,0}): an uncaught exception, {@code System.exit}, {@code Runtime.halt}, SIGKILL and every other
 * death end it with a reset, until the stream was declared complete.
 */
package dev.finrst;
