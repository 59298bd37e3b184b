package primero

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panah/core/event"
	"panah/core/fold"
	"panah/i18n"
	"panah/rules"
)

var now = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func value(s string) fold.Field { return fold.Field{{Text: s}} }

// known is a case that knows everything, and things that no fact covers.
func known() fold.Case {
	consent := func(id, what, receiver, state, ends, facts string) fold.Consent {
		return fold.Consent{Consented: event.Consented{ID: id, What: what, Receiver: receiver, State: state, Ends: ends, Facts: facts, By: "carer", RunBy: "ngo"}}
	}
	withdrawn := consent("0000000000000004", "tell-partner", "Fourth", "given", "2027-01-01", "name")
	withdrawn.Withdrawn = now.Add(-time.Hour)
	return fold.Case{
		Opened: true, Since: time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC),
		Fields: map[string]fold.Field{
			event.FieldName: value("Zahra"), event.FieldAlso: value("زهرا"), event.FieldDistrict: value("Kasur"), event.FieldLang: value("fa-AF"), event.FieldUrgency: value("minutes"),
			event.FieldSummary: value("Her brother is held."), event.FieldPaper: value("pk-por"), event.FieldPrinted: value("30 June 2025"),
			event.FieldOtherSide: value("the landlord Karim"), event.FieldSafeSay: value("the tailor called"), event.FieldDetained: value("2026-11-20T06:00:00Z"),
		},
		Answers: map[string]fold.Field{"child-separated/age": value("۱۴"), "medical/what": value("dialysis twice a week")},
		Notes:   []fold.Note{{Value: fold.Value{Text: "the neighbour told them"}}},
		Consents: []fold.Consent{
			consent("0000000000000001", "tell-partner", "Lantern Shelter", "given", "2027-01-01", "name, age; district، وضعیت, shoe size"),
			consent("0000000000000002", "tell-partner", "Second", "refused", "", "name"),
			consent("0000000000000003", "tell-lawyer", "Third", "given", "2026-11-23", "name"),
			withdrawn,
			consent("0000000000000005", "tell-family", "Brother", "given", "2027-01-01", "name"),
			consent("0000000000000006", "work-on-case", "", "given", "2027-01-01", ""),
		},
		Vitals: []fold.Vital{
			{Vital: event.Vital{ID: "0000000000000007", What: "tell-partner", Receiver: "Ambulance", Reason: "bleeding"}, First: "a", Second: "b"},
			{Vital: event.Vital{ID: "0000000000000008", What: "tell-partner", Receiver: "One person alone", Reason: "x"}, First: "a"},
		},
	}
}

func referral(g Ground, ticked ...Fact) Referral {
	return Referral{
		Ground: g, Ticked: ticked, Service: "child-protection", Situations: []string{"Child separated"}, Paper: "PoR card", Now: now,
		ID: "6f1b2c3d-0000-4000-8000-000000000001", ServiceID: "6f1b2c3d-0000-4000-8000-000000000002",
	}
}

func TestGrounds(t *testing.T) {
	var got []string
	for _, g := range Grounds(known(), now) {
		got = append(got, fmt.Sprint(g.Receiver, " ", g.Vital))
	}
	if diff := cmp.Diff([]string{"Lantern Shelter false", "Ambulance true"}, got); diff != "" {
		t.Error(diff)
	}
	g := Grounds(known(), now)[0]
	if diff := cmp.Diff([]Fact{FactName, FactAge, FactDistrict, FactSituation}, g.Facts); diff != "" || !slices.Equal(g.Unknown, []string{"shoe size"}) {
		t.Error(diff, g.Unknown)
	}
	if facts, _ := Named("everything"); len(facts) != 0 {
		t.Errorf("everything is %v", facts)
	}
}

// schema is what Primero checks of the fields that we write (app/services/record_json_validator_service.rb: no further properties are taken), with the choices of its default
// configuration.
var schema = map[string]func(any) bool{
	"id": uuid, "consent_for_services": boolean, "disclosure_other_orgs": boolean, "interview_subject": oneOf("individual", "caregiver", "other"),
	"legitimate_basis": list(oneOf("consent", "vital_interests")), "name": text, "name_other": text, "age": whole, "estimated": boolean, "registration_date": form(`^\d{4}-\d\d-\d\d$`),
	"risk_level": oneOf("high", "medium", "low"),
}

