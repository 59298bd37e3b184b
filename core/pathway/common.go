package pathway

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// Common is the vocabulary that pathways share (rules/pathways/_common.yaml), as far as this package checks and serves it.
type Common struct {
	Clocks       map[Urgency]Clock
	Services     map[string]string // referral taxonomy
	Letters      map[string]string
	Consents     map[string]Consent
	Outcomes     []string
	Closures     []string // closure reasons
	NeverCollect []string
	LegalBases   []string // of processing; also ids of words
	ConsentNote  string
	Retention    map[string]time.Duration // by Keep…: how long after closure, proposals
	LegalHold    string                   // the rule about keeping longer, in English
	AfterAll     string                   // what goes at the end
	Opens        map[Sensitivity]string   // who may open a case of that sensitivity, in English
	RaiseRules   []RaiseRule
}

// What retention is about: keys of Common.Retention.
const (
	KeepText     = "free_text_and_files"
	KeepIdentity = "identity_and_contact"
	KeepLocked   = "locked_cases"
	KeepLost     = "contact_lost_after"
)

var keeps = [...]string{KeepText, KeepIdentity, KeepLocked, KeepLost}

// A RaiseRule lifts a case whatever its pathway, and may lead to a pathway besides.
type RaiseRule struct {
	If   string  `yaml:"if"`
	To   Urgency `yaml:"to"`
	Also string  `yaml:"also"`
}

// opens is how the file says who may open a case.
type opens struct {
	Opens  string `yaml:"opens"`
	Export string `yaml:"export"`
	Search string `yaml:"search"`
}

// Consent is one kind of consent.
type Consent struct {
	What string `yaml:"what"`
	Asks string `yaml:"asks"`
}

// commonFile is the file's shape. Parts that later rooms read are kept as nodes, so that their keys are still known.
type commonFile struct {
	Version        int                   `yaml:"version"`
	Status         string                `yaml:"status"`
	CaseSteps      yaml.Node             `yaml:"case_steps"`
	Urgency        map[Urgency]rawClock  `yaml:"urgency"`
	UrgencyNote    string                `yaml:"urgency_note"`
	RaiseRules     []RaiseRule           `yaml:"raise_rules"`
	Sensitivity    map[Sensitivity]opens `yaml:"sensitivity"`
	Services       map[string]string     `yaml:"services"`
	DirectoryRules []string              `yaml:"directory_rules"`
	Letters        map[string]string     `yaml:"letters"`
	Consents       map[string]Consent    `yaml:"consents"`
	ConsentFields  []string              `yaml:"consent_fields"`
	LegalBases     []string              `yaml:"legal_bases"`
	ConsentNote    string                `yaml:"consent_note"`
	Outcomes       []string              `yaml:"outcomes"`
	ClosureReasons []string              `yaml:"closure_reasons"`
	Retention      map[string]string     `yaml:"retention"`
	NeverCollect   []string              `yaml:"never_collect"`
}

type rawClock struct {
	Colour        string `yaml:"colour"`
	Reply         string `yaml:"reply"`
	Act           string `yaml:"act"`
	EscalateAfter string `yaml:"escalate_after"`
	Primero       string `yaml:"primero"`
}

func parseCommon(data []byte) (Common, error) {
	var f commonFile
	if err := strict(data, &f); err != nil {
		return Common{}, err
	}
	c := Common{
		Clocks: map[Urgency]Clock{}, Services: f.Services, Letters: f.Letters, Consents: f.Consents,
		Outcomes: f.Outcomes, Closures: f.ClosureReasons, NeverCollect: f.NeverCollect,
	}
	for _, u := range urgencies {
		raw, ok := f.Urgency[u]
		if !ok {
			return Common{}, fmt.Errorf("urgency %s has no clock", u)
		}
		clock, err := raw.parse()
		if err != nil {
			return Common{}, fmt.Errorf("clock of %s: %w", u, err)
		}
		c.Clocks[u] = clock
	}
	if len(f.Urgency) != len(urgencies) {
		return Common{}, fmt.Errorf("%d urgencies instead of %d", len(f.Urgency), len(urgencies))
	}
	return c, c.keep(f)
}

// keep reads what the case's end, its walls and its consents go by. A file may leave any of them out.
func (c *Common) keep(f commonFile) error {
	c.LegalBases, c.ConsentNote, c.RaiseRules = f.LegalBases, f.ConsentNote, f.RaiseRules
	c.LegalHold, c.AfterAll = f.Retention["legal_hold"], f.Retention["after"]
	c.Retention, c.Opens = map[string]time.Duration{}, map[Sensitivity]string{}
	for key, text := range f.Retention {
		if key == "legal_hold" || key == "after" {
			continue
		}
		if !slices.Contains(keeps[:], key) {
			return fmt.Errorf("retention: unknown %.40q", key)
		}
		d, err := ParseDuration(text)
		if err != nil {
			return fmt.Errorf("retention of %s: %w", key, err)
		}
		c.Retention[key] = d
	}
	for s, o := range f.Sensitivity {
		if !s.known() || o.Opens == "" {
			return fmt.Errorf("sensitivity %.20q is unknown or says nothing", s)
		}
		c.Opens[s] = o.Opens
	}
	for _, r := range f.RaiseRules {
		if r.If == "" || !r.To.known() {
			return fmt.Errorf("raise rule %.60q leads to %.20q", r.If, r.To)
		}
	}
	return nil
}

func (r rawClock) parse() (c Clock, err error) {
	if c.Reply, err = ParseDuration(r.Reply); err != nil {
		return Clock{}, fmt.Errorf("reply: %w", err)
	}
	if c.Act, err = ParseDuration(r.Act); err != nil {
		return Clock{}, fmt.Errorf("act: %w", err)
	}
	if c.Escalate, err = ParseDuration(r.EscalateAfter); err != nil {
		return Clock{}, fmt.Errorf("escalate_after: %w", err)
	}
	return c, nil
}

// check finds references of a pathway that the vocabulary does not know.
func (c Common) check(p Pathway) error {
	for _, id := range p.Letters {
		if _, ok := c.Letters[id]; !ok {
			return fmt.Errorf("%s: unknown letter %q", p.ID, id)
		}
	}
	for _, id := range p.Refer {
		if _, ok := c.Services[id]; !ok {
			return fmt.Errorf("%s: unknown service %q", p.ID, id)
		}
	}
	consents := p.Consents
	for _, t := range p.Tasks {
		consents = append(consents[:len(consents):len(consents)], t.Needs...)
		if _, ok := c.Letters[t.Letter]; t.Letter != "" && !ok {
			return fmt.Errorf("%s: task %s sends an unknown letter %q", p.ID, t.ID, t.Letter)
		}
	}
	for _, id := range consents {
		if _, ok := c.Consents[id]; !ok {
			return fmt.Errorf("%s: unknown consent %q", p.ID, id)
		}
	}
	return nil
}
