// Package board keeps what the organisation's desks said last of the times in which somebody is on duty.
//
// It holds no names and decides nothing: what stands on it is signed by a desk, and everybody can check that.
package board

import (
	"encoding/json"
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

	mu     sync.RWMutex
	newest *Notice // nil: no desk has said anything yet; guarded by mu
}

// Open reads the board.
func Open(words Words) (*Board, error) {
	kept, err := words.Meta(metaName)
	if err != nil || kept == "" {
		return &Board{words: words}, err
	}
	var n Notice
	if err := json.Unmarshal([]byte(kept), &n); err != nil {
		return nil, fmt.Errorf("reading the times of duty: %w", err)
	}
	if n.Duty, err = wire.ParseDuty(n.Body); err != nil {
		return nil, fmt.Errorf("reading the times of duty: %w", err)
	}
	return &Board{words: words, newest: &n}, nil
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
