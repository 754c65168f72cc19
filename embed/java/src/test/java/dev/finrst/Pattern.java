// The bytes that the two ends of a test send: byte i of a direction is (i ^ i >> 8 ^ i >> 16) & 255.
package dev.finrst;

final class Pattern {
    private Pattern() {}

    static byte[] of(long from, int count) {
        byte[] made = new byte[count];
        for (int at = 0; at < count; at++) {
            long i = from + at;
            made[at] = (byte) (i ^ i >> 8 ^ i >> 16);
        }
        return made;
    }

    static boolean matches(byte[] bytes, int count, long from) {
        for (int at = 0; at < count; at++) {
            long i = from + at;
            if (bytes[at] != (byte) (i ^ i >> 8 ^ i >> 16)) return false;
        }
        return true;
    }
}
