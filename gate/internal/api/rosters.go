package api

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"

	"panah/core/wire"
	"panah/gate/internal/organisation"
	"panah/gate/internal/store"
)

// getRosters gives the chain, oldest first, so that anybody can follow it.
func (a *API) getRosters(w http.ResponseWriter, r *http.Request) {
	from, err := count(r.URL.Query(), "from", 1)
	if err != nil || from < 1 || from > maxSerial {
		fail(w, refuse(wire.CodeRequest, "rosters needs ?from=N, from 1"))
		return
	}
	chain, err := a.c.Org.Chain(r.Context(), int(from))
	if err != nil {
		fail(w, a.explain("reading the rosters", err))
		return
	}
	a.writeHeld(w, wire.AppendRosters(nil, chain))
}

// maxSerial bounds numbers of rosters and epochs that are asked for.
const maxSerial = 1 << 30

// getRecovery gives one recovery file to whoever asks: a custodian whose organisation has lost every desk has nothing to sign with.
func (a *API) getRecovery(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, err := []byte(nil), store.ErrNone
	if wire.GoodFileName(name) {
		b, err = a.c.Org.File(r.Context(), name)
	}
	if err != nil {
		fail(w, a.explain("reading a recovery file", err))
		return
	}
	write(w, http.StatusOK, wire.TypeLetter, b)
}

// postRoster takes a roster with what goes into force with it. The keepers' signatures are the authority.
func (a *API) postRoster(w http.ResponseWriter, r *http.Request) {
	if e := a.readRoster(r); e != nil {
		fail(w, e)
		return
	}
	body, release, e := a.readBody(r, wire.MaxPackage)
	defer release()
	if e != nil {
		fail(w, e)
		return
	}
	p, err := wire.ParsePackage(body)
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()+"; send the whole package again"))
		return
	}
	outcome, err := a.c.Org.Offer(r.Context(), p)
	if err != nil {
		fail(w, a.explain("keeping a roster", err))
		return
	}
	status := http.StatusOK
	switch outcome {
	case organisation.Accepted:
		status = http.StatusCreated
		a.rooms.Keep(a.memberNamed)
	case organisation.Proposed:
		status = http.StatusAccepted
	case organisation.Already:
	}
	writeJSON(w, status, struct{}{})
}

// readRoster reads the first frame of a package and looks at its roster, so that no stranger's megabytes are read. The body can be read
// from its start afterwards.
func (a *API) readRoster(r *http.Request) *wire.Error {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r.Body, head); err != nil {
		return refuse(wire.CodeRequest, "a package begins with its roster; send it again")
	}
	n := binary.BigEndian.Uint32(head[1:])
	if head[0] != wire.FrameRoster || n > wire.MaxRoster {
		return refuse(wire.CodeRequest, "a package begins with its roster, of at most 64 KiB")
	}
	signed := make([]byte, n)
	if _, err := io.ReadFull(r.Body, signed); err != nil {
		return refuse(wire.CodeRequest, "not all of it arrived; send it again")
	}
	if err := a.c.Org.Look(signed); err != nil {
		return a.explain("looking at a roster", err)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), bytes.NewReader(signed), r.Body), r.Body}
	return nil
}

// explainKeys turns what package organisation refuses into what a desk is told; nil when it is something else.
func explainKeys(err error) *wire.Error {
	switch {
	case errors.Is(err, organisation.ErrNobody):
		return errClosed()
	case errors.Is(err, organisation.ErrFollow):
		return refuse(wire.CodeRoster, err.Error()+"; somebody else changed it: read the newest and begin again")
	case errors.Is(err, organisation.ErrCard):
		return refuse(wire.CodeRoster, "a card of this generation or a later one is here already; publish the one that follows it")
	case errors.Is(err, organisation.ErrFiles):
		return refuse(wire.CodeRoster, "recovery files come with a roster that keepers sign; only those of a new organisation come by themselves")
	case errors.Is(err, organisation.ErrShape):
		return refuse(wire.CodeShape, err.Error())
	case errors.Is(err, organisation.ErrEpoch):
		return refuse(wire.CodeRequest, "wraps are kept from epoch 1 to the one after the newest roster's, and deleted up to that roster's")
	case errors.Is(err, organisation.ErrLeft):
		return errDevice(wire.ErrDevice)
	case errors.Is(err, store.ErrNone):
		e := refuse(wire.CodeRequest, "there is no recovery file of this name; the sheets say which letters go together")
		e.Status = http.StatusNotFound
		return e
	}
	return nil
}
