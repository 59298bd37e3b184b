package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"panah/desk/internal/office"
	"panah/desk/internal/spreadsheet"
)

// monthsBack is how far back a period may begin on the page.
const monthsBack = 36

// A figuresPage shows sums, as pictures and tables.
type figuresPage struct {
	*page
	Figures office.Figures
	InTime  string // share of first answers within the clock; "" where nobody wrote
	Choices []office.Month
	Tables  []figureTable
	Export  bool
	Query   template.URL // the period, for the links to files
}

// asked is the period that a request names: months as "2026-11"; zero where it names none.
func askedMonths(q url.Values) (from, to office.Month) {
	read := func(s string) office.Month {
		if len(s) != 7 || s[4] != '-' {
			return 0
		}
		n, err := strconv.Atoi(s[:4] + s[5:])
		if err != nil || !office.Month(n).Good() {
			return 0
		}
		return office.Month(n)
	}
	return read(q.Get("from")), read(q.Get("to"))
}

func (s *server) figuresShow(w http.ResponseWriter, r *http.Request, v visit) error {
	f, err := s.can.figures.Figures(r.Context(), first(askedMonths(r.URL.Query())), second(askedMonths(r.URL.Query())))
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	p, err := s.titled(r, v, "figures.title")
	if err != nil {
		return err
	}
	p.Nav = "figures"
	data := &figuresPage{page: p, Figures: f, Export: office.MayExport(v.Role), Query: template.URL("from=" + f.From.String() + "&to=" + f.To.String())}
	data.InTime = p.percent(f.Total.Answers)
	for m := f.Now; len(data.Choices) < monthsBack; m = m.Add(-1) {
		data.Choices = append(data.Choices, m)
	}
	if data.Tables, err = s.figureTables(p.words, f); err != nil {
		return err
	}
	for i := range data.Tables {
		if data.Tables[i].Chart, err = data.Tables[i].draw(p.words); err != nil {
			return err
		}
	}
	return s.show(w, http.StatusOK, "figures", data)
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// figuresFile hands the tables out: all as a workbook, or one as CSV. A file of sums has no name that says whose they are.
func (s *server) figuresFile(w http.ResponseWriter, r *http.Request, v visit) error {
	if !office.MayExport(v.Role) {
		return office.ErrRole
	}
	q := r.URL.Query()
	f, err := s.can.figures.Figures(r.Context(), first(askedMonths(q)), second(askedMonths(q)))
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	p := s.newPage(r, v)
	tables, err := s.figureTables(p.words, f)
	if err != nil {
		return err
	}
	if q.Get("as") == "xlsx" {
		var sheets []spreadsheet.Sheet
		for _, t := range tables {
			sheets = append(sheets, t.sheet(p.words))
		}
		data, err := spreadsheet.WriteXLSX(sheets)
		if err != nil {
			return err
		}
		return hand(w, "figures.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", data)
	}
	for _, t := range tables {
		if t.Key == q.Get("table") && q.Get("as") == "csv" {
			data, err := spreadsheet.WriteCSV(t.sheet(p.words))
			if err != nil {
				return err
			}
			return hand(w, "figures-"+t.Key+".csv", "text/csv; charset=utf-8", data)
		}
	}
	return errNowhere
}

// hand gives a file to the browser, which saves it and opens nothing.
func hand(w http.ResponseWriter, name, kind string, data []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusOK)
	w.Write(data) // an error here means that the browser went away
	return nil
}

// percent writes a share in time, "83 %"; "" where nobody had to be answered.
func (w *words) percent(a office.Answers) string {
	if a.Asked() == 0 {
		return ""
	}
	return w.Num(fmt.Sprintf("%.0f %%", share(a)))
}

func share(a office.Answers) float64 { return 100 * float64(a.InTime) / float64(a.Asked()) }

// Bytes writes the size of a file: "312 KiB", "4.1 MiB".
func (w *words) Bytes(n int64) string {
	switch {
	case n < 1<<10:
		return w.Num(n) + " B"
	case n < 1<<20:
		return w.Num((n+1023)>>10) + " KiB"
	}
	return w.Num(fmt.Sprintf("%.1f", float64(n)/(1<<20))) + " MiB"
}
