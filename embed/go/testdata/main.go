// Accepts, answers and ends one connection, guarded or bare (-tags bare): what the two programs differ by is what a guard
// adds.
package main

import (
	"log"
	"net"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		log.Fatal(err)
	}
	if err := answer(conn); err != nil {
		log.Fatal(err)
	}
}
