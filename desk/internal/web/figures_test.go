package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/pathway"
	"panah/desk/internal/casedb"
	"panah/desk/internal/moving"
	"panah/desk/internal/office"
	"panah/desk/internal/spreadsheet"
)

// A figureDouble is a double that counts and takes lists, for numbers and refusals that would take a year of casework. What is behind is tested with a real desk in
// desk/internal/office.
type figureDouble struct {
	*caseDouble
	asked   [2]office.Month
	list    office.Import
	table   *spreadsheet.Table
	chosen  moving.Mapping
	ran     int
	undone  []int64
	batches []casedb.ImportBatch
}

func (d *figureDouble) Figures(_ context.Context, from, to office.Month) (office.Figures, error) {
	d.asked = [2]office.Month{from, to}
	f := office.Figures{From: 202507, To: 202606, Now: 202606, New: 14, Open: 123}
	for m := f.From; m <= f.To; m = m.Add(1) {
		k := int(m) % 7
		f.Months = append(f.Months, office.MonthFigures{Month: m, Opened: 20 + 3*k, Closed: 12 + 2*k, Open: 90 + k, Answers: office.Answers{InTime: 15 + k, Late: 3, Awaits: 1}, Met: 40 + k, Missed: k, Destroyed: k / 5})
	}
	f.Total = office.MonthFigures{Opened: 343, Closed: 214, Answers: office.Answers{InTime: 83, Late: 12, Awaits: 5}, Destroyed: 2}
	f.Pathways = []office.FigureLine{{ID: "detained-valid-papers", Opened: 120, Closed: 88, Open: 40, Answers: office.Answers{InTime: 90, Late: 10}}, {ID: "medical", Opened: 31, Closed: 9, Open: 22}, {Opened: 4}}
	f.Urgencies = []office.FigureLine{{ID: "minutes", Opened: 99, Closed: 70, Open: 11}, {ID: "days", Opened: 200}}
	f.Outcomes = []office.FigureLine{{ID: "released", Closed: 150}, {ID: "none", Closed: 64}}
	f.Districts = []office.FigureLine{{ID: "=cmd|' /c calc'!A1", Opened: 3}, {ID: "شهریار", Opened: 40}}
	f.Deadlines = []office.DeadlineLine{{Basis: "law", Met: 40, Missed: 2}, {Basis: "standard"}, {Basis: "proposal", Met: 3}}
	return f, nil
}

func (d *figureDouble) Inventory(context.Context) (office.Inventory, error) {
	return office.Inventory{
		Folder: "/home/desk", Epochs: []int{3, 4}, Keeper: true, CaseKeys: 2, Passkeys: 1, Seats: 3, Letters: 12, Generation: 5,
		Files: []office.File{{Name: "desk.db", Size: 5 << 20, What: "database"}, {Name: "keyring.age", Size: 3000, What: "keyring"}, {Name: "notes<b>.docx", Size: 12}},
	}, nil
}

func (d *figureDouble) Import(context.Context) (office.Import, error) { return d.list, nil }

func (d *figureDouble) ImportRead(_ context.Context, data []byte) (err error) {
	if d.table, err = spreadsheet.Read(data); err != nil {
		return err
	}
	d.list = office.Import{Stage: office.ImportColumns, Kind: d.table.Kind, Rows: len(d.table.Rows) - 1, Hidden: 2, Sheets: 3, Macros: true, Columns: []moving.Column{
		{Index: 0, Head: "Name <x>", Field: moving.Name, Samples: []string{"Zahra", "", "<script>"}}, {Index: 1, Head: "Phone", Never: "phone"}, {Index: 2, Head: "Colour"},
	}}
	return nil
}

func (d *figureDouble) ImportPlan(_ context.Context, chosen moving.Mapping, o office.ImportOptions, _ *pathway.Book) error {
	d.chosen = chosen
	d.list.Stage, d.list.Options, d.list.Planned = office.ImportPlanned, o, 7
	d.list.Plan = moving.Plan{Left: 1, Dropped: d.list.Columns[1:2], Problems: []moving.Problem{{Line: 3, What: moving.ProblemNumber, Field: moving.Summary}, {Line: 4, What: moving.ProblemTwice}}}
	return nil
}

