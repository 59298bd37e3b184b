package attack

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"panah/core/roster"
	"panah/core/seal"
	"panah/core/wire"
	"panah/gate"
	"panah/internal/testkit/hoard"
)

func TestOperatorSwapsTheEpochKey(t *testing.T) {
	w := found(t)
	mine, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	real := w.roster().Recipient.String()
	w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		a := gate(e)
		if strings.HasPrefix(e.Target, "/roster") && e.Header.Get(wire.HeaderDevice) == "" {
			a.Body = bytes.ReplaceAll(a.Body, []byte(real), []byte(mine.Recipient().String()))
		}
		return a
	})
	report1, err := gate.VerifyPages(context.Background(), w.gate.URL)
	if err != nil || len(report1.Chain) == 0 {
		t.Fatalf("verify-pages finds nothing: %v %+v", err, report1)
	}
	w.keeper.stop()
	again := serve(t, "the keeper's desk", w.keeper.data)
	again.alarm("The gate serves a list of the organisation's keys that your keepers did not sign.", "Call your keeper by phone at once")
	report(t, 10, "the operator shows visitors another epoch key", "verify-pages: “%s”; the desk: “a list of the organisation's keys that your keepers did not sign”", shorten(report1.Chain[0]))
}

func shorten(s string) string {
	if len(s) > 90 {
		return s[:90] + "…"
	}
	return s
}

func TestOperatorServesAnOldRoster(t *testing.T) {
	w := found(t)
	old := w.roster()
	oldSigned := w.served()
	w.keeper.roll()
	w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		a := gate(e)
		if e.Target == "/roster" {
			a.Body = oldSigned
		}
		return a
	})
	w.keeper.stop()
	again := serve(t, "the keeper's desk", w.keeper.data)
	text := again.alarm("older")
	if old.Epoch+1 != again.epoch() {
		t.Errorf("the desk went back to epoch %d", again.epoch())
	}
	report(t, 11, "the operator serves an old roster", "the desk keeps the newer one and says: “%s”", sentenceWith(text, "older"))
}

// served is the newest signed roster.
func (w *world) served() []byte {
	rosters := w.gate.Rosters()
	newest := rosters[0]
	for _, r := range rosters {
		if bytes.Contains(r, []byte("\nserial ")) && serialOf(r) > serialOf(newest) {
			newest = r
		}
	}
	return newest
}

func serialOf(signed []byte) int {
	_, rest, _ := bytes.Cut(signed, []byte("\nserial "))
	n := 0
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}

var sentenceEnd = regexp.MustCompile(`[.!?] (?:[A-Z]|$)`)

// sentenceWith is the sentence of a page that holds some words.
func sentenceWith(text, words string) string {
	at := strings.Index(text, words)
	if at < 0 {
		return ""
	}
	start := 0
	for _, e := range sentenceEnd.FindAllStringIndex(text[:at], -1) {
		start = e[1] - 1
	}
	end := len(text)
	if e := sentenceEnd.FindStringIndex(text[at:]); e != nil {
		end = at + e[0] + 1
	}
	s := text[start:end]
	if i := strings.LastIndex(s, "Notices "); i >= 0 { // the heading before the first
		s = s[i+len("Notices "):]
	}
	return strings.ReplaceAll(s, " ,", ",")
}

func TestOperatorDropsALetter(t *testing.T) {
	w, second, op := deskAlone(t)
	op.shows(second, false, without(op.next()))
	w.writes("second-letter")
	w.keeper.thread("second-letter")
	w.writes("third-letter")
	w.keeper.thread("third-letter")
	second.must("/about/sync", "next", "/")
	text := second.alarm("The gate left out an entry of its log")
	report(t, 12, "the operator leaves a logged letter out", "“%s”", sentenceWith(text, "left out an entry"))
}

func TestOperatorReordersLetters(t *testing.T) {
	w, second, op := deskAlone(t)
	op.shows(second, false, func(entries []wire.Entry) []wire.Entry {
		n := len(entries)
		if n >= 2 {
			entries[n-2].Commitment, entries[n-1].Commitment = entries[n-1].Commitment, entries[n-2].Commitment
			entries[n-2].Sealed, entries[n-1].Sealed = entries[n-1].Sealed, entries[n-2].Sealed
			entries[n-2].Key, entries[n-1].Key = entries[n-1].Key, entries[n-2].Key
			entries[n-2].Record, entries[n-1].Record = entries[n-1].Record, entries[n-2].Record
		}
		return entries
	})
	w.writes("second-letter")
	w.keeper.thread("second-letter")
	w.writes("third-letter")
	w.keeper.thread("third-letter")
	second.must("/about/sync", "next", "/")
	text := second.alarm("do not give the log that it signed")
	// How many entries the desk fetches at once is a matter of moments: the keeper's desk writes into the log too.
	said := regexp.MustCompile(`entries \d+ to \d+`).ReplaceAllString(sentenceWith(text, "do not give the log"), "entries a to b")
	report(t, 13, "the operator swaps two logged letters", "“%s”", said)
}

