//! What the tests do to descriptors behind the back of the standard library.

use std::fs::File;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd};

/// Sets SO_LINGER {1,0} on a plain socket, so that its drop resets.
pub fn arm(stream: &TcpStream) {
    let linger = [1i32, 0];
    // SAFETY: the pointer and the size are those of an array of two int, which is struct linger.
    let answer = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            linger.as_ptr().cast(),
            size_of_val(&linger) as libc::socklen_t,
        )
    };
    assert_eq!(answer, 0);
}

/// A stream around a number that is not open.
pub fn closed_stream() -> TcpStream {
    let file = File::open("/dev/null").unwrap();
    // SAFETY: the duplicate at a high number is ours alone, and closed before it is used.
    let number = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 900) };
    assert!(number >= 900);
    // SAFETY: as above. From here on the number is open nowhere, which is what the test is about.
    unsafe {
        libc::close(number);
        TcpStream::from_raw_fd(number)
    }
}
