package office

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/core/rulebook"
	"panah/core/wire"
)

// Why a rulebook that somebody adopted counts for nothing at a desk: PassedOver.Why.
const (
	bookDesk     = "desk"     // the desk that sent it is not a keeper's
	bookLeft     = "left"     // the desk that sent it is not the organisation's any more
	bookUnsigned = "unsigned" // its note is not of a keeper of the roster in force
	bookBroken   = "broken"   // its files have errors, or are others than their version says
	bookPerson   = "person"   // it was sent in the name of somebody who is no keeper
)

// errBookSize says that a rulebook does not fit into an event.
var errBookSize = errors.New("the rulebook is too long to be sent to the other desks")

// passed is a rulebook that counts for nothing here.
type passed struct {
	fold.Entry
	why string
}

// A library remembers what was found of adopted rulebooks, so that each is opened once, and holds the one that is in use.
type library struct {
	found map[event.Hash]string // why it does not count; "": it does, when its signature is of the roster in force
	inUse event.Hash
	book  *rulebook.Book // of inUse
	files rulebook.Source
}

// packBook is a signed rulebook as events carry it: base64 of the gzip of its one form. The error wraps errBookSize.
func packBook(b wire.Rulebook) (string, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return "", fmt.Errorf("packing a rulebook: %w", err)
	}
	if _, err := z.Write(b.Bytes()); err != nil {
		return "", fmt.Errorf("packing a rulebook: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("packing a rulebook: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(out.Bytes())
	if len(text) > event.MaxBook {
		return "", fmt.Errorf("%w: %d bytes of %d", errBookSize, len(text), event.MaxBook)
	}
	return text, nil
}

// unpackBook reads what packBook wrote, whoever signed it. It never takes more memory than a rulebook may have.
func unpackBook(text string) (b wire.Rulebook, err error) {
	if len(text) > event.MaxBook {
		return b, errBookSize
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return b, fmt.Errorf("unpacking a rulebook: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return b, fmt.Errorf("unpacking a rulebook: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, wire.MaxRulebook+1))
	if err != nil {
		return b, fmt.Errorf("unpacking a rulebook: %w", err)
	}
	return wire.ParseRulebook(plain)
}

// filesOf are the three files of a signed rulebook.
func filesOf(b wire.Rulebook) rulebook.Source {
	return rulebook.Source{Papers: []byte(b.Papers), Rules: []byte(b.Rules), Sources: []byte(b.Sources)}
}

// opened reads an adopted rulebook and checks that a keeper of the roster signed its files and that they are one without errors. why is one of the book constants, "" when it is good.
func opened(body event.BookSet, r roster.Roster) (book *rulebook.Book, files rulebook.Source, why string) {
	b, err := unpackBook(body.Files)
	if err != nil {
		return nil, files, bookBroken
	}
	if _, err := b.Open(r); err != nil {
		return nil, files, bookUnsigned
	}
	files = filesOf(b)
	if files.Version() != body.Version {
		return nil, files, bookBroken
	}
	book, _ = rulebook.Parse(files)
	if book == nil || misfit(book) != "" {
		return nil, files, bookBroken
	}
	return book, files, ""
}

// admitsBook reports whether an event that adopts a rulebook counts at this desk: from a keeper's desk, signed by a keeper, without errors. Every other event does. Those that do not count are
// remembered in r.staffing.passed. It wants r.staffing.mu.
func (r *room) admitsBook(members []roster.Member, e fold.Entry) bool {
	body, is := e.Body.(event.BookSet)
	if !is {
		return true
	}
	why := bookLeft
	from := roster.HashDevice(e.Device)
	if i := slices.IndexFunc(members, func(m roster.Member) bool { return m.Hash() == from }); i >= 0 {
		why = bookDesk
		if members[i].Role == roster.RoleKeeper {
			why = r.finds(e.Hash, body)
		}
	}
	if why != "" {
		r.staffing.passed = append(r.staffing.passed, passed{e, why})
	}
	return why == ""
}

// finds is opened, once for each event as long as the roster has its keeper.
func (r *room) finds(h event.Hash, body event.BookSet) (why string) {
	if body.Version == "" {
		return ""
	}
	l := &r.staffing.books
	if why, known := l.found[h]; known && why != "" && why != bookUnsigned {
		return why
	} else if known {
		if b, err := unpackBook(body.Files); err == nil {
			if _, err := b.Open(r.keys.Newest()); err == nil && why == "" {
				return ""
			}
		}
	}
	_, _, why = opened(body, r.keys.Newest())
	if l.found == nil {
		l.found = map[event.Hash]string{}
	}
	l.found[h] = why
	return why
}