var serviceSchema = map[string]func(any) bool{
	"unique_id": uuid, "service_response_type": oneOf("care_plan", "action_plan", "service_provision"), "service_type": form(`^[a-z_]+_service$`),
	"service_response_day_time": form(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`), "service_response_timeframe": oneOf("1_hour", "3_hours", "1_day", "3_days"),
	"service_location": text, "service_referral_notes": text,
}

func boolean(v any) bool { _, ok := v.(bool); return ok }
func text(v any) bool    { s, ok := v.(string); return ok && s != "" }
func whole(v any) bool   { n, ok := v.(float64); return ok && n == float64(int(n)) }
func uuid(v any) bool {
	return form(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)(v)
}

func form(pattern string) func(any) bool {
	return func(v any) bool { s, ok := v.(string); return ok && regexp.MustCompile(pattern).MatchString(s) }
}

func oneOf(choices ...string) func(any) bool {
	return func(v any) bool { s, ok := v.(string); return ok && slices.Contains(choices, s) }
}

func list(of func(any) bool) func(any) bool {
	return func(v any) bool {
		all, ok := v.([]any)
		return ok && !slices.ContainsFunc(all, func(one any) bool { return !of(one) })
	}
}

// fits checks a written record against the documented shape and returns it.
func fits(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var whole map[string]map[string]any
	if err := json.Unmarshal(data, &whole); err != nil || len(whole) != 1 {
		t.Fatalf("%d records: %v", len(whole), err)
	}
	check := func(record map[string]any, schema map[string]func(any) bool) {
		for name, v := range record {
			if ok := schema[name]; ok == nil || !ok(v) {
				t.Errorf("%s: %v", name, v)
			}
		}
	}
	record := whole["data"]
	services, _ := record["services_section"].([]any)
	if len(services) != 1 {
		t.Fatalf("%d services", len(services))
	}
	check(services[0].(map[string]any), serviceSchema)
	flat := map[string]any{}
	for k, v := range record {
		if k != "services_section" {
			flat[k] = v
		}
	}
	check(flat, schema)
	return record
}

func TestTheShapeIsPrimeros(t *testing.T) {
	vital := Grounds(known(), now)[1]
	data, told, err := Write(known(), referral(vital, Facts()...))
	if err != nil {
		t.Fatal(err)
	}
	record := fits(t, data)
	if record["age"] != 14.0 || record["estimated"] != true || record["risk_level"] != "high" || record["consent_for_services"] != nil || told != "name, also, age, district, language, since, urgency, situation, summary, paper" {
		t.Errorf("told %s: %s", told, data)
	}
	data, _, err = Write(known(), referral(Grounds(known(), now)[0], FactName))
	if err != nil {
		t.Fatal(err)
	}
	if record := fits(t, data); record["consent_for_services"] != true || record["disclosure_other_orgs"] != true || record["interview_subject"] != "caregiver" {
		t.Errorf("%s", data)
	}
}

// Every set of ticks: what is not ticked is not in it.
func TestNothingBeyondTheTicks(t *testing.T) {
	vital := Grounds(known(), now)[1]
	words := map[Fact]string{
		FactName: "Zahra", FactAlso: "زهرا", FactAge: `"age"`, FactDistrict: "Kasur", FactLanguage: "fa-AF", FactSince: "2026-11-20", FactUrgency: "1_hour", FactSituation: "Child separated",
		FactSummary: "brother", FactPaper: "PoR card",
	}
	for set := 1; set < 1<<len(Facts()); set++ {
		var ticked []Fact
		for i, f := range Facts() {
			if set>>i&1 == 1 {
				ticked = append(ticked, f)
			}
		}
		data, told, err := Write(known(), referral(vital, ticked...))
		if err != nil {
			t.Fatal(err)
		}
		for f, word := range words {
			if in := strings.Contains(string(data), word); in != slices.Contains(ticked, f) {
				t.Fatalf("%v ticked, %s in it: %v", ticked, f, in)
			}
			if slices.Contains(strings.Split(told, ", "), string(f)) != slices.Contains(ticked, f) {
				t.Fatalf("%v ticked, told %s", ticked, told)
			}
		}
		for _, never := range []string{"Karim", "tailor", "dialysis", "neighbour", "T06:00"} {
			if strings.Contains(string(data), never) {
				t.Fatalf("%s is told", never)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	consent := Grounds(known(), now)[0]
	for name, test := range map[string]struct {
		r    Referral
		want error
	}{
		"no ground":       {referral(Ground{}, FactName), ErrGround},
		"not consented":   {referral(consent, FactName, FactSummary), ErrFact},
		"nothing ticked":  {referral(consent), ErrNone},
		"nothing known":   {referral(Ground{ID: "x", Facts: Facts()}, FactAlso), ErrNone},
		"an unknown fact": {referral(consent, "religion"), ErrFact},
	} {
		c := known()
		if name == "nothing known" {
			c = fold.Case{}
		}
		if data, _, err := Write(c, test.r); !errors.Is(err, test.want) || data != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every service of ours is one of theirs.
func TestEveryServiceIsMapped(t *testing.T) {
	words, err := i18n.Catalogue(true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := rules.Pathways(i18n.Situations(words))
	if err != nil {
		t.Fatal(err)
	}
	for id := range book.Common.Services {
		if serviceTypes[id] == "" {
			t.Errorf("%s has no type", id)
		}
	}
	for id := range serviceTypes {
		if _, ok := book.Common.Services[id]; !ok {
			t.Errorf("there is no service %s", id)
		}
	}
}
