// The program with a guard.

//go:build !bare

package main

import (
	"net"

	finrst "finrst.dev/go"
)

func answer(conn net.Conn) (err error) {
	guard, err := finrst.Guard(conn)
	if err != nil {
		return err
	}
	defer guard.Done(&err)
	_, err = guard.Write([]byte("answer"))
	return err
}
