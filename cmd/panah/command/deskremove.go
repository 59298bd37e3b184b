package command

import (
	"context"
	"fmt"
	"time"

	"panah/desk"
)

func deskRemove() command {
	return command{
		name: "desk remove", args: "NAME|ID [--data DIR]", short: "take a lost or stolen desk off the list",
		long: `Takes a desk off the organisation's list and begins a new epoch at once: it opens nothing that is written from then on. If the desk comes
back to the gate, it locks and wipes itself. The command tells what a thief may have: the letters of the epochs whose keys the desk
held. Names and IDs: panah desk desks. Only a keeper's desk can.`,
		example: "panah desk remove 'Front desk'",
		prepare: keeperCommand(1, "desk remove needs the name or the ID of a desk; panah desk desks lists them", removeDesk),
	}
}

func removeDesk(ctx context.Context, s Streams, o *desk.Opened, args []string) error {
	m, err := o.Find(ctx, args[0])
	if err != nil {
		return err
	}
	e, err := o.Remove(ctx, m)
	if err != nil {
		return err
	}
	k, err := o.Keys(ctx)
	if err != nil {
		return err
	}
	tellWaiting(s, k)
	s.data("removed:  %s  %s\nroster:   %d, epoch %d", m.ID, printable(m.Name), k.Serial, k.Epoch)
	s.say("What a thief of it may have, if the passphrase was known or the desk was open: the keys of %s.", epochs(e.Epochs))
	if e.Keeper {
		s.say("It was a keeper's desk; its signature counts no more.")
	}
	if !e.Since.IsZero() {
		s.say("Those are the letters since %s: %d, in %d conversations.", e.Since.Local().Format(time.DateOnly), e.Letters, e.Threads)
	}
	return nil
}

// epochs names epochs: "epoch 4", "epochs 4 and 5".
func epochs(numbers []int) string {
	switch len(numbers) {
	case 0:
		return "no epoch"
	case 1:
		return fmt.Sprintf("epoch %d", numbers[0])
	}
	return fmt.Sprintf("epochs %d and %d", numbers[0], numbers[len(numbers)-1])
}
