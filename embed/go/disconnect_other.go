// Where no abort keeps the descriptor, or this package cannot call it, the armed last close is the abort.

//go:build !linux || 386 || s390x

package finrst

import "syscall"

const canDisconnect = false

func disconnect(uintptr) error { return syscall.EINVAL }
