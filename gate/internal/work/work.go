// Package work asks senders for a proof of work while a gate is under load, and only then.
//
// It keys on nothing about the sender: not on an address, which a whole camp or a whole mobile network may share, nor on anything
// else. Everybody who writes at the same time is asked for the same. Challenges are stateless: an HMAC under a key that lives
// as long as the process.
package work

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"panah/core/wire"
)

// Bounds of what is asked, in leading zero bits. A slow phone does about 100,000 hashes a second in script: 12 bits take it
// a moment, 19 some seconds.
const (
	MinBits = 12
	MaxBits = 19
)

// Valid is how long a challenge can be answered.
const Valid = 10 * time.Minute

// slack is how many bits a proof may be short of what is asked by now: load may rise while a phone computes.
const slack = 3

// ErrProof says that a Panah-Work header is not a proof for this letter now.
var ErrProof = errors.New("not a proof of work for this letter")

// A Meter turns load into bits. It is safe for concurrent use.
type Meter struct {
	key [32]byte
	now func() time.Time
}

// New returns a meter with a fresh key.
func New(now func() time.Time) *Meter {
	m := &Meter{now: now}
	_, _ = rand.Read(m.key[:]) // never fails since Go 1.24
	return m
}

// Bits returns what to ask for at a load, where 1 is all that the gate can take: nothing below one half, then more and more.
func Bits(load float64) int {
	if load < 0.5 {
		return 0
	}
	return min(MaxBits, MinBits+int((load-0.5)*2*(MaxBits-MinBits+1)))
}

// Challenge makes a challenge for n bits: unix seconds, bits, HMAC; nothing in it is about the one who asked.
func (m *Meter) Challenge(n int) string {
	head := strconv.FormatInt(m.now().Unix(), 36) + "." + strconv.Itoa(n)
	return head + "." + m.mac(head)
}

func (m *Meter) mac(head string) string {
	h := hmac.New(sha256.New, m.key[:])
	h.Write([]byte(head))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// Check reports whether header proves the work for id when n bits are asked for now.
func (m *Meter) Check(header string, id wire.LetterID, n int) error {
	challenge, counter, ok := strings.Cut(header, "|")
	if !ok || len(header) > 120 || !isCounter(counter) {
		return ErrProof
	}
	i := strings.LastIndexByte(challenge, '.')
	if i < 0 || !hmac.Equal([]byte(challenge[i+1:]), []byte(m.mac(challenge[:i]))) {
		return ErrProof
	}
	// Ours from here on.
	date, asked, _ := strings.Cut(challenge[:i], ".")
	sec, err1 := strconv.ParseInt(date, 36, 64)
	want, err2 := strconv.Atoi(asked)
	age := m.now().Sub(time.Unix(sec, 0))
	if err1 != nil || err2 != nil || age > Valid || age < -Valid || want < n-slack {
		return ErrProof
	}
	if wire.WorkZeros(challenge, id, counter) < want {
		return ErrProof
	}
	return nil
}

func isCounter(s string) bool { return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == "" }
