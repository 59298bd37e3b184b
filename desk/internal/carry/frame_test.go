package carry

import (
	"errors"
	"testing"

	"panah/core/seal"
)

// FuzzFrame: what one of our desks could have put into a frame is read, or refused as damaged.
func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"panah_stick":1,"file":"x","n":0,"what":"begin"}`), []byte(nil))
	f.Add([]byte(`{"panah_stick":1,"file":"x","n":1,"what":"events"}`), []byte(`{"do":"events"}`))
	f.Add([]byte(`{"panah_stick":1,"file":"x","n":1,"what":"letter","letter":{"epoch":1,"sealed":"browser","mailbox":"AQAAAAAAAAAAAAAAAAAAAA","key":"","num":1,"at":1,"hour":1,"id":"","commitment":""}}`), []byte("text"))
	f.Fuzz(func(t *testing.T, head, body []byte) {
		parts := []seal.Part{{Type: seal.TypeOctets, Data: head}}
		if body != nil {
			parts = append(parts, seal.Part{Type: seal.TypeOctets, Data: body})
		}
		fr, c, err := unpack(parts)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v is not ErrDamaged", err)
			}
			return
		}
		if c.What != fr.What || fr.N < 0 {
			t.Error("a frame is read as another")
		}
	})
}
