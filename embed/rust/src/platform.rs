//! What this process runs on: its row of the table, what it can do, and the same in words.

use std::env::consts::{ARCH, OS};
use std::sync::OnceLock;

use crate::engine::Platform;
use crate::spec::*;

/// Whether there is an abort that keeps the descriptor, and this crate has the call (row abort.keep-descriptor).
pub(crate) const HAS_DISCONNECT: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// One thing that this system can or cannot do for a guard, and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// Whether it can.
    pub can: bool,
    /// Why, or why not.
    pub why: String,
}

/// What this system can really do for a connection, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The death of the process, by any signal, resets the connection.
    pub arm: Capability,
    /// A reset can be sent on purpose.
    pub abort: Capability,
    /// The moment of the last close is the guard's.
    pub hold: Capability,
    /// Our FIN can be sent while receiving goes on.
    pub half_close: Capability,
    /// Our direction outlives the peer's FIN.
    pub send_after_peer_fin: Capability,
    /// What the peer still sends can be read and thrown away.
    pub drain: Capability,
    /// Whether the peer's stack has acknowledged everything can be known.
    pub acked: Capability,
    /// SO_LINGER can be read and set.
    pub linger: Capability,
    /// The row of the table that is consulted, such as `linux`.
    pub platform: &'static str,
    /// The way to the system calls.
    pub backend: &'static str,
}

fn find(id: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|each| each.id == id)
}

/// This machine as every guard of the process sees it; a system that the table does not have is row 0.
pub(crate) fn platform() -> &'static Platform {
    static NOWHERE: Platform =
        Platform { id: "unknown", row: 0, by_ioctl: false, query: 0, counts_fin: false, untransmitted: 0 };
    static HERE: OnceLock<&'static Platform> = OnceLock::new();
    HERE.get_or_init(|| {
        let system = match OS {
            "ios" => "macos",
            "android" => "linux",
            "solaris" => "illumos",
            other => other,
        };
        let machine = match ARCH {
            "mips" | "mips32r6" | "mips64" | "mips64r6" => "mips",
            "sparc" | "sparc64" => "sparc",
            "hppa" => "parisc",
            other => other,
        };
        find(&format!("{system}-{machine}")).or_else(|| find(system)).unwrap_or(&NOWHERE)
    })
}

/// The query for the send queue. Linux on PowerPC has another number for it, which the table has in words only.
pub(crate) fn query() -> Option<u32> {
    let powerpc = cfg!(any(target_arch = "powerpc", target_arch = "powerpc64"));
    Some(platform().query).filter(|&query| query != 0 && !powerpc)
}

/// The platform row and what this host can do.
pub(crate) fn context_bits() -> i32 {
    let mut bits = platform().row | CAN_ARM | CAN_HOLD | CAN_DRAIN;
    if HAS_DISCONNECT {
        bits |= CAN_DISCONNECT;
    }
    if query().is_some() {
        bits |= CAN_SEE_ACKED;
    }
    if cfg!(target_endian = "big") {
        bits |= CONTEXT_BIG_ENDIAN;
    }
    bits
}

pub(crate) fn capabilities() -> Capabilities {
    let yes = |why: &str| Capability { can: true, why: why.into() };
    let platform = platform();
    Capabilities {
        arm: yes("SO_LINGER {1,0} from the moment the connection is guarded"),
        abort: yes(if HAS_DISCONNECT {
            "connect(AF_UNSPEC) resets at once, whoever else holds the socket; then the last close of an armed socket"
        } else {
            "linger {1,0} and the last close"
        }),
        hold: yes("the guard owns the stream that it was given, without a duplicate: only it closes"),
        half_close: yes("shutdown(SHUT_WR)"),
        send_after_peer_fin: yes("Rust keeps half-open connections"),
        drain: yes("one thread of the process reads to the peer's FIN"),
        acked: match query() {
            Some(_) => yes(if platform.by_ioctl {
                "ioctl of the send queue"
            } else {
                "getsockopt of the send queue"
            }),
            None => {
                Capability { can: false, why: format!("{} has no query for the send queue", platform.id) }
            }
        },
        linger: yes("SO_LINGER in seconds"),
        platform: platform.id,
        backend: "libc",
    }
}
