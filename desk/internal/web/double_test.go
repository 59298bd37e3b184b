package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"panah/core/receipt"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/office"
)

// rightPassphrase opens the double.
const rightPassphrase = "four words are better"

// A double is an office in memory, for states that the real one reaches only when a gate cheats: forged letters and every
// kind of alarm. What the pages do with a real office is tested in real_test.go.
type double struct {
	mu         sync.Mutex // guards everything below
	open       bool
	touched    int
	status     office.Status
	threads    []casedb.Thread
	parts      map[int64]casedb.Part
	alarms     []casedb.Alarm
	replied    []string
	failWith   error // of the next Reply
	failUnlock error
	tried      int // passphrases
	changes    []chan office.Change
}

func (d *double) Unlock(_ context.Context, passphrase string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tried++
	if passphrase != rightPassphrase {
		return office.ErrPassphrase
	}
	if d.failUnlock != nil {
		return d.failUnlock
	}
	d.open = true
	return nil
}

func (d *double) Lock() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = false
}

func (d *double) Locked() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.open
}

func (d *double) Touch() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.touched++
}

func (d *double) Threads(_ context.Context, f casedb.Filter) ([]casedb.Summary, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open {
		return nil, office.ErrLocked
	}
	var list []casedb.Summary
	for _, t := range d.threads {
		if f.Waiting && !t.Waiting || !f.All && t.State != casedb.StateOpen && t.State != casedb.StateSealed {
			continue
		}
		list = append(list, t.Summary)
	}
	slices.SortStableFunc(list, func(a, b casedb.Summary) int {
		if f.Order == casedb.OrderNewest {
			return b.Last.Compare(a.Last)
		}
		return int(a.Urgency) - int(b.Urgency)
	})
	list = list[min(f.Offset, len(list)):]
	return list[:min(f.Limit, len(list))], nil
}

func (d *double) find(id int64) *casedb.Thread {
	for i := range d.threads {
		if d.threads[i].ID == id {
			return &d.threads[i]
		}
	}
	return nil
}

func (d *double) Thread(_ context.Context, id int64) (casedb.Thread, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open {
		return casedb.Thread{}, office.ErrLocked
	}
	t := d.find(id)
	if t == nil {
		return casedb.Thread{}, office.ErrNotFound
	}
	return *t, nil
}

func (d *double) Part(_ context.Context, id int64) (casedb.Part, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.parts[id]
	if !ok {
		return p, office.ErrNotFound
	}
	return p, nil
}

func (d *double) CheckPromise(context.Context, string) (bool, int64, error) { return false, 0, nil }

func (d *double) Reply(_ context.Context, thread int64, draft office.Draft, _ string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.open:
		return office.ErrLocked
	case d.failWith != nil:
		return d.failWith
	case draft.Text == "":
		return office.ErrEmpty
	}
	d.replied = append(d.replied, draft.Text)
	return nil
}

func (d *double) SetUrgency(_ context.Context, thread int64, u casedb.Urgency) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.find(thread).Urgency = u
	return nil
}

func (d *double) Reissue(_ context.Context, _ int64, confirmed bool) (receipt.Code, error) {
	if !confirmed {
		return receipt.Code{}, office.ErrSafeWord
	}
	return receipt.New(zeros{})
}

// zeros makes the code that every test of pages shows.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i % 7)
	}
	return len(p), nil
}

func (d *double) Join(_ context.Context, _, _ int64, confirmed bool) error {
	if !confirmed {
		return office.ErrSafeWord
	}
	return nil
}

func (d *double) Erase(_ context.Context, thread int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.find(thread).State = casedb.StateErased
	return nil
}

func (d *double) Status(context.Context) office.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.status
	s.Locked = !d.open
	return s
}

func (d *double) Subscribe() (<-chan office.Change, func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := make(chan office.Change, 8)
	d.changes = append(d.changes, c)
	return c, func() {}
}

func (d *double) Alarms(_ context.Context, all bool) ([]casedb.Alarm, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []casedb.Alarm
	for _, a := range d.alarms {
		if all || a.Resolved.IsZero() {
			list = append(list, a)
		}
	}
	return list, nil
}

func (d *double) Resolve(_ context.Context, alarm int64, note string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.alarms {
		if d.alarms[i].ID == alarm {
			d.alarms[i].Resolved, d.alarms[i].Note = time.Now(), note
			return nil
		}
	}
	return office.ErrNotFound
}

func (d *double) SyncNow() {}