func (d *figureDouble) ImportRun(context.Context, office.Beginner) error {
	d.ran++
	d.list.Stage, d.list.Done = office.ImportRunning, 3
	return nil
}

func (d *figureDouble) ImportForget(context.Context) error { d.list = office.Import{}; return nil }

func (d *figureDouble) ImportBatches(context.Context) ([]casedb.ImportBatch, error) {
	return d.batches, nil
}

func (d *figureDouble) ImportUndo(_ context.Context, batch int64) (int, error) {
	d.undone = append(d.undone, batch)
	return 3, nil
}

func newFigureBrowser(t *testing.T) (*browser, *figureDouble) {
	t.Helper()
	d := &figureDouble{caseDouble: worked(t), batches: []casedb.ImportBatch{{ID: 5, At: time.Now(), Cases: 3}}}
	return newBrowserOf(t, Config{Office: d}).launch().unlock(), d
}

func TestFigures(t *testing.T) {
	b, d := newFigureBrowser(t)
	b.want(b.get("/figures?from=2025-07&to=2026-06"), http.StatusOK)
	if d.asked != [2]office.Month{202507, 202606} {
		t.Errorf("asked for %v", d.asked)
	}
	b.wantText(`<dd id="sum-open">123</dd>`, `<dd id="sum-in-time">83 %</dd>`, `<svg class="chart columns" role="img"`, `<svg class="chart bars"`, "No situation chosen", "released", "/figures/file?as=xlsx&amp;from=2025-07&amp;to=2026-06")
	if charts, tables := strings.Count(b.last, "<svg class=\"chart"), strings.Count(b.last, "<table>"); charts != 4 || tables != 6 {
		t.Errorf("%d pictures, %d tables", charts, tables)
	}
	b.post("/language", "lang", "fa")
	b.get("/figures")
	b.wantText(`direction="rtl"`, `<dd id="sum-open">۱۲۳</dd>`, "۲۰۲۵-۰۷")
	for _, bad := range []string{"?from=2026-13", "?from=x&to=9999999", "?to=2026-1"} {
		b.want(b.get("/figures"+bad), http.StatusOK)
		if d.asked != [2]office.Month{} {
			t.Errorf("%s: asked for %v", bad, d.asked)
		}
	}
}

