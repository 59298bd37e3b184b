package letters

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"panah/core/l10n"
)

// forbidden are words of a field that would ask for what is never collected (rules/pathways/_common.yaml), in English: the language in which templates are reviewed first.
var forbidden = [...]string{
	"religion", "ethnic", "sect", "tribe", "party member", "orientation", "fingerprint", "biometric", "photo", "home address", "street", "live location", "smuggler", "route", "border point",
	"driver", "who helped", "helper", "shelter", "host family", "contact list", "social media", "past service", "army", "embassy", "number of the paper", "paper number", "passport number", "card number", "birth date", "date of birth",
}

// never is what a field would ask for that is never collected; "" for nothing.
func never(f Field) string {
	text := strings.ToLower(f.ID + " " + f.Label.In(l10n.English))
	for _, w := range forbidden {
		if strings.Contains(strings.ReplaceAll(text, "_", " "), w) {
			return w
		}
	}
	return ""
}

// placesOf are the names in braces of a text, sorted, each once.
func placesOf(text string) (out []string) {
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// places checks one part: the same places in every language, the same number of rows and cells, no brace too many, no direction mark.
func (r *reader) places(p Part, n *yaml.Node) {
	want := placesOf(p.Text.In(l10n.English))
	for _, lang := range languages() {
		text := p.Text[lang]
		if text == "" {
			continue // said already
		}
		if got := placesOf(text); !slices.Equal(got, want) {
			r.wrong(n, "Every language needs the same places: "+strings.Join(want, ", ")+".", "the text in %s has the places %s", lang, strings.Join(got, ", "))
		}
		if strings.ContainsAny(place.ReplaceAllString(text, ""), "{}") {
			r.wrong(n, "A place is written {name}.", "the text in %s has a brace that belongs to no place", lang)
		}
		if WithoutMarks(text) != text {
			r.wrong(n, "Take it away: the program sets them.", "the text in %s has a direction mark", lang)
		}
		r.sameShape(p, lang, n)
	}
}

// sameShape: lists have as many items, tables as many cells, in every language.
func (r *reader) sameShape(p Part, lang string, n *yaml.Node) {
	if p.Is != IsList && p.Is != IsSteps && p.Is != IsTable && p.Is != IsSign {
		return
	}
	want, got := TextLines(p.Text.In(l10n.English)), TextLines(p.Text[lang])
	if len(want) != len(got) {
		r.wrong(n, "Every language needs as many lines as English.", "%d lines in %s, %d in English", len(got), lang, len(want))
		return
	}
	for i := range want {
		if p.Is == IsTable && len(Cells(want[i])) != len(Cells(got[i])) {
			r.wrong(n, "Part the cells with |, as in English.", "line %d has other cells in %s", i+1, lang)
		}
	}
}

// check looks at a template whole: places are fields, fields are used, an optional one only where its part goes when it is empty.
func (r *reader) check(t Template, n *yaml.Node) {
	if len(t.Parts) == 0 || len(t.Fields) > maxFields {
		r.wrong(n, "Give it a body, and few fields.", "%d parts, %d fields", len(t.Parts), len(t.Fields))
	}
	used := map[string]bool{receiver: true}
	for _, p := range t.Parts {
		for _, id := range placesOf(p.Text.In(l10n.English)) {
			used[id] = true
			if id == placeToday || id == placeAddressee {
				continue
			}
			f, ok := t.Field(id)
			switch {
			case !ok:
				r.wrong(n, "Add it to fields, or take the place away.", "the body has a place {%s} and the letter no such field", id)
			case !f.Required && p.If != id:
				r.wrong(n, "Write if: "+id+" in that part, or make the field required: "+id+"!", "{%s} may be empty, and the part stays", id)
			}
		}
		if _, ok := t.Field(p.If); p.If != "" && !ok {
			r.wrong(n, "Add it to fields.", "a part depends on %.40q, which is no field", p.If)
		}
		used[p.If] = true
		for _, a := range p.To {
			if !t.For(a) {
				r.wrong(n, "Add it to to:, or take the part away.", "a part is for %s, and the letter is not", a)
			}
		}
	}
	for _, f := range t.Fields {
		if !used[f.ID] {
			r.wrong(n, "Take it away: nothing is taken from a case that is not printed.", "the field %s is asked for and not used", f.ID)
		}
	}
}

// whole checks the set: a template for every letter, each once, and the talk in every language.
func (r *reader) whole() {
	r.file = commonFile
	seen := map[string]bool{}
	for _, t := range r.book.kinds {
		if seen[t.Letter] || r.book.card[t.Letter] != "" {
			r.wrong(nil, "Keep one.", "%s is there twice", t.Letter)
		}
		seen[t.Letter] = true
	}
	var ids []string
	for id := range r.v.Letters {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if !seen[id] && r.book.card[id] == "" {
			r.wrong(nil, "Write rules/letters/"+id+".yaml: docs/letters.md shows how.", "the letter %s has no template", id)
		}
	}
	for _, lang := range languages() {
		if _, ok := r.book.talks[lang]; !ok {
			r.wrong(nil, "Write rules/letters/risk-talk."+lang+".yaml.", "there is no talk in %s", lang)
		}
	}
}

// talk reads what is read aloud before somebody carries a note about their papers.
func (r *reader) talk(n *yaml.Node) {
	k := r.keys(n, "the file", "version", "lang", "status", "topic", "aloud", "check", "sources", "review_needed")
	t := Talk{
		Lang: r.text(k["lang"], "lang"), Version: r.number(k["version"], "version"), Status: r.text(k["status"], "status"), Topic: r.text(k["topic"], "topic"), Aloud: r.texts(k["aloud"], "aloud"),
		Check: r.text(k["check"], "check"), Sources: r.texts(k["sources"], "sources"),
	}
	if r.file != "risk-talk."+t.Lang+".yaml" || !slices.Contains(languages(), t.Lang) {
		r.wrong(n, "Name it risk-talk.<language>.yaml.", "the talk in %.20q has another file name", t.Lang)
	}
	if len(t.Aloud) == 0 || t.Check == "" || t.Topic == "" || len(t.Sources) == 0 || t.Status != Draft && t.Status != Reviewed {
		r.wrong(n, "Fill them in.", "topic, aloud, check, sources and status may not be empty; status is draft or reviewed")
	}
	for _, s := range t.Sources {
		if !slices.Contains(r.v.Sources, s) {
			r.wrong(n, "Add it to rules/sources.yaml.", "there is no source %.40q", s)
		}
	}
	r.book.talks[t.Lang] = t
}
