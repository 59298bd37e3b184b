// Package primero writes one case for a referral in the JSON that Primero v2 takes (POST /api/v2/cases; docs/primero.md): with a ground for that receiver, and nothing that
// the ground does not cover.
//
// It refuses more than one case, files, and every field that Panah has no field for. It maps names and copies nothing of Primero, which is AGPL.
package primero

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"panah/core/event"
	"panah/core/fold"
	"panah/core/script"
)

// A Fact is one thing that may be told. Its words in consents are those of factWords.
type Fact string

// The facts, in the order in which pages show them.
const (
	FactName      Fact = "name"
	FactAlso      Fact = "also"
	FactAge       Fact = "age"
	FactDistrict  Fact = "district"
	FactLanguage  Fact = "language"
	FactSince     Fact = "since"
	FactUrgency   Fact = "urgency"
	FactSituation Fact = "situation"
	FactSummary   Fact = "summary"
	FactPaper     Fact = "paper"
)

// Facts lists them.
func Facts() []Fact {
	return []Fact{FactName, FactAlso, FactAge, FactDistrict, FactLanguage, FactSince, FactUrgency, FactSituation, FactSummary, FactPaper}
}

// factWords are how consents name a fact, in English, Persian and Dari, Pashto, Urdu.
var factWords = map[Fact][]string{
	FactName:      {"name", "first name", "full name", "نام", "اسم", "نوم"},
	FactAlso:      {"also", "other name", "other names", "other spelling", "other spellings", "نام دیگر", "نام\u200cهای دیگر", "بل نوم", "دوسرا نام"},
	FactAge:       {"age", "estimated age", "سن", "عمر"},
	FactDistrict:  {"district", "city", "area", "شهر", "ولسوالی", "شهر یا ولسوالی", "ناحیه", "ولسوالۍ", "ضلع"},
	FactLanguage:  {"language", "زبان", "لسان", "ژبه"},
	FactSince:     {"since", "date", "since when", "تاریخ", "نېټه"},
	FactUrgency:   {"urgency", "how urgent", "فوریت", "عاجل", "عاجل بودن", "بېړنیتوب", "ترجیح"},
	FactSituation: {"situation", "situations", "what it is about", "وضعیت", "موضوع", "حالت", "صورت حال"},
	FactSummary:   {"summary", "what happened", "خلاصه", "لنډیز", "خلاصہ"},
	FactPaper:     {"paper", "papers", "kind of paper", "مدرک", "مدارک", "سند", "اسناد", "کاغذ"},
}

// Named reads which facts a consent's text names, part by part, and which parts it does not know. A consent that says "everything" names nothing: consents list.
func Named(text string) (facts []Fact, unknown []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;،؛\n•|/", r) }) {
		folded := script.Fold(part)
		if folded == "" {
			continue
		}
		found := Fact("")
		for _, f := range Facts() {
			if slices.ContainsFunc(factWords[f], func(w string) bool { return script.Fold(w) == folded }) {
				found = f
				break
			}
		}
		switch {
		case found == "":
			unknown = append(unknown, strings.TrimSpace(part))
		case !slices.Contains(facts, found):
			facts = append(facts, found)
		}
	}
	slices.SortFunc(facts, func(a, b Fact) int { return slices.Index(Facts(), a) - slices.Index(Facts(), b) })
	return facts, unknown
}

// A Ground allows telling one receiver.
type Ground struct {
	ID       string
	What     string // tell-lawyer, tell-partner …
	Receiver string
	RunBy    string // authority, un, ngo, private
	Vital    bool   // a vital interest that two people stated
	By       string // of a consent: person, carer, proxy
	Ends     string // of a consent: day
	Facts    []Fact // what may be told; of a vital interest what the danger makes necessary, which a person ticks one by one
	Unknown  []string
}

