package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"panah/core/join"
	"panah/core/roster"
	"panah/desk/internal/line"
)

// A Note is what a newcomer keeps on its disk of a talk: the hello must be the same again after a break.
type Note struct {
	Room    []byte        `json:"room"`
	Hello   []byte        `json:"hello,omitempty"` // as sent
	Offer   []byte        `json:"offer,omitempty"` // as it came
	Org     string        `json:"org,omitempty"`
	Verdict *join.Verdict `json:"verdict,omitempty"`
}

// A Guest is the newcomer's side.
type Guest struct {
	Line   *line.Line
	Device ed25519.PrivateKey
	Card   func(org string) ([]byte, error) // generation 1, signed
	Name   string                           // what people call this desk
	Keep   func(Note) error                 // puts the note on the disk, before anything is sent that must be the same again
	Words  func([6]byte)                    // shows what both sides compare
}

// Enter answers the keeper's offer, shows the words, and waits for the keeper to decide. was is the note of an earlier try; the zero Note begins. The
// error wraps ErrNoRoom, ErrTaken, ErrRefused, ErrBetween, or what desk/internal/line says.
func (g Guest) Enter(ctx context.Context, code join.Code, was Note) (Note, error) {
	room, err := code.Derive()
	if err != nil {
		return was, err
	}
	if string(was.Room) != string(room.ID[:]) {
		was = Note{Room: room.ID[:]}
	}
	if was.Verdict != nil {
		return was, nil
	}
	read := func(n byte) ([]byte, error) {
		return await(ctx, func(ctx context.Context) ([]byte, error) { return g.Line.NewcomerRead(ctx, room.ID, n) })
	}
	offerMsg, err := read(msgOffer)
	if err != nil {
		return was, fmt.Errorf("looking for the invitation: %w", err)
	}
	var offer join.Offer
	if err := room.Open(join.Keeper, msgOffer, offerMsg, &offer); err != nil {
		return was, explain(err)
	}
	if err := offer.Check(); err != nil {
		return was, explain(err)
	}
	if was, err = g.hello(ctx, room, offer, offerMsg, was); err != nil {
		return was, err
	}
	revealMsg, err := read(msgReveal)
	if err != nil {
		return was, fmt.Errorf("waiting for the keeper's desk: %w", err)
	}
	var reveal join.Reveal
	if err := room.Open(join.Keeper, msgReveal, revealMsg, &reveal); err != nil {
		return was, explain(err)
	}
	if err := reveal.Check(offer); err != nil {
		return was, explain(err)
	}
	g.Words(join.Words(room.ID, offerMsg, was.Hello, reveal.Nonce))
	return g.verdict(room, read, was)
}

// hello answers the offer, once.
func (g Guest) hello(ctx context.Context, room join.Room, offer join.Offer, offerMsg []byte, was Note) (Note, error) {
	if was.Hello == nil || string(was.Offer) != string(offerMsg) {
		card, err := g.Card(offer.Org)
		if err != nil {
			return was, err
		}
		pub, _ := g.Device.Public().(ed25519.PublicKey)
		nonce := make([]byte, 32)
		rand.Read(nonce)
		was.Offer, was.Org = offerMsg, offer.Org
		if was.Hello, err = room.Seal(join.Newcomer, msgHello, join.Hello{V: 1, Device: pub, Card: string(card), Name: g.Name, Nonce: nonce}); err != nil {
			return was, err
		}
		if err := g.Keep(was); err != nil {
			return was, err
		}
	}
	err := g.Line.NewcomerSend(ctx, room.ID, msgHello, was.Hello)
	if errors.Is(err, line.ErrJoin) {
		return was, ErrTaken
	}
	if err != nil {
		return was, fmt.Errorf("answering the invitation: %w", err)
	}
	return was, nil
}

// verdict waits for the keeper to compare and decide.
func (g Guest) verdict(room join.Room, read func(byte) ([]byte, error), was Note) (Note, error) {
	msg, err := read(msgVerdict)
	if err != nil {
		return was, fmt.Errorf("waiting for the keeper to let this desk in: %w", err)
	}
	var v join.Verdict
	if err := room.Open(join.Keeper, msgVerdict, msg, &v); err != nil {
		return was, explain(err)
	}
	if !v.OK {
		return was, ErrRefused
	}
	if v.Gate == nil || *v.Gate == (roster.Gate{}) || v.Serial < 2 {
		return was, ErrBetween
	}
	was.Verdict = &v
	return was, g.Keep(was)
}
