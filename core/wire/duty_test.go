package wire

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/duty"
)

var dutyNow = time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC)

func someDuty() Duty {
	return NewDuty(duty.Of([]duty.Span{{From: dutyNow.Add(90 * time.Minute), To: dutyNow.Add(10 * time.Hour)}, {From: dutyNow.Add(26 * time.Hour), To: dutyNow.Add(50 * 24 * time.Hour)}}), "Asia/Kabul", dutyNow)
}

func TestDutyThereAndBack(t *testing.T) {
	d := someDuty()
	if len(d.Spans) != 2 || d.Spans[1].To != dutyNow.Add(DutyAhead).Unix() {
		t.Fatalf("%+v", d)
	}
	got, err := ParseDuty(d.Bytes())
	if err != nil || !cmp.Equal(got, d) {
		t.Errorf("%v, %s", err, cmp.Diff(d, got))
	}
	if got, err := ParseDuty(Duty{At: 5}.Bytes()); err != nil || len(got.Roster()) != 0 {
		t.Errorf("no shifts: %v", err)
	}
}

func TestParseDutyRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"nothing":          ``,
		"a name":           `{"at":100,"zone":"","shifts":[],"who":"Laila"}`,
		"a name in a span": `{"at":6000000,"zone":"","shifts":[{"from":6000000,"to":6000060,"n":2}]}`,
		"spaces":           `{"at":100, "zone":"","shifts":[]}`,
		"twice":            `{"at":100,"zone":"","shifts":[]}{}`,
		"no time":          `{"at":0,"zone":"","shifts":[]}`,
		"hand-over":        `{"at":6000000,"zone":"","shifts":[{"from":6000000,"to":6000060},{"from":6000060,"to":6000120}]}`,
		"backward":         `{"at":6000000,"zone":"","shifts":[{"from":6000060,"to":6000000}]}`,
		"seconds":          `{"at":6000000,"zone":"","shifts":[{"from":6000001,"to":6000060}]}`,
		"far ahead":        `{"at":6000000,"zone":"","shifts":[{"from":6000000,"to":9600000}]}`,
		"long ago":         `{"at":6000000,"zone":"","shifts":[{"from":5000040,"to":6000000}]}`,
		"a path":           `{"at":100,"zone":"../etc/passwd","shifts":[]}`,
		"a null":           `{"at":100,"zone":"","shifts":null}`,
	} {
		if _, err := ParseDuty([]byte(b)); !errors.Is(err, ErrDuty) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckDuty(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))
	body := someDuty().Bytes()
	signed := SignRequest(key, "POST", DutyTarget, body, "gate.example", dutyNow)
	d, device, err := CheckDuty(body, signed, "gate.example")
	if err != nil || !device.Equal(key.Public()) || len(d.Spans) != 2 {
		t.Fatalf("%v", err)
	}
	other := someDuty()
	other.Spans = other.Spans[:1]
	if _, _, err := CheckDuty(other.Bytes(), signed, "gate.example"); !errors.Is(err, ErrDevice) {
		t.Errorf("other shifts under the signature: %v", err)
	}
	if _, _, err := CheckDuty(body, signed, "other.example"); !errors.Is(err, ErrDevice) {
		t.Errorf("another gate's: %v", err)
	}
	late := SignRequest(key, "POST", DutyTarget, body, "gate.example", dutyNow.Add(-time.Hour))
	if _, _, err := CheckDuty(body, late, "gate.example"); !errors.Is(err, ErrDuty) {
		t.Errorf("a time of its own: %v", err)
	}
}

// FuzzParseDuty checks that what is accepted has one form, and counts as a roster of that many spans.
func FuzzParseDuty(f *testing.F) {
	f.Add(someDuty().Bytes())
	f.Add([]byte(`{"at":100,"zone":"UTC","shifts":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseDuty(b)
		if err != nil {
			return
		}
		if !bytes.Equal(d.Bytes(), b) || len(duty.Of(d.Roster())) != len(d.Spans) {
			t.Errorf("%q", b)
		}
	})
}
