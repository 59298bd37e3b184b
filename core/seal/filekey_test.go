package seal_test

import (
	"errors"
	"fmt"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"panah/core/seal"
)

// A file key opens its own letter without the identity, and no other letter.
func TestFileKeyOpensOneLetter(t *testing.T) {
	id, sealed := sealedOf(t)
	opener := seal.NewOpener(id)
	var last seal.FileKey
	for i, s := range sealed {
		l, key, err := opener.OpenKeyed(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := seal.OpenWith(s, key)
		if err != nil || !cmp.Equal(l, again) {
			t.Errorf("letter %d: with its key: %v", i, err)
		}
		if i > 0 {
			if _, err := seal.OpenWith(s, last); !errors.Is(err, seal.ErrBroken) {
				t.Errorf("letter %d with another letter's key: %v, want ErrBroken", i, err)
			}
		}
		last = key
	}
	if s := fmt.Sprintf("%v %+v %#v %s", last, last, last, last); s != "[file key] [file key] [file key] [file key]" {
		t.Errorf("a file key prints: %s", s)
	}
}

func TestWhereToWriteNextIsPartOfTheTag(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	key := seal.ThreadKey{1}
	l := seal.Letter{Kind: seal.KindReply, Org: "org", Sealed: seal.SealedDesk, N: 1, To: id.Recipient().String()}
	l.Tag = key.Tag(l)
	sealed, err := seal.Seal(l, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal.Open(sealed, id)
	if err != nil || got.To != l.To || key.Check(got) != nil {
		t.Fatalf("came back as %v, %v", got, err)
	}
	got.To = ""
	if !errors.Is(key.Check(got), seal.ErrForged) {
		t.Error("an answer without its key for the next letter passes")
	}
	for _, wrong := range []seal.Letter{
		{Kind: seal.KindReply, Org: "org", Sealed: seal.SealedDesk, Tag: l.Tag, To: "age1pq1nonsense"},
		{Kind: seal.KindNotice, Org: "org", Sealed: seal.SealedDesk, DeskTag: l.Tag, To: l.To},
		{Kind: seal.KindReply, Org: "org", Sealed: seal.SealedDesk, Tag: l.Tag, Seen: "1"},
		{Kind: seal.KindLocked, Org: "org", Sealed: seal.SealedDesk},
		{Kind: seal.KindWrap, Org: "org", Sealed: seal.SealedBrowser, DeskTag: l.Tag},
	} {
		if _, err := seal.Pack(wrong); err == nil {
			t.Errorf("packed a %s that no desk would read", wrong.Kind)
		}
	}
}

func TestSeenIsPartOfTheDeskTag(t *testing.T) {
	key := seal.DeskKey{1}
	l := seal.Letter{Kind: seal.KindNotice, Org: "org", Sealed: seal.SealedDesk, Seen: "1 a 2 b"}
	l.DeskTag = key.Tag(l)
	if err := key.Check(l); err != nil {
		t.Fatal(err)
	}
	l.Seen = "1 a 3 b"
	if !errors.Is(key.Check(l), seal.ErrForged) {
		t.Error("what a desk saw can be changed")
	}
}
