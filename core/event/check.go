package event

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// NewStaff makes a person's id of 8 random bytes.
func NewStaff(random [8]byte) Staff { return Staff(hex.EncodeToString(random[:])) }

func validStaff(s Staff, empty bool) bool { return s == "" && empty || hexOf(string(s), 8) }

// hexOf reports whether s is size bytes in lower-case hex.
func hexOf(s string, size int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == size && hex.EncodeToString(b) == s
}

func validName(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// word is a short field: one line.
func word(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxLine && !bytes.ContainsFunc([]byte(s), func(r rune) bool { return unicode.IsControl(r) })
}

// text is a long field.
func text(s string) bool { return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxWords }

func moment(s string, empty bool) bool {
	if s == "" {
		return empty
	}
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && t.UTC().Format(time.RFC3339) == s
}

func day(s string, empty bool) bool {
	if s == "" {
		return empty
	}
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Format(time.DateOnly) == s
}

// Check is ErrMalformed for a body that Sign would refuse.
func Check(b Body) error {
	if b == nil {
		return ErrMalformed
	}
	return b.check()
}

// ok is ErrMalformed unless all of them hold.
func ok(all ...bool) error {
	if slices.Contains(all, false) {
		return ErrMalformed
	}
	return nil
}

// decode reads a body. What this version does not know, by name or by field, is Unknown.
func decode(kind string, raw []byte) (Body, error) {
	if !json.Valid(raw) || len(raw) == 0 || raw[0] != '{' {
		return nil, ErrMalformed
	}
	make, known := kinds[kind]
	if !known {
		return Unknown{kind, slices.Clone(raw)}, nil
	}
	b, err := make(raw)
	if err != nil {
		return Unknown{kind, slices.Clone(raw)}, nil
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

func strict[T Body](raw []byte) (Body, error) {
	var b T
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&b)
	return b, err
}

// kinds is the closed set.
var kinds = map[string]func([]byte) (Body, error){
	Opened{}.Kind(): strict[Opened], Set{}.Kind(): strict[Set], Answered{}.Kind(): strict[Answered], Followed{}.Kind(): strict[Followed], Noted{}.Kind(): strict[Noted],
	TaskAdded{}.Kind(): strict[TaskAdded], TaskMoved{}.Kind(): strict[TaskMoved], TaskState{}.Kind(): strict[TaskState], Claimed{}.Kind(): strict[Claimed],
	Assigned{}.Kind(): strict[Assigned], Team{}.Kind(): strict[Team], Barred{}.Kind(): strict[Barred], Linked{}.Kind(): strict[Linked], Proxy{}.Kind(): strict[Proxy],
	ProxyConfirmed{}.Kind(): strict[ProxyConfirmed], Consented{}.Kind(): strict[Consented], Withdrawn{}.Kind(): strict[Withdrawn], Vital{}.Kind(): strict[Vital],
	VitalAgreed{}.Kind(): strict[VitalAgreed], Disclosed{}.Kind(): strict[Disclosed], Basis{}.Kind(): strict[Basis], Checked{}.Kind(): strict[Checked],
	Closed{}.Kind(): strict[Closed], Reopened{}.Kind(): strict[Reopened], Held{}.Kind(): strict[Held], Reviewed{}.Kind(): strict[Reviewed], Retired{}.Kind(): strict[Retired], Retention{}.Kind(): strict[Retention], Looked{}.Kind(): strict[Looked],
	LetterMade{}.Kind(): strict[LetterMade], RiskTalked{}.Kind(): strict[RiskTalked],
	StaffIs{}.Kind(): strict[StaffIs], Shift{}.Kind(): strict[Shift], Destroyed{}.Kind(): strict[Destroyed], SearchedAll{}.Kind(): strict[SearchedAll],
	PaperChecked{}.Kind(): strict[PaperChecked], BookSet{}.Kind(): strict[BookSet],
}

// Kind is the name it was written under.
func (u Unknown) Kind() string { return u.Name }
func (u Unknown) check() error { return nil }