// Grounds lists what in a case allows telling somebody on a day. A consent that names no fact is there too, so that a page can say why nothing can be ticked.
func Grounds(c fold.Case, now time.Time) (list []Ground) {
	for _, k := range c.Consents {
		if k.State != "given" || !k.Withdrawn.IsZero() || k.Receiver == "" || k.Ends < now.UTC().Format("2006-01-02") || k.What == "tell-family" {
			continue
		}
		g := Ground{ID: k.ID, What: k.What, Receiver: k.Receiver, RunBy: k.RunBy, By: k.By, Ends: k.Ends}
		g.Facts, g.Unknown = Named(k.Facts)
		list = append(list, g)
	}
	for _, v := range c.Vitals {
		if v.Second != "" && v.Receiver != "" {
			list = append(list, Ground{ID: v.ID, What: v.What, Receiver: v.Receiver, Vital: true, Facts: Facts()})
		}
	}
	return list
}

// Why a case is not written.
var (
	ErrGround = errors.New("there is no ground for telling this receiver")
	ErrFact   = errors.New("the ground does not cover this fact")
	ErrNone   = errors.New("nothing is ticked")
)

// A Referral is what is to be written.
type Referral struct {
	Ground     Ground
	Ticked     []Fact
	Service    string   // id of _common.yaml's services; "" for none
	Situations []string // titles of the pathways followed
	Paper      string   // kind of paper in words
	ID         string   // a UUID for the record, and one for its service
	ServiceID  string
	Now        time.Time
}

// Value is what a case knows of a fact, as the receiver will read it; "" when it knows nothing.
func (r Referral) Value(c fold.Case, f Fact) string {
	field := func(name string) string { return strings.TrimSpace(c.Fields[name].Text()) }
	switch f {
	case FactName:
		return field(event.FieldName)
	case FactAlso:
		return field(event.FieldAlso)
	case FactAge:
		if n := age(c); n >= 0 {
			return strconv.Itoa(n)
		}
	case FactDistrict:
		return field(event.FieldDistrict)
	case FactLanguage:
		return field(event.FieldLang)
	case FactSince:
		if !c.Since.IsZero() {
			return c.Since.UTC().Format("2006-01-02")
		}
	case FactUrgency:
		return field(event.FieldUrgency)
	case FactSituation:
		return strings.Join(r.Situations, "; ")
	case FactSummary:
		return field(event.FieldSummary)
	case FactPaper:
		return strings.TrimSpace(r.Paper + " " + field(event.FieldPrinted))
	}
	return ""
}

// age is the answer to "about how old?" of any pathway, -1 for none. It is always an estimate.
func age(c fold.Case) int {
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for k := range c.Answers {
			if !yield(k) {
				return
			}
		}
	}) {
		if strings.HasSuffix(name, "/age") {
			if n, err := strconv.Atoi(script.Fold(c.Answers[name].Text())); err == nil && n >= 0 && n <= 120 {
				return n
			}
		}
	}
	return -1
}

// A record is a case as Primero names its fields. Everything is left out that is not told.
type record struct {
	ID               string    `json:"id"`
	Consent          *bool     `json:"consent_for_services,omitempty"`
	Disclosure       *bool     `json:"disclosure_other_orgs,omitempty"`
	InterviewSubject string    `json:"interview_subject,omitempty"`
	Basis            []string  `json:"legitimate_basis"`
	Name             string    `json:"name,omitempty"`
	NameOther        string    `json:"name_other,omitempty"`
	Age              *int      `json:"age,omitempty"`
	Estimated        *bool     `json:"estimated,omitempty"`
	Registered       string    `json:"registration_date,omitempty"`
	Risk             string    `json:"risk_level,omitempty"`
	Services         []service `json:"services_section"`
}

type service struct {
	ID        string `json:"unique_id"`
	Response  string `json:"service_response_type"`
	Type      string `json:"service_type,omitempty"`
	Created   string `json:"service_response_day_time"`
	Timeframe string `json:"service_response_timeframe,omitempty"`
	Location  string `json:"service_location,omitempty"`
	Notes     string `json:"service_referral_notes,omitempty"`
}

