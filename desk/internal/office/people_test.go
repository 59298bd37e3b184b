package office

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/roster"
	"panah/core/seal"
	"panah/desk/internal/casedb"
	"panah/desk/internal/keyring"
)

// as is what a session of somebody puts into its requests.
func (s *seat) as(staff event.Staff) context.Context {
	s.t.Helper()
	c, err := s.Comer(s.t.Context(), staff)
	if err != nil {
		s.t.Fatal(err)
	}
	return As(s.t.Context(), c.Actor)
}

// team is a desk with its first person and two more.
func (s *seat) team(roles ...string) (staff []event.Staff) {
	s.t.Helper()
	first, err := s.FirstPerson(s.t.Context(), "Parwana")
	if err != nil {
		s.t.Fatal(err)
	}
	staff = append(staff, first)
	for i, role := range roles {
		name := []string{"Zahra", "Karim", "Maryam"}[i]
		who, err := s.AddPerson(s.as(first), Newcomer{name, role, "the words of " + name}, passphrase)
		if err != nil {
			s.t.Fatal(err)
		}
		staff = append(staff, who)
	}
	return staff
}

func TestPeopleOfADesk(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	if people, seats := d.Staffed(t.Context()); people || seats {
		t.Error("a new desk has people")
	}
	if who, err := d.UnlockAs(t.Context(), "anybody", passphrase); err != nil || who != "" {
		t.Errorf("before anybody said who they are: %q, %v", who, err)
	}
	if _, err := d.FirstPerson(t.Context(), " \n "); !errors.Is(err, ErrName) {
		t.Errorf("no name: %v", err)
	}
	staff := d.team("caseworker", "reader")
	if _, err := d.FirstPerson(t.Context(), "Somebody else"); !errors.Is(err, ErrFounder) {
		t.Errorf("a second first person: %v", err)
	}
	list, err := d.StaffList(d.as(staff[1]))
	if err != nil || len(list) != 3 {
		t.Fatalf("%d people, err %v", len(list), err)
	}
	want := []struct {
		name, role   string
		me, founding bool
	}{{"Parwana", "keeper", false, true}, {"Zahra", "caseworker", true, false}, {"Karim", "reader", false, false}}
	for i, c := range list {
		if c.Name != want[i].name || c.Role != want[i].role || c.Me != want[i].me || c.Founder != want[i].founding || !c.Seat || !c.Here || !c.Active {
			t.Errorf("person %d: %+v", i, c)
		}
	}
	d.Lock()
	for _, c := range []struct {
		name, words string
		who         event.Staff
		err         error
	}{
		{"Zahra", "the words of Zahra", staff[1], nil},
		{"zahra ", "the words of Karim", "", ErrPassphrase},
		{"Nobody", passphrase, "", ErrPassphrase},
		{"karim", "the words of Karim", staff[2], nil},
		{"", passphrase, staff[0], nil},
		{"Parwana", passphrase, staff[0], nil},
	} {
		if who, err := d.UnlockAs(t.Context(), c.name, c.words); who != c.who || !errors.Is(err, c.err) {
			t.Errorf("%q: %q, %v", c.name, who, err)
		}
	}
	for what, err := range map[string]error{
		"a caseworker adds":    second(d.AddPerson(d.as(staff[1]), Newcomer{"Maryam", "caseworker", "the words of Maryam"}, "the words of Zahra")),
		"a caseworker rises":   d.SetStaffRole(d.as(staff[1]), staff[1], "keeper"),
		"a reader removes":     d.RemovePerson(d.as(staff[2]), staff[1], ""),
		"nobody in particular": d.RemovePerson(t.Context(), staff[1], ""),
	} {
		if !errors.Is(err, ErrKeeps) {
			t.Errorf("%s: %v", what, err)
		}
	}
	first := d.as(staff[0])
	for what, c := range map[string]struct{ err, want error }{
		"with another's passphrase": {second(d.AddPerson(first, Newcomer{"Maryam", "caseworker", "the words of Maryam"}, "the words of Zahra")), ErrPassphrase},
		"the same name":             {second(d.AddPerson(first, Newcomer{"ZAHRA", "caseworker", "the words of Maryam"}, passphrase)), ErrSeatName},
		"the last keeper":           {d.SetStaffRole(first, staff[0], "caseworker"), ErrLastKeeper},
		"the founder":               {d.RemovePerson(first, staff[0], ""), ErrFounder},
		"nobody":                    {d.RemovePerson(first, "00000000000000ff", ""), ErrNotFound},
		"no role":                   {d.SetStaffRole(first, staff[1], "boss"), ErrPersonRole},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
	if err := d.SetStaffRole(first, staff[1], "keeper"); err != nil {
		t.Fatal(err)
	}
	if c, err := d.Comer(t.Context(), staff[1]); err != nil || c.Role != "keeper" || c.Name != "Zahra" || !c.Keeps {
		t.Errorf("Zahra as keeper: %+v, %v", c, err)
	}
	if err := d.ChangeOwnPassphrase(d.as(staff[1]), "the words of Zahra", "quite new words for Zahra"); err != nil {
		t.Fatal(err)
	}
	if who, err := d.UnlockAs(t.Context(), "Zahra", "quite new words for Zahra"); err != nil || who != staff[1] {
		t.Errorf("after the change: %q, %v", who, err)
	}
}

func second(_ event.Staff, err error) error { return err }

// Who is removed gets in nowhere, and what they had goes on.
func TestWhoLeavesHandsOver(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker")
	p, q := w.person(), w.person()
	p.writes(0, seal.KindLetter, text("they came this morning"))
	q.writes(0, seal.KindLetter, text("my landlord keeps the deposit"))
	one, two := d.the("they came"), d.the("my landlord")
	for _, id := range []int64{one, two} {
		if err := d.Claim(d.as(staff[1]), id); err != nil {
			t.Fatal(err)
		}
		openFor(t, d, id, staff[1])
	}
	if err := d.KeepOut(d.as(staff[0]), two, staff[2], true, "her landlord too"); err != nil {
		t.Fatal(err)
	}
	if list, hidden, err := d.OpenCasesOf(d.as(staff[0]), staff[1]); err != nil || len(list) != 2 || hidden != 0 {
		t.Fatalf("%d cases, %d hidden, err %v", len(list), hidden, err)
	}
	key := Passkey{ID: []byte{1}, Salt: make([]byte, 32), Name: "Zahra's key"}
	secret := make([]byte, 32)
	if err := d.AddPasskey(d.as(staff[1]), key, secret, "the words of Zahra"); err != nil {
		t.Fatal(err)
	}
	for who, n := range map[event.Staff]int{staff[0]: 0, staff[1]: 1, "": 1} {
		ctx := t.Context()
		if who != "" {
			ctx = d.as(who)
		}
		if list, err := d.Passkeys(ctx); err != nil || len(list) != n {
			t.Errorf("%q has %d passkeys, err %v", who, len(list), err)
		}
	}
	if who, err := d.UnlockPasskeyAs(t.Context(), key.ID, secret); err != nil || who != staff[1] {
		t.Errorf("the passkey is %q's, %v", who, err)
	}
	if err := d.RemovePerson(d.as(staff[0]), staff[1], staff[2]); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]event.Staff{one: staff[2], two: ""} {
		if c, err := d.CasePeople(d.as(staff[0]), id); err != nil || !slices.Equal(ownersOf(c), some(want)) {
			t.Errorf("the case is %v's, err %v; want %q", ownersOf(c), err, want)
		}
	}
	if _, err := d.Comer(t.Context(), staff[1]); !errors.Is(err, ErrGoneHome) {
		t.Errorf("an old session: %v", err)
	}
	for _, locked := range []bool{false, true} {
		if locked {
			d.Lock()
		}
		if _, err := d.UnlockAs(t.Context(), "Zahra", "the words of Zahra"); !errors.Is(err, ErrPassphrase) {
			t.Errorf("locked %v: %v", locked, err)
		}
		if _, err := d.UnlockPasskeyAs(t.Context(), key.ID, secret); !errors.Is(err, ErrPasskey) {
			t.Errorf("locked %v, by passkey: %v", locked, err)
		}
		if locked != d.Locked() {
			t.Errorf("the desk is locked %v", d.Locked())
		}
	}
}

