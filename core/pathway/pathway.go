// Package pathway reads the pathways: for each situation that a person may be in, what a caseworker asks, does, by when, and
// what must never happen. Pathways are data that specialists review; this package decides nothing about a
// person. It tells which choices the public page offers and how urgent a letter claims to be, and a human
// triages.
package pathway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds one file. The longest of ours has 11 KB.
const maxFile = 128 << 10

// Pathway is one file of rules/pathways. Ids in it are those of the common vocabulary.
type Pathway struct {
	ID           string            `yaml:"id"`
	Letter       string            `yaml:"letter"` // a … l, as the notes of the phrase catalogue name it
	Version      int               `yaml:"version"`
	Status       string            `yaml:"status"` // "draft" until the specialists named in ReviewNeeded have agreed
	Title        string            `yaml:"title"`
	About        string            `yaml:"about"`
	Urgency      Class             `yaml:"urgency"`
	Sensitivity  Sensitivity       `yaml:"sensitivity"`
	DoorAsks     string            `yaml:"door_asks"` // "safe-reply-only": no story in a letter that the door seals
	StartsWhen   []string          `yaml:"starts_when"`
	Definitions  map[string]string `yaml:"definitions"`
	Triage       []Question        `yaml:"triage"`
	Tasks        []Task            `yaml:"tasks"`
	Safeguards   []string          `yaml:"safeguards"`
	Letters      []string          `yaml:"letters"`
	Refer        []string          `yaml:"refer"`
	Consents     []string          `yaml:"consents"`
	Outcomes     []string          `yaml:"outcomes"`
	CloseWhen    []string          `yaml:"close_when"`
	Law          []string          `yaml:"law"`
	Sources      []string          `yaml:"sources"`
	ReviewNeeded []string          `yaml:"review_needed"`
}

// Class is how urgent a pathway is, and why.
type Class struct {
	Class  Urgency `yaml:"class"`
	Reason string  `yaml:"reason"`
}

// Question is one thing that a caseworker asks. A question without Why is refused.
type Question struct {
	ID       string            `yaml:"id"`
	Ask      string            `yaml:"ask"`
	Type     string            `yaml:"type"` // choice, multi, text, yesno, date, date2, datetime, number, money, paper
	Choices  []string          `yaml:"choices"`
	Why      string            `yaml:"why"`
	Raises   map[string]string `yaml:"raises"` // answer → pathway id, urgency, or ("to") urgency of a bound
	Optional bool              `yaml:"optional"`
	WhoAsks  string            `yaml:"who_asks"`
	SealedTo string            `yaml:"sealed_to"`
}

// Task is one thing to do. By is an ISO 8601 duration, or a named moment such as before-leaving.
type Task struct {
	ID       string   `yaml:"id"`
	Do       string   `yaml:"do"`
	By       string   `yaml:"by"`
	From     string   `yaml:"from"` // what the duration counts from; empty: from receipt
	Repeat   string   `yaml:"repeat"`
	Times    int      `yaml:"times"`
	Who      string   `yaml:"who"`
	Letter   string   `yaml:"letter"`
	Needs    []string `yaml:"needs"` // consents
	DoneWhen string   `yaml:"done_when"`
	Basis    string   `yaml:"basis"` // law, standard; empty: our proposal
	Source   string   `yaml:"source"`
	Note     string   `yaml:"note"`
}

// doorSafeReply is the only value of DoorAsks.
const doorSafeReply = "safe-reply-only"

var idForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,40}$`)

// parse reads one pathway and refuses unknown keys: a misspelt safeguard must not vanish silently.
func parse(data []byte) (Pathway, error) {
	var p Pathway
	if err := strict(data, &p); err != nil {
		return Pathway{}, err
	}
	switch {
	case !idForm.MatchString(p.ID):
		return Pathway{}, fmt.Errorf("id %.60q is not of the form a-z, 0-9, -", p.ID)
	case len(p.Letter) != 1 || p.Letter < "a" || p.Letter > "z":
		return Pathway{}, fmt.Errorf("%s: letter %.10q", p.ID, p.Letter)
	case !p.Urgency.Class.known():
		return Pathway{}, fmt.Errorf("%s: urgency %.20q", p.ID, p.Urgency.Class)
	case !p.Sensitivity.known():
		return Pathway{}, fmt.Errorf("%s: sensitivity %.20q", p.ID, p.Sensitivity)
	case p.DoorAsks != "" && p.DoorAsks != doorSafeReply:
		return Pathway{}, fmt.Errorf("%s: door_asks %.30q", p.ID, p.DoorAsks)
	case len(p.StartsWhen) == 0 || len(p.Safeguards) == 0 || len(p.ReviewNeeded) == 0:
		return Pathway{}, fmt.Errorf("%s: starts_when, safeguards and review_needed may not be empty", p.ID)
	}
	for _, q := range p.Triage {
		if q.ID == "" || q.Ask == "" || q.Why == "" {
			return Pathway{}, fmt.Errorf("%s: question %q needs id, ask and why", p.ID, q.ID)
		}
	}
	for _, t := range p.Tasks {
		if t.ID == "" || t.Do == "" || t.By == "" || t.Who == "" {
			return Pathway{}, fmt.Errorf("%s: task %q needs id, do, by and who", p.ID, t.ID)
		}
	}
	return p, nil
}

// strict decodes exactly one YAML document with known keys only.
func strict(data []byte, into any) error {
	if len(data) > maxFile {
		return fmt.Errorf("file of %d bytes is larger than %d", len(data), maxFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("reading YAML: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document in the file")
	}
	return nil
}
