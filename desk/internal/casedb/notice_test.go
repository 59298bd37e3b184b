package casedb

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"panah/core/seal"
	"panah/core/wire"
)

func FuzzParseNotice(f *testing.F) {
	id := strings.Repeat("A", 22)
	f.Add([]byte(`{"do":"join","old":"` + id + `","mailbox":"` + id + `"}`))
	f.Add([]byte(`{"do":"reissue","old":"` + id + `","mailbox":"` + id + `","box":"age1pq1x","mac":"` + strings.Repeat("A", 43) + `="}`))
	f.Add([]byte(`{"do":"erase","mailboxes":["` + id + `"],"letters":["` + strings.Repeat("0", 64) + `"],"commitments":["` + strings.Repeat("A", 43) + `="]}`))
	f.Add([]byte(`{"do":"dance"}`))
	f.Add([]byte(`{"do":"test","letters":["` + strings.Repeat("0", 64) + `"]}`))
	f.Add(lockNotice(f))
	f.Add([]byte(`{"do":"events","mailboxes":["` + id + `"],"events":["panah.event/v1\n"]}`))
	signed, err := SignNotice([]byte(`{"do":"join","old":"`+id+`","mailbox":"`+id+`"}`), "org", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(`{"do":"ours","case":"` + id + `","letters":["` + strings.Repeat("0", 64) + `"]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNotice(b)
		if err != nil {
			return
		}
		if len(n.Letters) != len(n.Commitments) && n.Do == doErase {
			t.Fatalf("accepted %+v", n)
		}
		if n.Do == doEvents && (len(n.Events) == 0 || len(n.Mailboxes) != 1) {
			t.Fatalf("accepted %+v", n)
		}
		if n.Sig != nil {
			n.signedBy("org", b) // within the bytes
		}
		if n.Do == doLock && (len(n.Mailboxes) == 0 || len(n.Specialists) == 0) {
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
		`{"do":"lock"}`, `{"do":"ours","case":"x"}`, `{"do":"lock","case":"` + id + `","mailboxes":["` + id + `"],"specialists":["AAAA"],"recipient":"age1pq1x"}`,
	} {
		if _, err := ParseNotice([]byte(s)); err == nil {
			t.Errorf("accepted %s", s)
		}
	}
}

// lockNotice is one that names a desk.
func lockNotice(t testing.TB) []byte {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(Notice{
		Do: doLock, Case: CaseID{1}.String(), Mailboxes: []string{strings.Repeat("A", 22)}, Recipient: id.Recipient().String(),
		Specialists: []string{base64.StdEncoding.EncodeToString(make([]byte, 32))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzParseCaseKey(f *testing.F) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		f.Fatal(err)
	}
	k := CaseKey{Case: CaseID{1}, Identity: id.String(), Mailboxes: []wire.MailboxID{{1}}, Entries: []KeyedEntry{{ID: wire.LetterID{1}, Key: seal.FileKey{2}}}}
	b, err := k.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"case":"","identity":"","letters":[],"mailboxes":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseCaseKey(b)
		if err != nil {
			return
		}
		again, err := k.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if k2, err := ParseCaseKey(again); err != nil || len(k2.Entries) != len(k.Entries) || k2.Identity != k.Identity {
			t.Fatal("a key changes on the way")
		}
	})
}

// notify is a notice of another desk as sync hands it over.
func notify(t *testing.T, n Notice, number byte) Incoming {
	t.Helper()
	body, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	in := Incoming{
		Present: true, DeskOK: true, Epoch: 1, FileKey: seal.FileKey{0xee, number}, Hour: time.Now(),
		Letter: seal.Letter{Kind: seal.KindNotice, Sealed: seal.SealedDesk, Parts: []seal.Part{{Type: seal.TypeOctets, Data: body}}},
	}
	in.ID[0], in.Commitment[0] = 0xee, 0xee
	in.ID[1], in.Commitment[1] = number, number
	return in
}
