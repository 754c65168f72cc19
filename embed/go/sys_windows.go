// The system calls that net has no method for, on Windows, which is compiled and not tested.
package finrst

import (
	"syscall"
	"unsafe"
)

const canQuery = false

func setsockopt(fd uintptr, level, option int32, value []byte) error {
	return syscall.Setsockopt(syscall.Handle(fd), level, option, &value[0], int32(len(value)))
}

func lingerOf(fd uintptr, level, option int32) (on bool, seconds int32, err error) {
	var linger struct{ onoff, seconds uint16 }
	size := int32(unsafe.Sizeof(linger))
	err = syscall.Getsockopt(syscall.Handle(fd), level, option, (*byte)(unsafe.Pointer(&linger)), &size)
	return linger.onoff != 0, int32(linger.seconds), err
}

func unacked(uintptr) int64 { return -1 }

func unread(uintptr) int64 { return 0 }

func untransmitted(uintptr) int64 { return 0 }

func ackedSoFar(uintptr) int64 { return -1 }

func pendingError(uintptr) error { return nil }

func writable(uintptr) bool { return true }