func TestFiguresAsFiles(t *testing.T) {
	b, _ := newFigureBrowser(t)
	r := b.get("/figures/file?as=xlsx&from=2025-07&to=2026-06")
	b.want(r, http.StatusOK)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="figures.xlsx"` {
		t.Error(got)
	}
	f, err := excelize.OpenReader(strings.NewReader(b.last))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := fmt.Sprint(f.GetSheetList()); got != "[By month By situation By urgency How cases ended Deadlines By district]" {
		t.Error(got)
	}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) < 3 {
			t.Fatalf("%s: %d rows (%v)", sheet, len(rows), err)
		}
		if visible, err := f.GetSheetVisible(sheet); err != nil || !visible {
			t.Errorf("%s is hidden (%v)", sheet, err)
		}
		for i, row := range rows {
			if visible, err := f.GetRowVisible(sheet, i+1); err != nil || !visible {
				t.Errorf("%s, row %d is hidden (%v)", sheet, i+1, err)
			}
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.Contains(cell, "Latif") {
					t.Errorf("%s: %q", sheet, cell)
				}
			}
		}
	}
	months, _ := f.GetRows("By month", excelize.Options{RawCellValue: true})
	if got := fmt.Sprint(months[0], months[1]); got != "[Month Opened Closed Open at its end Answered in time Answered too late No answer yet In time, % Deadlines kept Deadlines missed Reports destroyed] [2025-07 32 20 94 19 3 1 82.6 44 4 0]" {
		t.Error(got)
	}
	b.want(b.get("/figures/file?as=csv&table=districts"), http.StatusOK)
	if want := "\ufeffDistrict,Opened\r\n'=cmd|' /c calc'!A1,3\r\nشهریار,40\r\n"; b.last != want {
		t.Errorf("%q", b.last)
	}
	b.want(b.get("/figures/file?as=csv&table=persons"), http.StatusNotFound)
}

func TestKnows(t *testing.T) {
	b, _ := newFigureBrowser(t)
	b.want(b.get("/knows"), http.StatusOK)
	b.wantText("5.0 MiB", "encrypted with the database key", "notes&lt;b&gt;.docx", "not the desk&#39;s. Look at", "Signs who belongs", "3, 4", "live location or exact home address")
	b.get("/about")
	b.wantText(`href="/knows"`, `href="/import"`)
}

// upload sends a list as a browser does.
func (b *browser) upload(path string, list []byte) *http.Response {
	b.t.Helper()
	return b.uploadAs(path, listField, list)
}

// uploadAs sends a file under the name of a field.
func (b *browser) uploadAs(path, field string, file []byte) *http.Response {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	if err := m.WriteField("csrf", b.csrf()); err != nil {
		b.t.Fatal(err)
	}
	w, err := m.CreateFormFile(field, "cases.csv")
	if err == nil {
		_, err = w.Write(file)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do("POST", path, nil, func(r *http.Request) {
		sent, _ := http.NewRequest("POST", r.URL.String(), &body)
		r.Body, r.ContentLength = sent.Body, sent.ContentLength
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Origin", "null")
	})
}

func TestBringingAListIn(t *testing.T) {
	b, d := newFigureBrowser(t)
	b.want(b.get("/import"), http.StatusOK)
	b.wantText("fingerprint", `accept=".csv,.tsv,.txt,.xlsx"`, `href="/import/undo/5"`)
	b.want(b.upload("/import", []byte("\x89PNG\x00")), http.StatusUnprocessableEntity)
	b.wantText("neither CSV nor xlsx")
	b.want(b.upload("/import", make([]byte, spreadsheet.MaxBytes+9)), http.StatusUnprocessableEntity)
	b.wantText("larger than 8 MB")
	b.want(b.upload("/import", []byte("Name,Phone,Colour\nZahra,0912,red\n")), http.StatusSeeOther)
	b.get("/import")
	b.wantText("Name &lt;x&gt;", "Does not come in.", "It is a telephone.", `<option value="name" selected>`, "&lt;script&gt;", "<bdi>2</bdi> hidden rows", "<bdi>3</bdi> sheets", "has a program in it")
	b.wantNone(`name="c1"`, "<script>")
	b.want(b.post("/import/plan", "c0", "name", "c2", "note", "calendar", "solar", "closed", "yes"), http.StatusSeeOther)
	if d.chosen[0] != "name" || d.chosen[2] != "note" || d.list.Options != (office.ImportOptions{Calendar: "solar", WithClosed: true}) {
		t.Errorf("chosen %v, %+v", d.chosen, d.list.Options)
	}
	b.get("/import")
	b.wantText("Open <bdi>7</bdi> cases", "Row <bdi>3</bdi>", "Looks like a number", `<dd id="left">1</dd>`)
	b.want(b.post("/import/run"), http.StatusSeeOther)
	b.get("/import")
	b.wantText(`<progress max="7" value="3"`, `http-equiv="refresh" content="2"`)
	d.list.Stage, d.list.Failed = office.ImportDone, 1
	b.get("/import")
	b.wantText("Done: <bdi>7</bdi> rows", "<bdi>1</bdi> rows did not become a case")
	b.want(b.post("/import/forget"), http.StatusSeeOther)
	b.want(b.get("/import/undo/5"), http.StatusOK)
	b.wantText("Erase <bdi>3</bdi> cases")
	b.want(b.post("/import/undo/5"), http.StatusUnprocessableEntity)
	b.want(b.post("/import/undo/5", "sure", "yes"), http.StatusSeeOther)
	if !slices.Equal(d.undone, []int64{5}) || d.ran != 1 {
		t.Errorf("undone %v, ran %d", d.undone, d.ran)
	}
	b.want(b.get("/import/undo/9"), http.StatusNotFound)
}

func TestACaseForPrimero(t *testing.T) {
	b, d := newFigureBrowser(t)
	b.want(b.get("/thread/1/primero"), http.StatusOK)
	b.wantText("Nobody may be told yet", `href="/thread/1/consents"`)
	b.want(b.post("/thread/1/primero", "ground", "0000000000000001", "fact", "name"), http.StatusUnprocessableEntity)
	b.wantText("no consent for this receiver")

	c := &d.files[1].Case
	c.Fields[event.FieldDistrict] = fold.Field{{Text: "Kasur"}}
	c.Fields[event.FieldSummary] = fold.Field{{Text: "held at the station"}}
	c.Consents = []fold.Consent{{Consented: event.Consented{
		ID: "0000000000000001", What: "tell-partner", Receiver: "Lantern <Shelter>", State: "given", Ends: time.Now().AddDate(0, 1, 0).Format(time.DateOnly), Facts: "name, district, tattoos", By: "person",
	}}}
	b.get("/thread/1/primero?ground=0000000000000001")
	b.wantText("Lantern &lt;Shelter&gt;", `value="name"`, `value="district"`, "tattoos")
	b.wantNone(`value="summary"`, "Mr Landlord", `id="preview"`)
	b.get("/thread/1/primero?ground=0000000000000001&fact=district&service=legal-aid")
	b.wantText(`id="preview"`, "&#34;service_location&#34;: &#34;Kasur&#34;")
	b.wantNone("held at the station")
	if len(d.bodies) != 0 {
		t.Error("a preview records something")
	}
	for _, fact := range []string{"summary", "religion"} {
		b.want(b.post("/thread/1/primero", "ground", "0000000000000001", "fact", fact), http.StatusUnprocessableEntity)
		b.wantText("does not list one of these facts")
	}
	r := b.post("/thread/1/primero", "ground", "0000000000000001", "fact", "district", "service", "legal-aid")
	b.want(r, http.StatusOK)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="case.json"` {
		t.Error(got)
	}
	var written struct {
		Data struct {
			Name     *string `json:"name"`
			Services []struct {
				Location string `json:"service_location"`
				Type     string `json:"service_type"`
			} `json:"services_section"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(b.last), &written); err != nil || written.Data.Name != nil || len(written.Data.Services) != 1 || written.Data.Services[0].Location != "Kasur" || written.Data.Services[0].Type != "legal_assistance_service" {
		t.Errorf("%v: %s", err, b.last)
	}
	want := event.Disclosed{What: "tell-partner", Receiver: "Lantern <Shelter>", Facts: "district", Ground: "0000000000000001", Service: "legal-aid"}
	if len(d.bodies) != 1 || d.bodies[0] != event.Body(want) {
		t.Errorf("recorded %+v", d.bodies)
	}
	d.refuse = fold.ErrConsent
	b.want(b.post("/thread/1/primero", "ground", "0000000000000001", "fact", "district"), http.StatusForbidden)
	b.wantNone("Kasur&#34;")
}

// What the pages of figures show fits every language.
func TestFiguresInEveryLanguage(t *testing.T) {
	b, d := newFigureBrowser(t)
	for _, lang := range []string{"en", "fa", "fa-AF", "ps", "ur"} {
		b.want(b.post("/language", "lang", lang), http.StatusSeeOther)
		for _, path := range []string{"/figures", "/knows", "/import", "/import/undo/5", "/thread/1/primero"} {
			b.want(b.get(path), http.StatusOK)
		}
		for _, stage := range []string{office.ImportColumns, office.ImportPlanned, office.ImportRunning, office.ImportDone} {
			d.list = office.Import{Stage: stage, Planned: 3, Plan: moving.Plan{Problems: []moving.Problem{{Line: 2, What: moving.ProblemDate, Field: moving.Opened}}}}
			b.want(b.get("/import"), http.StatusOK)
		}
		d.list = office.Import{}
	}
}
