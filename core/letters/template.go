package letters

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// common reads what templates share: fields, parts, the words for readers and verdicts.
func (r *reader) common(n *yaml.Node) {
	k := r.keys(n, "the file", "version", "addressees", "verdicts", "fields", "parts", "elsewhere")
	r.number(k["version"], "version")
	r.names, r.verdicts = map[Addressee]Words{}, Verdicts{}
	names := r.keys(k["addressees"], "addressees")
	for _, a := range Addressees() {
		r.names[a] = r.words(names[string(a)], n, "addressee "+string(a))
	}
	verdicts := r.keys(k["verdicts"], "verdicts")
	for _, v := range [...]string{"in-force", "extended", "ended", "revoked", "conflict", "unknown", "stale"} {
		r.verdicts[v] = r.words(verdicts[v], n, "verdict "+v)
	}
	r.define(k["fields"])
	for name, parts := range r.keys(k["parts"], "parts") {
		r.parts[name] = r.body(parts)
	}
	for letter, how := range r.keys(k["elsewhere"], "elsewhere") {
		if _, ok := r.v.Letters[letter]; !ok {
			r.wrong(how, "Letters are those of rules/pathways/_common.yaml.", "there is no letter %.40q", letter)
		}
		r.book.card[letter] = r.text(how, letter)
	}
}

// define reads definitions of fields.
func (r *reader) define(n *yaml.Node) {
	if n == nil {
		return
	}
	for id, d := range r.keys(n, "fields") {
		what := "field " + id
		k := r.keys(d, what, "kind", "from", "label", "hint")
		f := Field{ID: id, Kind: Kind(r.text(k["kind"], what)), From: r.text(k["from"], what), Label: r.words(k["label"], d, "label of "+id)}
		if k["hint"] != nil {
			f.Hint = r.words(k["hint"], d, "hint of "+id)
		}
		if !slices.Contains([]Kind{Line, Long, Date, Number, Lines, Rows}, f.Kind) {
			r.wrong(d, "Kinds are text, long, date, number, lines, rows.", "%s is of kind %.20q", what, f.Kind)
		}
		if answer, ok := strings.CutPrefix(f.From, fromAnswer); ok && !slices.Contains(r.v.Answers, answer) {
			r.wrong(k["from"], "Questions are those of rules/pathways.", "%s would be filled from %.60q, which nobody asks", what, answer)
		} else if f.From != "" && !ok && !takes(f.From) {
			r.wrong(k["from"], "See docs/letters.md for what a letter may take from a case.", "%s would be filled from %.60q", what, f.From)
		}
		if !place.MatchString("{" + id + "}") {
			r.wrong(d, "Use a-z, 0-9 and _.", "%.40q is no name for a field", id)
		}
		if reason := never(f); reason != "" {
			r.wrong(d, "Such a thing is never collected: rules/pathways/_common.yaml, never_collect.", "%s asks for %s", what, reason)
		}
		r.fields[id] = f
	}
}

// template reads one kind of letter.
func (r *reader) template(n *yaml.Node) {
	k := r.keys(n, "the file", "letter", "version", "title", "to", "needs", "own", "fields", "body", "must_not", "sources", "review_needed", "status")
	shared := r.fields
	r.fields = cloneFields(shared)
	defer func() { r.fields = shared }()
	r.define(k["own"])
	t := Template{
		Letter: r.text(k["letter"], "letter"), Version: r.number(k["version"], "version"), Title: r.words(k["title"], n, "title"), Needs: map[Addressee]string{}, Status: map[string]string{},
		MustNot: r.texts(k["must_not"], "must_not"), Sources: r.texts(k["sources"], "sources"), Review: r.texts(k["review_needed"], "review_needed"), Names: r.names, Verdict: r.verdicts,
	}
	t.To = r.addressees(k["to"])
	r.head(&t, k, n)
	for _, f := range r.list(k["fields"], "fields") {
		id, required := strings.CutSuffix(r.text(f, "a field"), "!")
		d, ok := r.fields[id]
		if !ok {
			r.wrong(f, "Define it under own:, or in _common.yaml.", "there is no field %.40q", id)
			continue
		}
		if _, twice := t.Field(id); twice {
			r.wrong(f, "Take one away.", "the field %s is there twice", id)
		}
		d.Required = required
		t.Fields = append(t.Fields, d)
	}
	t.Parts = r.body(k["body"])
	r.check(t, n)
	r.book.kinds = append(r.book.kinds, t)
}

