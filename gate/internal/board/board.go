// Package board keeps what the organisation tells everybody: the times in which somebody is on duty, and the rulebook that the public check
// answers by.
//
// It holds no names and decides nothing: what stands on it is signed, times by a desk and rules by a keeper, and everybody can check that.
package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	_ "time/tzdata" // local times on pages must not depend on what the server's system has

	"panah/core/wire"
)

// Words keeps a few values of the gate itself.
type Words interface {
	Meta(name string) (string, error)
	SetMeta(name, value string) error
}

// metaName is where the board stands among them.
const metaName = "duty"

// A Notice is a Duty as the desk that published it signed it.
type Notice struct {
	Duty   wire.Duty   `json:"-"`
	Body   []byte      `json:"body"`
	Signed wire.Signed `json:"signed"`
}

// A Board holds the newest notice. It is safe for concurrent use.
type Board struct {
	words Words
	books sync.Mutex // one rulebook is read at a time

	mu     sync.RWMutex // guards the two below
	newest *Notice      // nil: no desk has said anything yet
	book   *Rulebook    // nil: no keeper has signed one yet
}

// Open reads the board. With an error that wraps ErrRulebook the board is there, without a rulebook: the caller tells the operator.
func Open(words Words) (*Board, error) {
	b := &Board{words: words}
	if err := b.openDuty(); err != nil {
		return nil, err
	}
	err := b.openBook()
	if err != nil && !errors.Is(err, ErrRulebook) {
		return nil, err
	}
	return b, err
}

// openDuty reads the notice that is kept, if one is.
func (b *Board) openDuty() error {
	kept, err := b.words.Meta(metaName)
	if err != nil || kept == "" {
		return err
	}
	var n Notice
	if err := json.Unmarshal([]byte(kept), &n); err != nil {
		return fmt.Errorf("reading the times of duty: %w", err)
	}
	if n.Duty, err = wire.ParseDuty(n.Body); err != nil {
		return fmt.Errorf("reading the times of duty: %w", err)
	}
	b.newest = &n
	return nil
}

// Newest is what a desk said last; ok is false when none has.
func (b *Board) Newest() (n Notice, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.newest == nil {
		return Notice{}, false
	}
	return *b.newest, true
}

// Put keeps a notice that the caller has checked. One that was said earlier than what stands there is refused with a *wire.Error.
func (b *Board) Put(n Notice) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.newest != nil && n.Duty.At < b.newest.Duty.At {
		return &wire.Error{Code: wire.CodeDuty, Status: 409, Say: "another desk said later when somebody is on duty; read that first"}
	}
	kept, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("keeping the times of duty: %w", err)
	}
	if err := b.words.SetMeta(metaName, string(kept)); err != nil {
		return fmt.Errorf("keeping the times of duty: %w", err)
	}
	b.newest = &n
	return nil
}
