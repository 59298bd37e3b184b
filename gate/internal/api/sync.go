package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"panah/core/wire"
	"panah/gate/internal/organisation"
)

// Bounds of a sync stream.
const (
	maxSync       = 1000    // entries of one stream
	syncChunk     = 64      // entries read from the store at once
	syncChunkSize = 1 << 20 // or so many bytes
)

// count reads a query value from 0 to 2^53, as every JSON reader can hold it; absent means or.
func count(q url.Values, name string, or int64) (int64, error) {
	if !q.Has(name) {
		return or, nil
	}
	n, err := strconv.ParseUint(q.Get(name), 10, 53)
	if err != nil {
		return 0, fmt.Errorf("%s is a number", name)
	}
	return int64(n), nil
}

// sync streams a checkpoint and the entries from a cursor on. What goes wrong after the first byte cuts the stream: it has no end
// frame then.
func (a *API) sync(w http.ResponseWriter, r *http.Request, c call) {
	q := r.URL.Query()
	from, err1 := count(q, "from", 0)
	limit, err2 := count(q, "limit", maxSync)
	if err1 != nil || err2 != nil {
		fail(w, refuse(wire.CodeRequest, "sync needs ?from=N&limit=M"))
		return
	}
	checkpoint, size, err := a.c.Seq.Checkpoint()
	if err != nil {
		fail(w, a.explain("signing a checkpoint", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", wire.TypeSync)
	h.Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 64<<10)
	if wire.WriteFrame(out, wire.FrameCheckpoint, checkpoint) != nil {
		return
	}
	if err := a.stream(r.Context(), c, out, from, min(size, from+min(limit, maxSync))); err != nil {
		if !errors.Is(err, organisation.ErrLeft) {
			a.explain("streaming the log", err)
		}
		panic(http.ErrAbortHandler) // cuts the connection, so that no proxy completes the stream
	}
	if wire.WriteFrame(out, wire.FrameEnd, nil) == nil {
		_ = out.Flush() // the desk has gone: nobody to tell
	}
}

// stream writes entries from up to but not including end. An error of the connection ends it quietly.
func (a *API) stream(ctx context.Context, c call, out *bufio.Writer, from, end int64) error {
	var frame []byte
	for from < end {
		if !a.member(c.device) {
			return organisation.ErrLeft // meanwhile: no letter more, and no end
		}
		entries, err := a.c.Log.Entries(ctx, from, int(min(syncChunk, end-from)), syncChunkSize)
		if err != nil {
			return err
		}
		if len(entries) == 0 || entries[0].Index != from {
			return fmt.Errorf("entry %d of the log is missing", from)
		}
		for _, e := range entries {
			if e.Index != from {
				return fmt.Errorf("entry %d of the log is missing", from)
			}
			frame = wire.AppendEntry(frame[:0], e)
			if err := wire.WriteFrame(out, wire.FrameEntry, frame); err != nil {
				return nil
			}
			from++
		}
	}
	return nil
}
