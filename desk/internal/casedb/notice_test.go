package casedb

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"panah/core/seal"
)

func FuzzParseNotice(f *testing.F) {
	id := strings.Repeat("A", 22)
	f.Add([]byte(`{"do":"join","old":"` + id + `","mailbox":"` + id + `"}`))
	f.Add([]byte(`{"do":"reissue","old":"` + id + `","mailbox":"` + id + `","box":"age1pq1x","mac":"` + strings.Repeat("A", 43) + `="}`))
	f.Add([]byte(`{"do":"erase","mailboxes":["` + id + `"],"letters":["` + strings.Repeat("0", 64) + `"],"commitments":["` + strings.Repeat("A", 43) + `="]}`))
	f.Add([]byte(`{"do":"dance"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNotice(b)
		if err != nil {
			return
		}
		if n.Do != doErase && n.Do != doJoin && n.Do != doReissue || len(n.Letters) != len(n.Commitments) && n.Do == doErase {
			t.Fatalf("accepted %+v", n)
		}
	})
}

func TestParseNoticeRefuses(t *testing.T) {
	id := strings.Repeat("A", 22)
	for _, s := range []string{
		``, `null`, `[]`, `{"do":"dance"}`, `{"do":"join","old":"x","mailbox":"` + id + `"}`, `{"do":"join","old":"` + id + `"}`,
		`{"do":"reissue","old":"` + id + `","mailbox":"` + id + `","box":"age1pq1x","mac":"AAAA"}`,
		`{"do":"erase","letters":["00"],"commitments":[]}`, `{"do":"erase","mailboxes":["../../etc"]}`, `{"do":"join","old":"` + id + `","mailbox":"` + id + `","more":1}`,
	} {
		if _, err := ParseNotice([]byte(s)); err == nil {
			t.Errorf("accepted %s", s)
		}
	}
}

// notify is a notice of another desk as sync hands it over.
func notify(t *testing.T, n Notice, number byte) Incoming {
	t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	in := Incoming{
		Present: true, DeskOK: true, Epoch: 1, Hour: time.Now(),
		Letter: seal.Letter{Kind: seal.KindNotice, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}}},
	}
	in.ID[0], in.Commitment[0] = 0xee, 0xee
	in.ID[1], in.Commitment[1] = number, number
	return in
}
