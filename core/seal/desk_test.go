package seal

import (
	"errors"
	"testing"

	"filippo.io/age"

	"panah/core/wire"
)

func TestDeskTagCoversWhatANoticeSays(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	key := DeskKey{1}
	l := Letter{Kind: KindNotice, Org: "org", Epoch: 1, Sealed: SealedDesk, Parts: []Part{{TypeOctets, []byte(`{"do":"join"}`)}}}
	l.DeskTag = key.Tag(l)
	sealed, err := Seal(l, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open(sealed, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Check(got); err != nil {
		t.Fatalf("a genuine notice: %v", err)
	}
	for what, change := range map[string]func(*Letter){
		"body":    func(l *Letter) { l.Parts = []Part{{TypeOctets, []byte(`{"do":"erase"}`)}} },
		"type":    func(l *Letter) { l.Parts = []Part{{TypeText, got.Parts[0].Data}} },
		"kind":    func(l *Letter) { l.Kind = KindReplyCopy },
		"number":  func(l *Letter) { l.N = 1 },
		"mailbox": func(l *Letter) { l.Mailbox = wire.MailboxID{1} },
		"no tag":  func(l *Letter) { l.DeskTag = nil },
	} {
		changed := got
		change(&changed)
		if err := key.Check(changed); !errors.Is(err, ErrForged) {
			t.Errorf("changed %s: got %v, want ErrForged", what, err)
		}
	}
	if err := (DeskKey{2}).Check(got); !errors.Is(err, ErrForged) {
		t.Errorf("another organisation's key: got %v, want ErrForged", err)
	}
}

func TestPackRefusesANoticeWithoutATag(t *testing.T) {
	if _, err := Pack(Letter{Kind: KindNotice, Org: "org", Epoch: 1, Sealed: SealedDesk}); err == nil {
		t.Error("packed a notice that no desk would believe")
	}
}
