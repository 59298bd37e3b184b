package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"unicode/utf8"

	"panah/core/l10n"
)

// Site is what the operator set: site.json, docs/formats.md section 6.
type Site struct {
	Name        string `json:"name"`         // title of the pages; empty: "Panah"
	LangDefault string `json:"lang_default"` // language of the first page's own words; empty: "en"
	Leave       string `json:"leave"`        // where "leave this page" goes: an https address that loads in that country
	Drafts      bool   `json:"drafts"`       // show translations that no native speaker has checked, marked as such
	Nobody      string `json:"nobody"`       // while no desk says when somebody is on duty, and nobody is: the next time that somebody is
	// PromiseTimes lets pages say, while somebody is on duty, how soon urgent letters are answered: only for an organisation that keeps it.
	PromiseTimes bool `json:"promise_times,omitempty"`
}

const (
	maxSite     = 8 << 10
	maxSiteText = 200 // bytes of one text of the site
)

// ParseSite reads site.json strictly: an unknown key is an error, because a misspelt setting would otherwise be silently off.
func ParseSite(data []byte) (Site, error) {
	if len(data) > maxSite {
		return Site{}, fmt.Errorf("site.json is larger than %d bytes", maxSite)
	}
	var s Site
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Site{}, fmt.Errorf("reading site.json: %w", err)
	}
	if dec.More() {
		return Site{}, errors.New("reading site.json: more than one value")
	}
	return s, s.Validate()
}

// JSON writes site.json as GET /site.json serves it.
func (s Site) JSON() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing site.json: %w", err)
	}
	return append(b, '\n'), nil
}

// Validate says what is wrong with the settings.
func (s Site) Validate() error {
	if s.LangDefault != "" {
		if _, ok := l10n.Find(s.LangDefault); !ok {
			return fmt.Errorf("lang_default %.20q is not one of the languages", s.LangDefault)
		}
	}
	for _, text := range []string{s.Name, s.Nobody, s.Leave} {
		if len(text) > maxSiteText || !utf8.ValidString(text) {
			return fmt.Errorf("a text is longer than %d bytes or not UTF-8", maxSiteText)
		}
	}
	u, err := url.Parse(s.Leave)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("leave must be an https address: a harmless page that loads where the people are")
	}
	return nil
}

// language is the language of the first page's own words.
func (s Site) language() l10n.Language {
	l, ok := l10n.Find(s.LangDefault)
	if !ok {
		l, _ = l10n.Find(l10n.English)
	}
	return l
}
