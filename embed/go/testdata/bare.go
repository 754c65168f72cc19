// The program without a guard.

//go:build bare

package main

import "net"

func answer(conn net.Conn) error {
	if _, err := conn.Write([]byte("answer")); err != nil {
		return err
	}
	return conn.Close()
}
