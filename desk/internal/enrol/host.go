package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"panah/core/join"
	"panah/core/roster"
	"panah/desk/internal/line"
)

// A Host is the keeper's side of one invitation.
type Host struct {
	Code  join.Code
	Until time.Time // by this desk's clock

	line  *line.Line
	room  join.Room
	org   string
	nonce []byte
	offer []byte // as sent
}

// A Newcomer is the desk that answered, as it says itself. Nothing of it is proved but that it knows the code; the words prove the rest.
type Newcomer struct {
	Device ed25519.PublicKey
	Card   []byte // generation 1, signed
	Name   string // what it wants to be called; one line that prints
	Words  [6]byte
}

// tries is how many codes are drawn when the gate has rooms of their numbers.
const tries = 3

// Invite draws a code and makes its room at the gate. org and name are the organisation's, device is this desk's.
func Invite(ctx context.Context, l *line.Line, org, name string, device ed25519.PublicKey, now time.Time) (*Host, error) {
	var last error
	for range tries {
		h, err := newHost(l, org, now)
		if err != nil {
			return nil, err
		}
		h.offer, err = h.room.Seal(join.Keeper, msgOffer, join.Offer{V: 1, Org: org, Name: name, Device: device, Commit: join.Commit(h.nonce)})
		if err != nil {
			return nil, err
		}
		if last = l.JoinSend(ctx, h.room.ID, msgOffer, h.offer); last == nil {
			return h, nil
		}
		if !errors.Is(last, line.ErrJoin) {
			break
		}
	}
	return nil, fmt.Errorf("making an invitation: %w", last)
}

func newHost(l *line.Line, org string, now time.Time) (*Host, error) {
	code, err := join.NewCode(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("drawing a code: %w", err)
	}
	room, err := code.Derive()
	if err != nil {
		return nil, err
	}
	h := &Host{Code: code, Until: now.Add(Life), line: l, room: room, org: org, nonce: make([]byte, 32)}
	rand.Read(h.nonce)
	return h, nil
}

// Await waits for the first desk that answers with this code, and shows it the other half of the words. The error wraps ErrExpired or ErrBetween.
func (h *Host) Await(ctx context.Context) (Newcomer, error) {
	msg, err := await(ctx, func(ctx context.Context) ([]byte, error) { return h.line.JoinRead(ctx, h.room.ID, msgHello) })
	if errors.Is(err, ErrNoRoom) {
		return Newcomer{}, ErrExpired
	}
	if err != nil {
		return Newcomer{}, err
	}
	var hello join.Hello
	if err := h.room.Open(join.Newcomer, msgHello, msg, &hello); err != nil {
		return Newcomer{}, explain(err)
	}
	if _, err := hello.Check(h.org); err != nil {
		return Newcomer{}, explain(err)
	}
	reveal, err := h.room.Seal(join.Keeper, msgReveal, join.Reveal{Nonce: h.nonce})
	if err == nil {
		err = h.line.JoinSend(ctx, h.room.ID, msgReveal, reveal)
	}
	if errors.Is(err, line.ErrJoin) {
		return Newcomer{}, ErrExpired
	}
	if err != nil {
		return Newcomer{}, fmt.Errorf("answering the newcomer: %w", err)
	}
	return Newcomer{
		Device: hello.Device, Card: []byte(hello.Card), Name: oneLine(hello.Name), Words: join.Words(h.room.ID, h.offer, msg, h.nonce),
	}, nil
}

// Accept tells the newcomer that the roster with this serial has it. Doing it again is harmless.
func (h *Host) Accept(ctx context.Context, serial int, role roster.Role, gate roster.Gate) error {
	return h.decide(ctx, join.Verdict{OK: true, Serial: serial, Role: role, Gate: &gate})
}

// Refuse tells the newcomer to go. A room that is gone is no error.
func (h *Host) Refuse(ctx context.Context) error {
	if err := h.decide(ctx, join.Verdict{}); err != nil && !errors.Is(err, ErrExpired) {
		return err
	}
	return nil
}

func (h *Host) decide(ctx context.Context, v join.Verdict) error {
	msg, err := h.room.Seal(join.Keeper, msgVerdict, v)
	if err != nil {
		return err
	}
	err = h.line.JoinSend(ctx, h.room.ID, msgVerdict, msg)
	if errors.Is(err, line.ErrJoin) {
		return ErrExpired
	}
	if err != nil {
		return fmt.Errorf("telling the newcomer: %w", err)
	}
	return nil
}

// maxName bounds the name of a desk, bytes, as rosters' grants do.
const maxName = 120

// oneLine makes a stranger's name fit to be shown: what does not print goes, and so do line breaks and what is too long.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if r != 0x200C && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	for len(s) > maxName {
		runes := []rune(s)
		s = strings.TrimSpace(string(runes[:len(runes)-1]))
	}
	if s == "" {
		return "?"
	}
	return s
}
