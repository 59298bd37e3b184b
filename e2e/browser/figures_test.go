package browser

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"panah/internal/testkit/chrome"
)

// TestFiguresAndMovingIn: a list with columns that never come in becomes cases, which are counted; the counts are taken away as a workbook; one case goes to a partner with the person's
// consent; and every file of the desk is explained.
func TestFiguresAndMovingIn(t *testing.T) {
	gateURL, code := emptyGate(t)
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, gateURL, code)
	a.visit("/people/first")
	introduced(a.Page, "Parwana")

	a.visit("/figures")
	if got := a.text("#sum-open"); got != "0" {
		t.Errorf("an empty desk has %s open cases", got)
	}
	a.Check("figures-empty")
	a.visit("/knows")
	if strange := chrome.Eval[int](a.Page, `document.querySelectorAll('#files [data-what=""]').length`); strange != 0 || !strings.Contains(a.text("#files"), "desk.db") {
		t.Errorf("%d files are not explained: %s", strange, a.text("#files"))
	}
	a.Check("knows")

	bringIn(a)
	countsAsWorkbook(a)
	referred(a)
	takenBack(a)
}

// bringIn brings a list of two in.
func bringIn(a *laptop) {
	list := filepath.Join(a.T.TempDir(), "list.csv")
	rows := "Case no;Name;Phone;نام پدر;Religion;City;Category;Summary;Date\n" +
		"1;Golandam;09120000001;Padarjan;x;Kasur;medical;needs dialysis;1404/9/10\n" +
		"2;Mahbanu;09120000002;Padarjan;x;Lahore;;call 0912 000 0003;2025-12-01\n"
	if err := os.WriteFile(list, []byte(rows), 0o600); err != nil {
		a.T.Fatal(err)
	}
	a.visit("/import")
	a.Check("import")
	a.Do(chromedp.SetUploadFiles(`#list`, []string{list}))
	a.Click(`#bring button.main`)
	a.Until(`document.querySelector('#columns')`)
	if never := chrome.Eval[int](a.Page, `document.querySelectorAll('tr.never').length`); never != 3 {
		a.T.Errorf("%d columns stay out: %s", never, a.text("#columns"))
	}
	if shown := a.Visible(); strings.Contains(shown, "0912000") || strings.Contains(shown, "Padarjan") {
		a.T.Error("the preview shows what never comes in")
	}
	a.Check("import-columns")
	a.Click(`#columns button.main`)
	a.Until(`document.querySelector('#plan')`)
	if got := a.text("#planned"); got != "2" {
		a.T.Errorf("%s cases are planned", got)
	}
	a.Check("import-planned")
	a.Click(`#plan button.main`)
	a.Until(`document.querySelector('#done')`)
	a.Check("import-done")
	a.Click(`form[action="/import/forget"] button`)
	a.Until(`document.querySelector('#bring')`)
}

// countsAsWorkbook takes the figures away and reads the file.
func countsAsWorkbook(a *laptop) {
	a.visit("/figures")
	if got := a.text("#sum-open"); got != "2" {
		a.T.Errorf("%s cases are open", got)
	}
	a.Check("figures")
	encoded := chrome.Eval[string](a.Page, `fetch(document.querySelector('a[href*="as=xlsx"]').href).then(r => r.arrayBuffer()).then(b => btoa(String.fromCharCode(...new Uint8Array(b))))`)
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		a.T.Fatal(err)
	}
	f, err := excelize.OpenReader(strings.NewReader(string(data)))
	if err != nil {
		a.T.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("By district")
	if err != nil || len(rows) != 3 {
		a.T.Errorf("districts: %v (%v)", rows, err)
	}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			a.T.Fatal(err)
		}
		for _, row := range rows {
			if line := strings.Join(row, " "); strings.Contains(line, "Golandam") || strings.Contains(line, "Mahbanu") {
				a.T.Errorf("%s: a row is a person: %s", sheet, line)
			}
		}
	}
}

// referred tells a partner about one case, after the person said yes to two facts.
func referred(a *laptop) {
	a.visit("/")
	a.Until(`[...document.querySelectorAll('.row-link')].some(l => l.innerText.includes('Golandam'))`)
	thread := chrome.Eval[string](a.Page, `new URL([...document.querySelectorAll('.row-link')].find(l => l.innerText.includes('Golandam')).href).pathname`)
	a.visit(thread + "/primero")
	a.Until(`document.querySelector('.empty')`)
	a.send(thread+"/consents", "consent", saysYes, "what", "tell-partner", "receiver", "Lantern Shelter", "run_by", "ngo", "purpose", "a bed for the night", "facts", "name, district", "how", "spoken", "understood", "only the shelter hears it", "by", "person")
	a.Until(`document.querySelector('#held') && document.querySelector('#held').innerText.includes('Lantern Shelter')`)
	a.visit(thread + "/primero")
	a.Click(`#choose input[name=ground]`)
	a.Click(`#choose button.main`)
	a.Until(`document.querySelector('input[name=fact]')`)
	if ticks := chrome.Eval[int](a.Page, `document.querySelectorAll('input[name=fact]').length`); ticks != 2 {
		a.T.Errorf("%d facts can be ticked", ticks)
	}
	a.Click(`input[name=fact][value=district]`)
	a.Click(`#choose button.main`)
	a.Until(`document.querySelector('#preview')`)
	a.Check("primero")
	body := chrome.Eval[string](a.Page, `fetch(location.pathname, {method: 'POST', body: new URLSearchParams(new FormData(document.querySelector('#tell')))}).then(r => r.text())`)
	var record map[string]map[string]any
	if err := json.Unmarshal([]byte(body), &record); err != nil || record["data"]["consent_for_services"] != true || record["data"]["name"] != nil || strings.Contains(body, "dialysis") || !strings.Contains(body, "Kasur") {
		a.T.Errorf("%v: %s", err, body)
	}
	a.visit(thread + "?tab=timeline")
	a.Until(`document.body.innerText.includes('Lantern Shelter')`)
}

// takenBack erases the import whole.
func takenBack(a *laptop) {
	a.visit("/import")
	a.Click(`a[href^="/import/undo/"]`)
	a.Until(`document.querySelector('input[name=sure]')`)
	a.Check("import-undo")
	a.Click(`input[name=sure]`)
	a.Click(`button.danger`)
	a.at("/import")
	a.visit("/figures")
	deadline := time.Now().Add(10 * time.Second)
	for a.text("#sum-open") != "0" && time.Now().Before(deadline) {
		a.visit("/figures")
	}
	if got := a.text("#sum-open"); got != "0" {
		a.T.Errorf("%s cases are open after it was taken back", got)
	}
}
