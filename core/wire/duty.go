package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"panah/core/duty"
)

// Bounds of a Duty.
const (
	MaxDuty      = 16 << 10            // bytes
	MaxDutySpans = 200                 //
	DutyAhead    = 35 * 24 * time.Hour // how far ahead of At a span may end
	dutyBehind   = 7 * 24 * time.Hour  // how far before At one may begin
)

// DutyTarget is where a desk publishes a Duty; its signature names it.
const DutyTarget = "/v1/desk/duty"

// A Duty is what the public may know of an organisation's duty roster: when somebody reads. Who, how many, and where they hand over does not show. No spans: there is no roster.
type Duty struct {
	At    int64      `json:"at"`     // when a desk said it, unix seconds
	Zone  string     `json:"zone"`   // whose local time pages show, "Asia/Kabul"; "" for UTC
	Spans []DutySpan `json:"shifts"` // in order, none touching the next
}

// A DutySpan is a time in which somebody is on duty, unix seconds of whole minutes.
type DutySpan struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// ErrDuty says that bytes are no Duty in the one form that there is.
var ErrDuty = errors.New("malformed shifts: see docs/formats.md, section 4")

// zoneForm is how IANA names look. Whether there is such a zone, ask package time.
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z]+(/[A-Z][A-Za-z_+-]+[0-9]{0,2}){0,2}$`)

// NewDuty is what a desk says at now of a roster: what is over is nobody's business.
func NewDuty(r duty.Roster, zone string, now time.Time) Duty {
	d := Duty{At: now.Unix(), Zone: zone, Spans: []DutySpan{}}
	for _, s := range r.Within(now.Add(-dutyBehind+time.Hour), now.Add(DutyAhead)) {
		one := DutySpan{s.From.Truncate(time.Minute).Unix(), s.To.Truncate(time.Minute).Unix()}
		if one.From < one.To && one.To > d.At && len(d.Spans) < MaxDutySpans {
			d.Spans = append(d.Spans, one)
		}
	}
	return d
}

// Roster is the Duty as core/duty counts with it.
func (d Duty) Roster() duty.Roster {
	var r duty.Roster
	for _, s := range d.Spans {
		r = append(r, duty.Span{From: time.Unix(s.From, 0).UTC(), To: time.Unix(s.To, 0).UTC()})
	}
	return r
}

// Bytes is the one form of a Duty.
func (d Duty) Bytes() []byte {
	if d.Spans == nil {
		d.Spans = []DutySpan{}
	}
	b, _ := json.Marshal(d) // numbers and one checked word: never fails
	return b
}

// ParseDuty reads a Duty and refuses any other form of it than Bytes. The error is ErrDuty.
func ParseDuty(b []byte) (Duty, error) {
	var d Duty
	if len(b) > MaxDuty || json.Unmarshal(b, &d) != nil || !bytes.Equal(d.Bytes(), b) {
		return Duty{}, ErrDuty
	}
	if d.At <= 0 || d.At > 1<<40 || len(d.Spans) > MaxDutySpans || d.Zone != "" && (len(d.Zone) > 40 || !zoneForm.MatchString(d.Zone)) {
		return Duty{}, ErrDuty
	}
	last := d.At - int64(dutyBehind/time.Second)
	for _, s := range d.Spans {
		if s.From <= last || s.To <= s.From || s.From%60 != 0 || s.To%60 != 0 {
			return Duty{}, ErrDuty
		}
		last = s.To
	}
	if last > d.At+int64(DutyAhead/time.Second) {
		return Duty{}, ErrDuty
	}
	return d, nil
}

// CheckDuty returns what a desk said of its duty, and the device that signed it, from what a gate serves: the body of the request that published it with the values of its
// headers. Whether the device is of the organisation, and whether a gate keeps back a later one, is the caller's question. The error wraps ErrDuty or ErrDevice.
func CheckDuty(body []byte, s Signed, origin string) (Duty, ed25519.PublicKey, error) {
	d, err := ParseDuty(body)
	if err != nil {
		return Duty{}, nil, err
	}
	date, err := strconv.ParseInt(s.Date, 10, 64)
	if err != nil {
		return Duty{}, nil, ErrDevice
	}
	device, err := CheckRequest(s, "POST", DutyTarget, body, origin, time.Unix(date, 0))
	if err != nil {
		return Duty{}, nil, fmt.Errorf("shifts that nobody of the organisation signed: %w", err)
	}
	if apart := time.Unix(d.At, 0).Sub(time.Unix(date, 0)).Abs(); apart > RequestWindow {
		return Duty{}, nil, ErrDuty // its own time would let it win over later ones
	}
	return d, device, nil
}
