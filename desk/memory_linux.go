package desk

import (
	"fmt"
	"syscall"
)

// keepMemory keeps what is open in this process out of core dumps, and from other processes of the same user that would attach to it. Swap and
// hibernation are the operating system's: docs/threat-model.md says so.
func keepMemory() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("opening the desk: forbidding core dumps: %w", err)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0); errno != 0 {
		return fmt.Errorf("opening the desk: forbidding other programs to attach: %w", errno)
	}
	return nil
}
