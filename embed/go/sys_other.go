// What is asked otherwise, or not at all, on the other Unix systems.

//go:build unix && !linux

package finrst

import "golang.org/x/sys/unix"

// FIONREAD has the same number on every system that took it from BSD.
const fionread = 0x4004667f

func unread(fd uintptr) int64 {
	answer, err := unix.IoctlGetInt(int(fd), fionread)
	if err != nil {
		return 0
	}
	return int64(answer)
}

func untransmitted(uintptr) int64 { return 0 }

func ackedSoFar(uintptr) int64 { return -1 }
