//go:build linux

// Command measure runs a command and appends a line to a file: its processor time in milliseconds (user and system), the wall's, and its peak
// of memory in MiB.
//
//	measure FILE COMMAND ARGUMENT…
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("measure FILE COMMAND ARGUMENT…")
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		log.Fatalf("%s: %v\n%s", os.Args[2], err, out)
	}
	wall := time.Since(began)
	used := cmd.ProcessState
	file, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	peak := used.SysUsage().(*syscall.Rusage).Maxrss // KiB on Linux
	if _, err := fmt.Fprintln(file, (used.UserTime() + used.SystemTime()).Milliseconds(), wall.Milliseconds(), peak/1024); err != nil {
		log.Fatal(err)
	}
}
