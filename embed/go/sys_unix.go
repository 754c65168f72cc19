// The system calls that net has no method for, on Unix.

//go:build unix

package finrst

import "golang.org/x/sys/unix"

const canQuery = true

func setsockopt(fd uintptr, level, option int32, value []byte) error {
	return unix.SetsockoptString(int(fd), int(level), int(option), string(value))
}

// lingerOf reads SO_LINGER as struct linger; the seconds are those of the option that was asked for.
func lingerOf(fd uintptr, level, option int32) (on bool, seconds int32, err error) {
	linger, err := unix.GetsockoptLinger(int(fd), int(level), int(option))
	if err != nil {
		return false, 0, err
	}
	return linger.Onoff != 0, linger.Linger, nil
}

// unacked asks the send queue as the table tells; negative: it cannot be asked.
func unacked(fd uintptr) int64 {
	var answer int
	var err error
	if platform.Through == "ioctl" {
		answer, err = ioctl(unix.IoctlGetInt, fd, platform.Query)
	} else {
		answer, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, int(platform.Query))
	}
	if err != nil {
		return -1
	}
	return int64(answer)
}

// ioctl is for a request that is a number of the table: illumos takes it as int, every other system as uint.
func ioctl[Request int | uint](get func(int, Request) (int, error), fd uintptr, query uint32) (int, error) {
	return get(int(fd), Request(query))
}

// pendingError takes the error that the kernel holds for the connection; 0 if there is none.
func pendingError(fd uintptr) error {
	errno, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil || errno == 0 {
		return nil
	}
	return unix.Errno(errno)
}

// writable tells whether a few bytes would be taken now.
func writable(fd uintptr) bool {
	ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(ready, 0)
	return err != nil || n > 0
}