func some(who event.Staff) []event.Staff {
	if who == "" {
		return nil
	}
	return []event.Staff{who}
}

func ownersOf(c CasePeople) (list []event.Staff) {
	for _, m := range c.Members {
		if m.Owns {
			list = append(list, m.Staff)
		}
	}
	return list
}

// openFor opens a case from a letter, as far as these tests need it.
func openFor(t *testing.T, d *seat, thread int64, who event.Staff) {
	t.Helper()
	err := d.in(func(r *room) error {
		return r.put(t.Context(), thread, who, event.Opened{Source: "letter", Since: "2026-11-24T00:00:00Z"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A locked case on a shared desk is there for the specialists who were named, and for nobody else who sits at it.
func TestALockedCaseOnASharedDesk(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	shared := w.admit(keeper, "office", roster.RoleSpecialist)
	staff := shared.team("specialist", "caseworker", "specialist") // the first person is what the desk is
	parwana, zahra, karim, maryam := staff[0], staff[1], staff[2], staff[3]
	keepers := keeper.team()
	p := w.person()
	p.writes(0, seal.KindLetter, text("what happened to my daughter"), seal.Part{Type: seal.TypeOctets, Data: []byte("a file")})
	here := shared.the("what happened")
	there := keeper.the("what happened")
	keeper.until("it knows the office's people", func() bool {
		list, err := keeper.SpecialistPeople(t.Context())
		return err == nil && len(list) == 3
	})
	desk := []string{deskID(w.deviceOf(shared))}
	for what, c := range map[string]struct {
		people []event.Staff
		want   error
	}{"nobody": {nil, ErrNamePeople}, "a caseworker": {[]event.Staff{karim}, ErrSpecialist}, "a keeper": {[]event.Staff{zahra, keepers[0]}, ErrSpecialist}} {
		if err := keeper.LockCaseFor(keeper.as(keepers[0]), there, desk, c.people); !errors.Is(err, c.want) {
			t.Errorf("for %s: %v, want %v", what, err, c.want)
		}
	}
	part := shared.thread(here).Letters[0].Parts[0].ID
	if hits := shared.hits(t.Context(), "daughter"); len(hits) != 1 {
		t.Fatalf("%d found before it is locked", len(hits))
	}
	if err := keeper.LockCaseFor(keeper.as(keepers[0]), there, desk, []event.Staff{zahra, maryam}); err != nil {
		t.Fatal(err)
	}
	shared.until("it knows that the case is locked", func() bool {
		th, err := shared.Thread(t.Context(), here)
		return err == nil && th.Locked && th.State == casedb.StateOpen
	})
	shared.until("it knows for whom", func() bool {
		c, err := shared.CasePeople(t.Context(), here)
		return err == nil && slices.Equal(ownersOf(c), []event.Staff{zahra})
	})
	for who, inside := range map[event.Staff]bool{parwana: false, zahra: true, karim: false, maryam: true} {
		ctx := shared.as(who)
		wall := error(ErrWall)
		if inside {
			wall = nil
		}
		checks := map[string]error{}
		_, checks["thread"] = shared.Thread(ctx, here)
		_, checks["part"] = shared.Part(ctx, part)
		_, checks["people"] = shared.CasePeople(ctx, here)
		if !inside {
			checks["reply"] = shared.Reply(ctx, here, Draft{Text: "hello"}, "")
			checks["urgency"] = shared.SetUrgency(ctx, here, casedb.UrgencyDays)
			_, checks["new code"] = shared.Reissue(ctx, here, true)
			checks["erase"] = shared.Erase(ctx, here)
			checks["claim"] = shared.Claim(ctx, here)
			checks["put on the team by themselves"] = shared.PutOnTeam(ctx, here, who, true)
			checks["join"] = shared.Join(ctx, here, here, true)
			checks["name"] = shared.NamePeople(ctx, here, []event.Staff{who})
		}
		for what, err := range checks {
			if !errors.Is(err, wall) {
				t.Errorf("%s, %s: %v, want %v", who, what, err, wall)
			}
		}
		list, err := shared.Threads(ctx, casedb.Filter{})
		if err != nil || (len(list) == 1) != inside {
			t.Errorf("%s: %d threads in the list, err %v", who, len(list), err)
		}
		rows, tally := shared.queue(ctx)
		if (len(rows) == 1) != inside || (tally == 1) != inside {
			t.Errorf("%s: %d rows in the queue, %d counted", who, len(rows), tally)
		}
		if hits := shared.hits(ctx, "daughter"); len(hits) > 0 { // it is in the shared index for nobody, named or not
			t.Errorf("%s finds it", who)
		}
		if !inside {
			stub, err := shared.WallOf(ctx, here)
			if err != nil || len(stub.Ask) != 2 || stub.Ask[0].Name != "Zahra" && stub.Ask[0].Name != "Maryam" {
				t.Errorf("%s is told: %+v, err %v", who, stub, err)
			}
		}
	}
	// The deputy hands it over; a caseworker cannot get it.
	if err := shared.Assign(shared.as(maryam), here, karim, ""); !errors.Is(err, ErrSpecialist) {
		t.Errorf("a locked case for a caseworker: %v", err)
	}
	if err := shared.Assign(shared.as(maryam), here, parwana, "she knows the court"); err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Thread(shared.as(parwana), here); err != nil {
		t.Errorf("who was handed the case: %v", err)
	}
}

// queue is what somebody's queue shows and counts.
func (s *seat) queue(ctx context.Context) (rows []casedb.CaseRow, counted int) {
	s.t.Helper()
	err := s.in(func(r *room) error {
		v := viewer(ctx)
		f := casedb.CaseFilter{Viewer: v.Staff, All: v.Keeper, Locked: v.Specialist}
		counts, err := r.db.QueueCounts(ctx, f, time.Now())
		if err != nil {
			return err
		}
		counted = counts.New + counts.Open
		rows, err = r.db.Queue(ctx, f)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rows, counted
}

// hits is what somebody finds on the whole desk, when everything is in the index.
func (s *seat) hits(ctx context.Context, words string) (hits []casedb.Hit) {
	s.t.Helper()
	s.until("everything is in the index", func() bool {
		found, err := s.Search(ctx, Query{SearchFilter: casedb.SearchFilter{Words: words, Everyone: true}, Reason: "a test", Again: true})
		hits = found.Hits
		return err == nil && found.Indexing.Left == 0
	})
	return hits
}

// Who had the passphrase of a specialist's desk read its locked cases: they still do when they say who they are.
func TestTheFirstPersonInheritsLockedCases(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	there := w.admit(keeper, "specialist", roster.RoleSpecialist)
	p := w.person()
	p.writes(0, seal.KindLetter, text("what happened to my daughter"))
	id := there.the("what happened")
	if err := there.LockCase(t.Context(), id, []string{deskID(w.deviceOf(there))}); err != nil {
		t.Fatal(err)
	}
	staff := there.team("specialist")
	if _, err := there.Thread(there.as(staff[0]), id); err != nil {
		t.Errorf("the first person: %v", err)
	}
	if _, err := there.Thread(there.as(staff[1]), id); !errors.Is(err, ErrWall) {
		t.Errorf("another specialist: %v", err)
	}
}

func TestWhoMayDoWhatInACase(t *testing.T) {
	w := newTown(t)
	d := w.desk()
	staff := d.team("caseworker", "caseworker", "reader")
	parwana, zahra, karim, maryam := staff[0], staff[1], staff[2], staff[3]
	p := w.person()
	p.writes(0, seal.KindLetter, text("they came this morning"))
	id := d.the("they came")
	openFor(t, d, id, zahra)
	if err := d.Claim(d.as(zahra), id); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ err, want error }{
		"claimed by another":      {d.Claim(d.as(karim), id), fold.ErrTaken},
		"claimed by a reader":     {d.Claim(d.as(maryam), id), fold.ErrRole},
		"answered by a reader":    {d.Reply(d.as(maryam), id, Draft{Text: "hello"}, ""), fold.ErrRole},
		"handed to a reader":      {d.Assign(d.as(zahra), id, maryam, ""), ErrPersonRole},
		"handed to a stranger":    {d.Assign(d.as(zahra), id, "00000000000000ff", ""), ErrNotFound},
		"barred by the owner":     {d.KeepOut(d.as(zahra), id, karim, true, "his cousin"), nil},
		"handed to who is barred": {d.Assign(d.as(zahra), id, karim, ""), fold.ErrBarred},
		"opened by who is barred": {second2(d.Thread(d.as(karim), id)), ErrWall},
		"opened by the keeper":    {second2(d.Thread(d.as(parwana), id)), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
}

func second2(_ casedb.Thread, err error) error { return err }

// A caseworker's desk that lies about people changes nothing about who may come in at another.
func TestAnotherDesksWordMakesNoKeeper(t *testing.T) {
	w := newTown(t)
	keeper := w.desk()
	staff := keeper.team("caseworker")
	bent := w.admit(keeper, "bent", roster.RoleCaseworker)
	bent.until("it knows the people", func() bool { l, err := bent.StaffList(t.Context()); return err == nil && len(l) == 2 })
	err := bent.in(func(r *room) error {
		return r.putOffice(t.Context(), "", event.StaffIs{Staff: staff[1], Name: "Zahra", Role: "keeper", Device: deviceText(roster.DeviceHash(w.deviceOf(keeper))), Active: true},
			event.StaffIs{Staff: staff[0], Name: "Parwana", Role: "reader", Device: deviceText(roster.DeviceHash(w.deviceOf(keeper))), Active: false})
	})
	if err != nil {
		t.Fatal(err)
	}
	keeper.until("it has heard the lie", func() bool {
		var all fold.Office
		err := keeper.in(func(r *room) (err error) { all, _, err = r.staff(t.Context()); return err })
		return err == nil && slices.ContainsFunc(all.People, func(p fold.Person) bool { return p.Staff == staff[0] && !p.Active })
	})
	for who, role := range map[event.Staff]string{staff[0]: "keeper", staff[1]: "caseworker"} {
		if c, err := keeper.Comer(t.Context(), who); err != nil || c.Role != role {
			t.Errorf("%s is %+v, %v; want %s", who, c, err, role)
		}
	}
	if _, err := keyring.Seats(keeper.dir); err != nil {
		t.Error(err)
	}
}
