// The three ways of not receiving any more.
package dev.finrst;

/** What becomes of the bytes that the peer still sends: what SHUT_RD should have been. */
public enum Receiving {
    /** They are read and thrown away, so that the peer never stalls. */
    DISCARD,
    /** They are left unread, so that the peer's window closes. */
    HOLD,
    /** The connection is reset when more arrive. */
    REFUSE
}
