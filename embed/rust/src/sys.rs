//! The system calls that the standard library has no method for. None of them waits but `poll`.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use libc::{c_int, c_void, socklen_t};

fn checked(answer: c_int) -> io::Result<c_int> {
    if answer < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(answer)
    }
}

fn counted(answer: isize) -> io::Result<usize> {
    usize::try_from(answer).map_err(|_| io::Error::last_os_error())
}

/// Whether the descriptor is open at all.
pub(crate) fn is_open(fd: BorrowedFd<'_>) -> bool {
    // SAFETY: F_GETFD takes no pointer, and answers EBADF for a number that is not open.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFD) >= 0 }
}

/// Whether calls on it wait.
pub(crate) fn blocks(fd: BorrowedFd<'_>) -> bool {
    // SAFETY: F_GETFL takes no pointer.
    let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
    flags & libc::O_NONBLOCK == 0
}

pub(crate) fn set_option(fd: BorrowedFd<'_>, level: i32, option: i32, value: &[u8]) -> io::Result<()> {
    let size = value.len() as socklen_t;
    // SAFETY: the pointer and the size are those of a slice that outlives the call, and the kernel only reads it.
    let answer =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, value.as_ptr().cast::<c_void>(), size) };
    checked(answer).map(drop)
}

/// Fills `value` and answers how many bytes of it.
pub(crate) fn get_option(fd: BorrowedFd<'_>, level: i32, option: i32, value: &mut [u8]) -> io::Result<usize> {
    let mut size = value.len() as socklen_t;
    let at = value.as_mut_ptr().cast::<c_void>();
    // SAFETY: the kernel writes at most `size` bytes, which is the length of the slice.
    let answer = unsafe { libc::getsockopt(fd.as_raw_fd(), level, option, at, &mut size) };
    checked(answer).map(|_| size as usize)
}

fn get_number(fd: BorrowedFd<'_>, level: i32, option: i32) -> io::Result<i32> {
    let mut bytes = [0; 4];
    get_option(fd, level, option, &mut bytes)?;
    Ok(i32::from_ne_bytes(bytes))
}

/// SO_TYPE.
pub(crate) fn kind(fd: BorrowedFd<'_>) -> io::Result<i32> {
    get_number(fd, libc::SOL_SOCKET, libc::SO_TYPE)
}

/// A number of getsockopt of the socket level, such as the send queue of macOS.
pub(crate) fn socket_number(fd: BorrowedFd<'_>, option: u32) -> Option<u64> {
    get_number(fd, libc::SOL_SOCKET, option as i32).ok().and_then(|number| number.try_into().ok())
}

/// Takes the error that the kernel holds for the connection.
pub(crate) fn pending_error(fd: BorrowedFd<'_>) -> Option<io::Error> {
    let errno = get_number(fd, libc::SOL_SOCKET, libc::SO_ERROR).unwrap_or(0);
    (errno != 0).then(|| io::Error::from_raw_os_error(errno))
}

/// The family of the local address, and whether there is a peer.
pub(crate) fn family_and_peer(fd: BorrowedFd<'_>) -> io::Result<(i32, io::Result<()>)> {
    // SAFETY: sockaddr_storage is plain numbers, for which zero is a value.
    let mut address: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
    let mut size = size_of::<libc::sockaddr_storage>() as socklen_t;
    let at = (&raw mut address).cast::<libc::sockaddr>();
    // SAFETY: the kernel writes at most `size` bytes, which is the size of the structure.
    checked(unsafe { libc::getsockname(fd.as_raw_fd(), at, &mut size) })?;
    let family = i32::from(address.ss_family);
    size = size_of::<libc::sockaddr_storage>() as socklen_t;
    // SAFETY: as above.
    let peer = checked(unsafe { libc::getpeername(fd.as_raw_fd(), at, &mut size) }).map(drop);
    Ok((family, peer))
}

/// shutdown(SHUT_WR), or SHUT_RD.
pub(crate) fn shutdown(fd: BorrowedFd<'_>, how: c_int) -> io::Result<()> {
    // SAFETY: it takes no pointer.
    checked(unsafe { libc::shutdown(fd.as_raw_fd(), how) }).map(drop)
}

/// The abort that keeps the descriptor: connect() to AF_UNSPEC, which is 0.
pub(crate) fn disconnect(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: sockaddr is plain numbers, for which zero is a value.
    let nowhere: libc::sockaddr = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::sockaddr>() as socklen_t;
    // SAFETY: the kernel reads `size` bytes of a structure of that size.
    checked(unsafe { libc::connect(fd.as_raw_fd(), &nowhere, size) }).map(drop)
}

/// The answer of an ioctl that counts something; `None`: it cannot be asked.
pub(crate) fn count(fd: BorrowedFd<'_>, request: u32) -> Option<u64> {
    let mut answer: c_int = 0;
    // SAFETY: FIONREAD and the queries of spec/platforms write one int, and nothing else.
    let done = unsafe { libc::ioctl(fd.as_raw_fd(), request as _, &mut answer) };
    if done < 0 {
        return None;
    }
    answer.try_into().ok()
}

/// Bytes that have arrived and nobody read.
pub(crate) fn unread(fd: BorrowedFd<'_>) -> u64 {
    count(fd, libc::FIONREAD as u32).unwrap_or(0)
}

/// recv() that does not wait.
pub(crate) fn receive(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    let at = buffer.as_mut_ptr().cast::<c_void>();
    // SAFETY: the kernel writes at most as many bytes as the slice has.
    counted(unsafe { libc::recv(fd.as_raw_fd(), at, buffer.len(), libc::MSG_DONTWAIT) })
}

#[cfg(not(target_vendor = "apple"))]
const QUIET: c_int = libc::MSG_NOSIGNAL;
/// There the standard library sets SO_NOSIGPIPE on every socket of its own.
#[cfg(target_vendor = "apple")]
const QUIET: c_int = 0;

/// send() that neither waits nor raises SIGPIPE.
pub(crate) fn send(fd: BorrowedFd<'_>, buffer: &[u8]) -> io::Result<usize> {
    let at = buffer.as_ptr().cast::<c_void>();
    // SAFETY: the kernel reads at most as many bytes as the slice has.
    counted(unsafe { libc::send(fd.as_raw_fd(), at, buffer.len(), libc::MSG_DONTWAIT | QUIET) })
}

/// Waits until something can be read or written, or the time is up; `None` waits without end.
///
/// It never fails: what is the matter with a descriptor shows when it is used.
pub(crate) fn poll(waiting: &mut [libc::pollfd], time: Option<Duration>) {
    // Rounded up, so that whoever waits for a moment does not wake before it.
    let milliseconds = match time {
        Some(time) => c_int::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX),
        None => -1,
    };
    // SAFETY: the pointer and the count are those of a slice, and the kernel only writes its `revents`.
    unsafe { libc::poll(waiting.as_mut_ptr(), waiting.len() as libc::nfds_t, milliseconds) };
}