// Write makes the JSON, and the words for the record of the disclosure: exactly the facts that are in it. The errors are those of this package; ErrNone also when of what is
// ticked the case knows nothing.
func Write(c fold.Case, r Referral) (data []byte, told string, err error) {
	if r.Ground.ID == "" {
		return nil, "", ErrGround
	}
	for _, f := range r.Ticked {
		if !slices.Contains(r.Ground.Facts, f) {
			return nil, "", fmt.Errorf("%w: %s", ErrFact, f)
		}
	}
	values := map[Fact]string{}
	var names []string
	for _, f := range Facts() {
		if v := r.Value(c, f); v != "" && slices.Contains(r.Ticked, f) {
			values[f] = v
			names = append(names, string(f))
		}
	}
	if len(names) == 0 {
		return nil, "", ErrNone
	}
	data, err = json.MarshalIndent(map[string]record{"data": r.record(values)}, "", "  ")
	if err != nil {
		return nil, "", fmt.Errorf("writing a referral: %w", err)
	}
	return append(data, '\n'), strings.Join(names, ", "), nil
}

// record fills in what is told.
func (r Referral) record(v map[Fact]string) record {
	yes := true
	rec := record{ID: r.ID, Basis: []string{"consent"}, Name: v[FactName], NameOther: v[FactAlso], Registered: v[FactSince]}
	if r.Ground.Vital {
		rec.Basis = []string{"vital_interests"}
	} else {
		rec.Consent, rec.Disclosure = &yes, &yes
		rec.InterviewSubject = map[string]string{"person": "individual", "carer": "caregiver"}[r.Ground.By]
		if rec.InterviewSubject == "" {
			rec.InterviewSubject = "other"
		}
	}
	if n, err := strconv.Atoi(v[FactAge]); err == nil {
		rec.Age, rec.Estimated = &n, &yes
	}
	s := service{ID: r.ServiceID, Response: "service_provision", Type: serviceTypes[r.Service], Created: r.Now.UTC().Format("2006-01-02T15:04:05.000Z"), Location: v[FactDistrict]}
	switch v[FactUrgency] {
	case "minutes":
		rec.Risk, s.Timeframe = "high", "1_hour"
	case "hours":
		rec.Risk, s.Timeframe = "medium", "3_hours"
	case "days":
		rec.Risk, s.Timeframe = "low", "3_days"
	}
	s.Notes = notes(v)
	rec.Services = []service{s}
	return rec
}

// notes are the facts for which Primero has choices that every organisation makes for itself: as text they are taken everywhere.
func notes(v map[Fact]string) string {
	var lines []string
	for _, f := range []struct {
		fact Fact
		head string
	}{{FactSituation, "Situation"}, {FactSummary, "Summary"}, {FactLanguage, "Language"}, {FactPaper, "Paper"}} {
		if v[f.fact] != "" {
			lines = append(lines, f.head+": "+v[f.fact])
		}
	}
	return strings.Join(lines, "\n")
}

// serviceTypes are the services of rules/pathways/_common.yaml in Primero's default list (lookup-service-type); its spelling of reunification is its own.
var serviceTypes = map[string]string{
	"lawyer-urgent": "legal_assistance_service", "legal-aid": "legal_assistance_service", "labour-claims": "legal_assistance_service", "housing-claims": "legal_assistance_service",
	"civil-registry-help": "registration_service", "document-help": "registration_service", "rfl": "family_seunification_service", "child-protection": "child_protection_service",
	"health-emergency": "health_medical_service", "health-clinic": "health_medical_service", "mhpss": "psychosocial_service", "gbv-services": "psychosocial_service",
	"safe-shelter": "safehouse_service", "education": "education_service", "cash-food-shelter": "food_service", "unhcr-protection": "other_service", "anti-trafficking": "other_service",
	"disability-support": "other_service", "return-counselling": "other_service", "avr-programme": "other_service", "border-reception": "other_service", "ombudsman": "other_service",
	"interpretation": "other_service",
}
