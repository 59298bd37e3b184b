package office

import (
	"context"
	"errors"
	"time"

	"panah/desk/internal/casedb"
)

// Whoever reads or writes waits for a batch of the index, and an answer is not to wait long.
const (
	indexBatch = 40
	indexPause = 20 * time.Millisecond // between batches
	indexWait  = 2 * time.Second       // when nothing was left
)

// index keeps the search's index up to date behind everything else, until ctx ends.
func (r *room) index(ctx context.Context) {
	wait := time.NewTimer(indexWait)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		n, err := r.db.IndexSome(ctx, indexBatch)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, casedb.ErrFull): // the page says so
			wait.Reset(longWait)
		case err != nil:
			r.o.c.Log.Error("indexing", "error", err)
			wait.Reset(longWait)
		case n == 0:
			wait.Reset(indexWait)
		default:
			wait.Reset(indexPause)
		}
	}
}
