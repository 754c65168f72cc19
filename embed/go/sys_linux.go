// What only Linux is asked: unread and untransmitted bytes, and the counter of acknowledged ones.
package finrst

import "golang.org/x/sys/unix"

func unread(fd uintptr) int64 {
	answer, err := unix.IoctlGetInt(int(fd), unix.SIOCINQ)
	if err != nil {
		return 0
	}
	return int64(answer)
}

func untransmitted(fd uintptr) int64 {
	answer, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQNSD)
	if err != nil {
		return 0
	}
	return int64(answer)
}

// ackedSoFar counts what was ever acknowledged, up to a constant; negative: not known.
func ackedSoFar(fd uintptr) int64 {
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return -1
	}
	return int64(info.Bytes_acked)
}
