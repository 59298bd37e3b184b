// Command panah is a confidential help desk for people whose right to stay is being questioned: the gate that takes
// sealed letters in, the desk that opens them, and the tools around both. "panah help" says the rest.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"panah/cmd/panah/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
