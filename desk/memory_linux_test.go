package desk

import (
	"syscall"
	"testing"
)

func TestOpenDeskLeavesNoCoreDump(t *testing.T) {
	var core syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &core); err != nil {
		t.Fatal(err)
	}
	dumpable, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	defer func() { // the rest of this test program is no desk
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &core)
		syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, dumpable, 0)
	}()
	if err := keepMemory(); err != nil {
		t.Fatal(err)
	}
	var after syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &after); err != nil || after.Cur != 0 {
		t.Errorf("core dumps of %d bytes: %v", after.Cur, err)
	}
	if d, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0); d != 0 {
		t.Errorf("dumpable is %d", d)
	}
}
