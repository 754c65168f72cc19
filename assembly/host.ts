// The only calls out: what the host of the module does for it. Each answers 0, RESULT_PENDING or a negative errno.
// `socket` is a token of the host's choosing, never a descriptor: keeping numbers from being reused is the host's task.

/** setsockopt(2); the value lies in the memory of the module. */
export declare function setsockopt(socket: i32, level: i32, option: i32, value: usize, length: i32): i32;

/** shutdown(2), only ever with SHUT_WR. */
export declare function shutdown(socket: i32, how: i32): i32;

/** Aborts the connection and keeps the descriptor; called only where the platform has such a call. */
export declare function disconnect(socket: i32): i32;

/** Closes the descriptor that the host holds for the guard, never the runtime's own. */
export declare function close(socket: i32): i32;

/** What is the host's own to do: a STEP_* without a system call. `state` is the state so far; STEP_REPORT needs it. */
export declare function request(socket: i32, what: i32, state: i32): i32;
