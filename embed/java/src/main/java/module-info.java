// The module of the library: its one exported package, and the Wasm runtime below it.

/** Decides how a TCP connection ends: FIN when the stream is complete, RST when it is not. */
module dev.finrst {
    requires com.dylibso.chicory.runtime;

    exports dev.finrst;
}
