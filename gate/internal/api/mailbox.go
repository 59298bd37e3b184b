package api

import (
	"errors"
	"net/http"
	"strconv"

	"panah/core/wire"
)

// mailboxKey reads the two headers. The error never quotes them.
func mailboxKey(r *http.Request) (*wire.MailboxKey, error) {
	id, auth := r.Header.Get(wire.HeaderMailbox), r.Header.Get(wire.HeaderAuth)
	if id == "" || auth == "" {
		return nil, errors.New("a mailbox needs the headers Panah-Mailbox and Panah-Auth")
	}
	key, err := wire.ParseMailboxKey(id, auth)
	if err != nil {
		return nil, err
	}
	return &key, nil
}

// readMailbox gives the sealed replies to whoever holds the code.
func (a *API) readMailbox(w http.ResponseWriter, r *http.Request) {
	key, err := mailboxKey(r)
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	replies, err := a.c.Mailboxes.Replies(r.Context(), *key)
	if err != nil {
		fail(w, a.explain("reading a mailbox", err))
		return
	}
	size := 0
	for _, reply := range replies {
		size += 4 + len(reply) // uint32 length before each
	}
	// Written one by one: put together first, they would take the memory twice while a slow phone reads.
	w.Header().Set("Content-Length", strconv.Itoa(size))
	write(w, http.StatusOK, wire.TypeReplies, nil)
	var frame []byte
	for _, reply := range replies {
		frame = wire.AppendReply(frame[:0], reply)
		if _, err := w.Write(frame); err != nil {
			return // the phone has gone
		}
	}
}

// eraseMailbox destroys the mailbox and its replies at once.
func (a *API) eraseMailbox(w http.ResponseWriter, r *http.Request) {
	key, err := mailboxKey(r)
	if err != nil {
		fail(w, refuse(wire.CodeRequest, err.Error()))
		return
	}
	if err := a.c.Mailboxes.Erase(r.Context(), *key); err != nil {
		fail(w, a.explain("erasing a mailbox", err))
		return
	}
	write(w, http.StatusNoContent, "application/octet-stream", nil)
}