func TestOperatorReplaysALetter(t *testing.T) {
	_, second, op := deskAlone(t)
	op.shows(second, true, func(entries []wire.Entry) []wire.Entry { return append(entries, entries[0]) })
	second.must("/about/sync", "next", "/")
	text := second.alarm("stands in the log twice")
	report(t, 14, "the operator replays a letter", "“%s”", sentenceWith(text, "log twice"))
}

func TestOperatorRollsTheLogBack(t *testing.T) {
	_, second, op := deskAlone(t)
	op.shows(second, true, func(entries []wire.Entry) []wire.Entry { return entries[:1] })
	second.must("/about/sync", "next", "/")
	text := second.alarm("log is shorter than it was")
	report(t, 15, "the operator puts the log back", "“%s”", sentenceWith(text, "shorter"))
}

// One desk sees a log of its own, signed and in order, without one letter. It learns so from the next thing that another desk writes.
func TestOperatorForksForOneDesk(t *testing.T) {
	w, second, op := deskAlone(t)
	op.shows(second, true, without(op.next()))
	w.writes("hidden-letter")
	w.keeper.thread("hidden-letter")
	w.writes("shown-letter")
	w.keeper.thread("shown-letter")
	w.keeper.reply("shown-letter", "an answer")
	second.must("/about/sync", "next", "/")
	second.thread("shown-letter")
	text := second.alarm("The gate signed two logs")
	report(t, 16, "the operator forks the log for one desk", "found with the next answer of another desk: “%s”", sentenceWith(text, "two logs"))
}

func TestOperatorForgesAReply(t *testing.T) {
	w, second, op := deskAlone(t)
	p := w.writes("whom-they-answer")
	w.keeper.thread("whom-they-answer")
	second.thread("whom-they-answer")
	copied := seal.Letter{
		Kind: seal.KindReplyCopy, Mailbox: p.keys.Mailbox.ID, N: 1, Tag: make([]byte, 32), DeskTag: make([]byte, 32),
		Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("come to the station at noon")}},
	}
	forged := op.forged(copied)
	op.shows(second, true, func(entries []wire.Entry) []wire.Entry { return append(entries, forged) })
	second.must("/about/sync", "next", "/")
	text := second.alarm("that none of your desks wrote")
	// To the person: the operator knows the mailbox, and seals to it were its key known; it is not. Even so, it would lack the thread's key.
	inBox, err := seal.Seal(seal.Letter{
		Kind: seal.KindReply, Org: w.org, Sealed: seal.SealedDesk, N: 1, Tag: make([]byte, 32), Parts: []seal.Part{{Type: seal.TypeText, Data: []byte("come")}},
	}, p.keys.Box.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		a := gate(e)
		if u, err := url.Parse(e.Target); err == nil && u.Path == "/v1/mailbox" && a.Status == http.StatusOK {
			a.Body = wire.AppendReply(a.Body, inBox)
		}
		return a
	})
	if got := p.answers(); len(got) != 0 {
		t.Error("the person takes a forged answer for a genuine one")
	}
	report(t, 17, "the operator forges an answer", "desks: “%s”; the person's page takes it for none of ours", sentenceWith(text, "none of your desks wrote"))
}

// The operator's roster in the place of the organisation's: desks verify the chain, and no desk wipes itself on a gate's word.
func TestOperatorThrowsADeskOut(t *testing.T) {
	w, second, _ := deskAlone(t)
	device := deviceOf(contentsOf(t, second.data))
	w.gate.Meddle(func(e hoard.Exchange, gate func(hoard.Exchange) hoard.Answer) hoard.Answer {
		if strings.HasPrefix(e.Target, "/v1/desk/") && e.Header.Get(wire.HeaderDevice) == b64(device) {
			return hoard.Answer{Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"error":"device","say":"this device is not in the organisation's roster"}`)}
		}
		a := gate(e)
		if strings.HasPrefix(e.Target, "/roster") {
			h := roster.HashDevice(device)
			a.Body = bytes.ReplaceAll(a.Body, []byte("device "+b64(h[:])+"\n"), nil)
		}
		return a
	})
	second.must("/about/sync", "next", "/")
	text := second.alarm("does not count this desk")
	if !exists(second.data) {
		t.Error("a lying gate made a desk wipe itself")
	}
	report(t, 18, "the operator tells a desk that it was removed", "the desk checks the signatures, keeps everything, and says: “%s”", sentenceWith(text, "does not count this desk"))
}
