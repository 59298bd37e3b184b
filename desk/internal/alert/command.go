package alert

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// commandTime is how long a command may take.
const commandTime = 30 * time.Second

// run runs a program without a shell, without arguments, with nothing in its environment but a PATH, and kills it with all that it started when it takes longer than
// commandTime. One that others on this computer may change is not run.
func run(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("%w: it cannot be read", ErrCommand)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return fmt.Errorf("%w: it is no program", ErrCommand)
	case info.Mode()&0o022 != 0:
		return fmt.Errorf("%w: others on this computer may change it", ErrCommand)
	}
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	alone(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("%w: it took longer than %v", ErrCommand, commandTime)
		}
		return fmt.Errorf("%w: %w", ErrCommand, err)
	}
	return nil
}
