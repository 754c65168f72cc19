// What finalise() hands back.
package dev.finrst;

/**
 * What the peer still sent until its FIN, and how the connection ended.
 *
 * @param rest the bytes, at most as many as were asked for; all of them if the verdict's received is COMPLETE
 * @param verdict how the connection ended
 */
public record Finalised(byte[] rest, Verdict verdict) {}