// head checks what stands before the text of a letter.
func (r *reader) head(t *Template, k map[string]*yaml.Node, n *yaml.Node) {
	if _, ok := r.v.Letters[t.Letter]; !ok {
		r.wrong(k["letter"], "Letters are those of rules/pathways/_common.yaml.", "there is no letter %.40q", t.Letter)
	}
	if r.file != t.Letter+".yaml" {
		r.wrong(k["letter"], "Name the file after the letter.", "the file of %s has another name", t.Letter)
	}
	if len(t.To) == 0 || len(t.MustNot) == 0 || len(t.Review) == 0 || len(t.Sources) == 0 {
		r.wrong(n, "Say to whom, what must not be in it, who has to review it, and by which sources.", "to, must_not, review_needed and sources may not be empty")
	}
	for a, c := range r.keys(k["needs"], "needs") {
		consent := r.text(c, "needs")
		if !t.For(Addressee(a)) {
			r.wrong(c, "Add it to to:, or take the consent away.", "the letter is not for %.40q", a)
		}
		if !slices.Contains(r.v.Consents, consent) {
			r.wrong(c, "Consents are those of rules/pathways/_common.yaml.", "there is no consent %.40q", consent)
		}
		t.Needs[Addressee(a)] = consent
	}
	for i, s := range r.list(k["sources"], "sources") {
		if i < len(t.Sources) && !slices.Contains(r.v.Sources, t.Sources[i]) {
			r.wrong(s, "Add it to rules/sources.yaml.", "there is no source %.40q", t.Sources[i])
		}
	}
	status := r.keys(k["status"], "status", languages()...)
	for _, lang := range languages() {
		t.Status[lang] = r.text(status[lang], "status")
		if t.Status[lang] != Draft && t.Status[lang] != Reviewed {
			r.wrong(n, "Write draft, or reviewed when those of review_needed and a native speaker have agreed.", "the status in %s is %.20q", lang, t.Status[lang])
		}
	}
	for _, lang := range languages() {
		if utf8.RuneCountInString(t.Title.In(lang)) > maxTitle || strings.Contains(t.Title.In(lang), "{") {
			r.wrong(n, "A title names the letter: no values, one short line.", "the title in %s is too long, or has a place for a value", lang)
		}
	}
}

func (r *reader) addressees(n *yaml.Node) (out []Addressee) {
	for _, c := range r.list(n, "to") {
		a := Addressee(r.text(c, "to"))
		if !slices.Contains(Addressees(), a) {
			r.wrong(c, "Kinds of reader are in _common.yaml under addressees.", "there is no reader %.40q", a)
		}
		out = append(out, a)
	}
	return out
}

func cloneFields(m map[string]Field) map[string]Field {
	out := map[string]Field{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// body reads parts; one that says use: stands for those of _common.yaml.
func (r *reader) body(n *yaml.Node) (out []Part) {
	for _, c := range r.list(n, "the body") {
		k := r.keys(c, "a part", append([]string{"use", "is", "if", "to"}, languages()...)...)
		if k["use"] != nil {
			shared, ok := r.parts[r.text(k["use"], "use")]
			if !ok || len(k) > 1 {
				r.wrong(c, "Parts that are shared are in _common.yaml; use: stands alone.", "there is no shared part %.40q", k["use"].Value)
			}
			out = append(out, shared...)
			continue
		}
		p := Part{Is: r.text(k["is"], "is"), If: r.text(k["if"], "if"), Text: r.tongues(k, c, "a part")}
		if p.Is == "" {
			p.Is = IsText
		}
		if k["to"] != nil {
			p.To = r.addressees(k["to"])
		}
		if !known(p.Is) {
			r.wrong(c, "Kinds are "+strings.Join(blockKinds[:], ", ")+".", "a part is of kind %.20q", p.Is)
		}
		r.places(p, c)
		out = append(out, p)
	}
	if len(out) > maxParts {
		r.wrong(n, "Make two letters of it.", "%d parts are more than %d", len(out), maxParts)
	}
	return out
}
