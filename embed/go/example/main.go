// Command example serves files over plain TCP: a line with a name comes in, the file goes out, and the end of the
// connection is the end of the file. No length is sent; that the file is whole is what the FIN says.
//
//	go run ./example -listen 127.0.0.1:7007 -root . &
//	echo go.mod | nc -N 127.0.0.1 7007
//
// Kill it in the middle of an answer, or let the disk fail: the client reads a reset, never a short file.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	finrst "finrst.dev/go"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "the address to listen on")
	root := flag.String("root", ".", "the folder to serve")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", listener.Addr())
	serve(ctx, listener, *root)
}

// serve answers until ctx ends; then it waits for the answers that are under way.
func serve(ctx context.Context, listener net.Listener, root string) {
	context.AfterFunc(ctx, func() { listener.Close() })
	var answers sync.WaitGroup
	defer answers.Wait()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		answers.Add(1)
		go func() {
			defer answers.Done()
			err := finrst.Run(conn, func(guard *finrst.Conn) error { return answer(guard, root) },
				finrst.FlushWithin(time.Minute), finrst.WithConfirm(finrst.ConfirmKernel))
			if err != nil {
				log.Print(conn.RemoteAddr(), ": ", err)
			}
		}()
	}
}

// answer sends one file. An error, wherever it comes from, is a reset.
func answer(guard *finrst.Conn, root string) error {
	_ = guard.SetReadDeadline(time.Now().Add(10 * time.Second))
	name, err := bufio.NewReader(io.LimitReader(guard, 4096)).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no name: %w", err)
	}
	name = strings.TrimSpace(name)
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q is outside", name)
	}
	file, err := os.Open(filepath.Join(root, name))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(guard, file)
	return err
}
