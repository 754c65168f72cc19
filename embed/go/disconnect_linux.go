// The abort that keeps the descriptor: connect() to AF_UNSPEC (row abort.keep-descriptor).

//go:build linux && !386 && !s390x

package finrst

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const canDisconnect = true

func disconnect(fd uintptr) error {
	// The syscall package has no address of the family AF_UNSPEC, which is 0.
	var nowhere unix.RawSockaddrAny
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&nowhere)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		return errno
	}
	return nil
}
