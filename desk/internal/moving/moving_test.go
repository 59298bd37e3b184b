package moving

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/desk/internal/spreadsheet"
)

func rules(t testing.TB) *Rules {
	t.Helper()
	data, err := os.ReadFile("../../../rules/import.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRules(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func table(t testing.TB, lines ...string) *spreadsheet.Table {
	t.Helper()
	table, err := spreadsheet.Read([]byte(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// What Panah never collects does not come in, in whatever language its column is named.
func TestColumnsThatNeverComeIn(t *testing.T) {
	r := rules(t)
	for head, want := range map[string]string{
		"Phone": "phone", "Mobile No.": "phone", "شماره تماس": "phone", "شمارۀ تلفن همراه": "phone", "تیلفون": "phone", "فون نمبر": "phone", "ټیلیفون": "phone",
		"Home address": "place", "آدرس منزل": "place", "پته": "place", "GPS coordinates": "place",
		"Religion / sect": "belief", "قومیت": "belief", "مذهب": "belief", "Ethnicity": "belief",
		"Passport No": "numbers", "National ID": "numbers", "CNIC": "numbers", "شماره ملی": "numbers", "کدملی": "numbers", "نمبر تذکره": "numbers", "شناختی کارڈ": "numbers", "د کارت شمېره": "numbers",
		"Fingerprints": "biometrics", "اثر انگشت": "biometrics", "Photo": "biometrics",
		"Father's name": "third-person", "نام پدر": "third-person", "Landlord": "third-person", "والد کا نام": "third-person",
		"Smuggler": "journey", "Employer": "journey", "Date of birth": "birth", "DOB": "birth", "E-mail": "accounts", "Former service": "service",
	} {
		if never, field := r.guess(head); never != want || field != "" {
			t.Errorf("%s: never %q, field %q; want %q", head, never, field, want)
		}
	}
	for head, want := range map[string]string{
		"Name": Name, "نام و نام خانوادگی": Name, "نوم": Name, "Case No.": Reference, "شمارهٔ پرونده": Reference, "Name / نام": Name, "City": District, "ولسوالی": District, "شهر": District,
		"Language": Lang, "Priority": Urgency, "فوریت": Urgency, "Case type": Pathway, "Summary": Summary, "خلاصه": Summary, "Remarks": Note, "یادداشت": Note,
		"Date opened": Opened, "تاريخ ثبت": Opened, "Outcome": Outcome, "نتیجه": Outcome, "Shoe size": "", "": "",
	} {
		if never, field := r.guess(head); never != "" || field != want {
			t.Errorf("%s: never %q, field %q; want %q", head, never, field, want)
		}
	}
}

// solar stands for core/calendar: one day is enough here.
func solar(y, m, d int) (time.Time, bool) {
	if y == 1404 && m == 9 && d == 10 {
		return time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), true
	}
	return time.Time{}, false
}

func options() Options {
	return Options{
		Today: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), Solar: solar, Outcomes: []string{"released", "stay-secured", "none"},
		Pathways: map[string]string{"a": "detained-valid-papers", "detained": "detained-valid-papers", "d": "medical", "medical": "medical"},
	}
}

func settled(columns []Column) []Column {
	chosen := Mapping{}
	for _, c := range columns {
		chosen[c.Index] = c.Field
	}
	return Settle(columns, chosen)
}

func TestRowsBecomeCases(t *testing.T) {
	r := rules(t)
	list := table(
		t, "Case No;Name;Phone;City;Priority;Category;Summary;Date;Status;Colour",
		"K-1;زهرا;09121234567;Kasur;High;Detained, medical;held at the station;۱۴۰۴/۹/۱۰;open;blue",
		"K-2;Ali;0912;Lahore;whatever;unknown thing;call 0912 345 6789 at night;1/12/2025;released;red",
		"k-2 ;Again;;;;;;;;",
		";;077;;;;;;;",
		"K-3;Sara;;;green;;;31/02/2025;closed;",
		"K-4;Omid;;;;;;2027-01-01;;",
	)
	columns := settled(r.Columns(list))
	if columns[2].Never != "phone" || columns[2].Samples != nil || columns[9].Field != "" || columns[1].Samples[0] != "زهرا" {
		t.Errorf("columns: %+v", columns)
	}
	plan := r.Plan(list, columns, options())
	day := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	want := []Row{
		{Line: 2, Since: day, Fields: map[string]string{Name: "زهرا", District: "Kasur", Summary: "held at the station", Urgency: "minutes"}, Pathways: []string{"detained-valid-papers", "medical"}},
		{Line: 7, Since: options().Today, Fields: map[string]string{Name: "Omid"}},
	}
	for i := range plan.Rows {
		if len(plan.Rows[i].Ref) != 32 {
			t.Errorf("reference %q", plan.Rows[i].Ref)
		}
		plan.Rows[i].Ref = ""
	}
	if diff := cmp.Diff(want, plan.Rows); diff != "" {
		t.Error(diff)
	}
	wantProblems := []Problem{{3, ProblemNumber, Summary}, {3, ProblemClosed, ""}, {4, ProblemTwice, ""}, {5, ProblemEmpty, ""}, {6, ProblemClosed, ""}, {7, ProblemFuture, Opened}}
	if diff := cmp.Diff(wantProblems, plan.Problems); diff != "" {
		t.Error(diff)
	}
	if plan.Left != 4 || len(plan.Dropped) != 1 || plan.Dropped[0].Head != "Phone" || len(plan.Unused) != 1 || plan.Unused[0].Head != "Colour" {
		t.Errorf("left %d, dropped %v, unused %v", plan.Left, plan.Dropped, plan.Unused)
	}

	o := options()
	o.WithClosed = true
	plan = r.Plan(list, columns, o)
	if len(plan.Rows) != 4 || !plan.Rows[1].Closed || plan.Rows[1].Outcome != "released" || plan.Rows[1].Fields[Summary] != "call [number taken out] at night" || plan.Rows[2].Outcome != "none" {
		t.Errorf("with closed ones: %d rows", len(plan.Rows))
	}
	o.KeepNumbers = true
	before := plan.Rows[0].Ref
	o.Before = func(ref string) bool { return ref == before }
	plan = r.Plan(list, columns, o)
	if len(plan.Rows) != 3 || plan.Rows[0].Fields[Summary] != "call 0912 345 6789 at night" || plan.Problems[0] != (Problem{2, ProblemBefore, ""}) {
		t.Errorf("numbers kept, one known: %d rows, %v", len(plan.Rows), plan.Problems)
	}
}

// Whatever a person chooses, or a form is made to say: what never comes in stays out.
func TestNobodyCanChooseWhatNeverComesIn(t *testing.T) {
	r := rules(t)
	list := table(t, "Name,Passport,Tribe", "Ali,P1234567,Hazara")
	plan := r.Plan(list, Settle(r.Columns(list), Mapping{0: Name, 1: Note, 2: Summary, 7: Also}), options())
	if len(plan.Rows) != 1 || len(plan.Rows[0].Fields) != 1 || plan.Rows[0].Note != "" || len(plan.Dropped) != 2 {
		t.Errorf("%d rows, %d columns dropped", len(plan.Rows), len(plan.Dropped))
	}
	plan = r.Plan(list, Settle(r.Columns(list), Mapping{0: "religion"}), options())
	if len(plan.Rows) != 0 {
		t.Error("a field that no case has was filled")
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"call 0912 345 67 89 today": "0912 345 67 89", "+92 300-1234567": "+92 300-1234567", "تماس ۰۹۱۲۱۲۳۴۵۶۷": "۰۹۱۲۱۲۳۴۵۶۷", "passport P1234567": "P1234567", "AB 123456": "AB 123456",
		"mail a.b@example.org now": "a.b@example.org", "at 35.6892, 51.3890": "35.6892, 51.3890", "1400-0101-12345": "1400-0101-12345", "37405-1234567-1": "37405-1234567-1",
		"held since 2025-12-01": "", "on 1/12/2025": "", "۱۴۰۴/۹/۱۰": "", "12 children, 3 days": "", "500000 rial": "", "": "",
	} {
		var got []string
		for _, n := range Numbers(text) {
			got = append(got, text[n[0]:n[1]])
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q: %q, want %q", text, s, want)
		}
	}
}

func TestLongCellsLoseNothing(t *testing.T) {
	r := rules(t)
	long := strings.TrimSpace(strings.Repeat("word ", 100))
	list := table(t, "Name,Summary,Note", "Ali,"+long+",also this")
	plan := r.Plan(list, settled(r.Columns(list)), options())
	if got := plan.Rows[0]; len([]rune(got.Fields[Summary])) != 300 || got.Note != long+"\nalso this" {
		t.Errorf("summary %d, note %q", len(got.Fields[Summary]), got.Note)
	}
}

func TestRulesRefuseWhatTheyDoNotKnow(t *testing.T) {
	data, err := os.ReadFile("../../../rules/import.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for what, bad := range map[string]string{
		"a key":   string(data) + "\nmore: 1\n",
		"a field": strings.Replace(string(data), "id: reference", "id: religion", 1),
		"no list": "version: 1\nstatus: draft\n",
	} {
		if _, err := ParseRules([]byte(bad)); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// Whatever stands in a list, what is planned fits a case.
func FuzzPlan(f *testing.F) {
	r := rules(f)
	f.Add("Name,Date,Phone,Priority,Status\nA,1404/9/10,0912,high,closed\n")
	f.Add("نام;خلاصه\nز;۰۹۱۲۱۲۳۴۵۶۷ 35.6892, 51.3890\n")
	f.Fuzz(func(t *testing.T, data string) {
		list, err := spreadsheet.Read([]byte(data))
		if err != nil {
			return
		}
		plan := r.Plan(list, settled(r.Columns(list)), options())
		if len(plan.Rows)+plan.Left != len(list.Rows)-1 {
			t.Fatalf("%d rows, %d left out, of %d", len(plan.Rows), plan.Left, len(list.Rows)-1)
		}
		for _, row := range plan.Rows {
			for field, text := range row.Fields {
				if text == "" || len([]rune(text)) > maxLine || len(Numbers(text)) > 0 && len([]rune(text)) < maxLine {
					t.Fatalf("%s: %q", field, text)
				}
			}
			if row.Since.After(options().Today) || len([]rune(row.Note)) > maxNote {
				t.Fatal("a day that is to come, or a note without end")
			}
		}
	})
}