// furnished is a double with a thread in every state.
func furnished() *double {
	now := time.Now().Truncate(time.Hour)
	at := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	sum := func(id int64, state casedb.State, u casedb.Urgency, hours int, beginning, lang, district string, situations ...string) casedb.Summary {
		return casedb.Summary{
			ID: id, State: state, Urgency: u, First: at(hours + 2), Last: at(hours), Beginning: beginning, Lang: lang,
			District: district, Situations: situations, Sealed: seal.SealedBrowser, Count: 1, Who: "family",
		}
	}
	d := &double{status: office.Status{
		Org: "q3r9mk27xw5thd0vz8ap", Name: "Lantern Legal Aid (made up)", Gate: "help.example.org", GateURL: "https://help.example.org", Reachable: true,
		LastSync: time.Now().Add(-2 * time.Minute), LogSize: 1284, Unread: 2, Alarms: 1,
	}}
	first := sum(1, casedb.StateOpen, casedb.UrgencyMinutes, 0, "برادرم را امروز صبح از سر کار گرفتند. کارت آمایش دارد ولی قبول نکردند.", "fa-AF", "شهریار", "s_detained", "s_paper")
	first.Unread, first.Waiting, first.Forged = 2, true, true
	hours := sum(2, casedb.StateOpen, casedb.UrgencyHours, 5, "We got a letter that says we must leave in ten days. My mother needs dialysis twice a week and nobody has told us where she could go.", "en", "Rawalpindi", "s_order", "s_health")
	hours.Waiting, hours.Sealed = true, seal.SealedDoor
	days := sum(3, casedb.StateOpen, casedb.UrgencyDays, 30, "مالک مکان جمع شدہ رقم واپس نہیں کر رہا۔", "ur", "", "s_money")
	days.Queued = 1
	answered := sum(4, casedb.StateOpen, casedb.UrgencyDays, 80, "ماشومان مې ښوونځي ته نه اخلي.", "ps", "Peshawar", "s_civil")
	erased := casedb.Summary{ID: 5, State: casedb.StateErased, Urgency: casedb.UrgencyDays, ByPerson: true, Last: at(200)}
	joined := sum(6, casedb.StateJoined, casedb.UrgencyHours, 300, "", "fa", "", "s_child")
	sealed := casedb.Summary{ID: 7, State: casedb.StateSealed, Urgency: casedb.UrgencyDays, Last: at(9), Waiting: true, Unread: 1}
	d.parts = map[int64]casedb.Part{
		2: {PartInfo: casedb.PartInfo{ID: 2, Type: seal.TypeJPEG}, Thread: 1, Data: []byte("\xff\xd8 not a picture")},
		3: {PartInfo: casedb.PartInfo{ID: 3, Type: seal.TypeWebM}, Thread: 1, Data: []byte("not a recording")},
		4: {PartInfo: casedb.PartInfo{ID: 4, Type: seal.TypeOctets}, Thread: 1, Data: []byte("MZ")},
	}
	d.threads = []casedb.Thread{
		{
			Summary:  first,
			Intake:   seal.Intake{Situations: first.Situations, Who: "family", District: "شهریار", Paper: "ir-amayesh", Printed: "۳۱ خرداد ۱۴۰۱", SafeTime: "after 20:00", SayWho: "no", SafeWord: "انار", Lang: "fa-AF"},
			Reissued: 1, Joined: []int64{6},
			Letters: []casedb.Letter{
				{ID: 11, Index: 1281, Received: at(2), At: at(2).Add(7 * time.Minute), Sealed: seal.SealedBrowser, Tag: casedb.TagFirst, Proof: casedb.ProofLogged, Text: "برادرم را امروز صبح از سر کار گرفتند.\nکارت آمایش دارد ولی قبول نکردند. شمارهٔ تماس: 0912 <script>alert(1)</script>", Parts: []casedb.PartInfo{{ID: 2, Type: seal.TypeJPEG, Len: 4000}, {ID: 3, Type: seal.TypeWebM, Len: 9000}, {ID: 4, Type: seal.TypeOctets, Len: 2000}}},
				{ID: 12, Index: 1283, Received: at(0), Sealed: seal.SealedDoor, Tag: casedb.TagForged, Proof: casedb.ProofMismatch, Text: "Please send me the address of the shelter."},
			},
			Replies: []casedb.Reply{
				{ID: 21, N: 1, At: at(1).Add(4 * time.Minute), Delivery: casedb.ReplyShared, Here: true, Tag: casedb.TagOK, Text: "یک وکیل همین حالا به پاسگاه زنگ می\u200cزند. هیچ کاغذی امضا نکند."},
				{ID: 22, N: 2, At: at(0).Add(2 * time.Minute), Delivery: casedb.ReplyQueued, Here: false, Tag: casedb.TagForged, Clash: true, Text: "Come to the office tomorrow."},
				{ID: 23, N: 2, At: at(0).Add(3 * time.Minute), Delivery: casedb.ReplyRefused, Here: true, Tag: casedb.TagOK, Text: "…"},
				{ID: 24, N: 3, At: at(0).Add(3 * time.Minute), Delivery: casedb.ReplyMailbox, Here: true, Tag: casedb.TagOK, Text: "…"},
			},
		},
		{Summary: hours, Letters: []casedb.Letter{{ID: 13, Index: 1270, Received: at(5), Sealed: seal.SealedDoor, Tag: casedb.TagFirst, Proof: casedb.ProofLogged, Text: "We got a letter that says we must leave in ten days."}}},
		{Summary: days},
		{Summary: answered},
		{Summary: erased, ErasedAt: at(199), ErasePart: casedb.EraseDone},
		{Summary: joined, JoinedTo: 1},
		{Summary: sealed, Letters: []casedb.Letter{{ID: 14, Index: 1282, Received: at(9), Sealed: seal.SealedBrowser, Tag: casedb.TagOK, Proof: casedb.ProofLogged, Problem: "key"}}},
	}
	d.alarms = []casedb.Alarm{{
		ID: 31, Kind: casedb.AlarmForged, Args: map[string]int64{"thread": 1}, First: at(1), Last: at(0), Count: 2, Evidence: []string{"commitment 4b1f…"},
	}}
	return d
}
