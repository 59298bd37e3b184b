// Package poster lays out what hangs on walls and what people carry: posters with a helpline's address in several languages, and pocket cards with five
// sentences to say when stopped. It puts no person's name on anything, nothing into a QR code but the helpline's public address, and it promises nothing.
package poster

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"panah/core/l10n"
	"panah/core/typeset"
)

// Kind is what is printed.
type Kind string

// The kinds.
const (
	Poster     Kind = "poster"
	RightsCard Kind = "rights-card"
)

// Order is what somebody wants printed.
type Order struct {
	Kind      Kind
	Langs     []string     // codes of l10n.Languages, in the order in which they are printed
	Officials string       // rights card: the language of the card's other side
	Address   string       // of the helpline, "https://help.example.org"; may be missing on a rights card
	SMS       string       // a number that takes SMS; "" for none
	Name      string       // of the organisation; "" for none
	Page      typeset.Size // A3, A4 or Card
	Version   string       // of the words

	// Words are the eight words by which people know the true public page, by language; nil prints none. Posters on A4 and A3 have them.
	Words map[string][]string
}

// Bounds of what is printed.
const (
	maxAddress = 120
	maxName    = 80
)

// Mistake is something in an order that a person can put right.
type Mistake struct{ Field, Text string }

// Error says what to do.
func (m *Mistake) Error() string { return m.Text }

var telephone = regexp.MustCompile(`^[+]?[0-9۰-۹][0-9۰-۹ -]{1,18}$`)

// Check says what is wrong with an order: a *Mistake, or nil.
func (o Order) Check() error {
	if o.Kind != Poster && o.Kind != RightsCard {
		return &Mistake{"kind", fmt.Sprintf("%.20q cannot be printed: choose poster or rights-card", o.Kind)}
	}
	if len(o.Langs) == 0 {
		return &Mistake{"lang", "choose at least one language: fa, fa-AF, ps, ur, en"}
	}
	for i, l := range o.Langs {
		if _, ok := l10n.Find(l); !ok || slices.Contains(o.Langs[:i], l) {
			return &Mistake{"lang", fmt.Sprintf("%.10q: languages are fa, fa-AF, ps, ur and en, each once", l)}
		}
	}
	if _, ok := l10n.Find(o.Officials); !ok && o.Kind == RightsCard {
		return &Mistake{"officials", fmt.Sprintf("%.10q: the officials' language is fa, fa-AF, ps, ur or en", o.Officials)}
	}
	if o.Page != typeset.A4 && o.Page != typeset.A3 && o.Page != typeset.Card {
		return &Mistake{"size", "choose a3, a4 or card"}
	}
	if o.SMS != "" && !telephone.MatchString(o.SMS) {
		return &Mistake{"sms", "the number for SMS has digits only, with + in front and spaces between: +93 20 555 0199"}
	}
	if len([]rune(o.Name)) > maxName || strings.ContainsAny(o.Name, "\r\n") {
		return &Mistake{"name", fmt.Sprintf("the organisation's name is one line of at most %d letters", maxName)}
	}
	return o.checkAddress()
}

func (o Order) checkAddress() error {
	if o.Address == "" && o.Kind == RightsCard {
		return nil
	}
	u, err := url.Parse(o.Address)
	switch {
	case err != nil || u.Host == "" || len(o.Address) > maxAddress:
		return &Mistake{"address", "the address is that of the helpline's public page, such as https://help.example.org"}
	case u.Scheme != "https" && !strings.HasSuffix(u.Hostname(), ".onion"):
		return &Mistake{"address", "the address begins with https://"}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return &Mistake{"address", "the address must be the same for everybody: nothing with ?, # or @"}
	}
	return nil
}

// PDF prints an order in the words of a catalogue. A *Mistake or a *typeset.MissingError can be put right by whoever ordered.
func PDF(f *typeset.Fonts, words *l10n.Catalogue, o Order) ([]byte, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	p := printer{o, words}
	if o.Kind == RightsCard {
		return p.largestCards(f)
	}
	if o.Page == typeset.Card {
		return f.PDF(p.pocket())
	}
	return p.largestWall(f)
}

// largestWall prints the largest letters that leave a poster on one page, and then the largest code.
func (p printer) largestWall(f *typeset.Fonts) ([]byte, error) {
	onePage := func(scale, code float64) (bool, error) {
		if !p.fits(f, scale, code) {
			return false, nil
		}
		n, err := f.Pages(p.wall(scale, code))
		return n == 1, err
	}
	for scale := 1.7; scale > 0.4; scale -= 0.02 {
		if ok, err := onePage(scale, 1); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		code := 1.0
		for next := code; next <= 1.8; next += 0.1 {
			ok, err := onePage(scale, next)
			if err != nil {
				return nil, err
			}
			if !ok {
				break
			}
			code = next
		}
		return f.PDF(p.wall(scale, code))
	}
	return nil, errors.New("the words of so many languages do not fit one page: choose fewer, or leave the number or the name out")
}

// largestCards prints rights cards in the largest letters that leave all sentences on them.
func (p printer) largestCards(f *typeset.Fonts) (b []byte, err error) {
	for points := 8.5; points >= 6; points -= 0.25 {
		if b, err = f.PDF(p.cards(points)); err == nil {
			return b, nil
		}
	}
	return nil, err
}

// Drafts are the languages of an order whose words no native speaker has checked.
func Drafts(words *l10n.Catalogue, o Order) (drafts []string) {
	langs := o.Langs
	if o.Kind == RightsCard && !slices.Contains(langs, o.Officials) {
		langs = append(slices.Clone(langs), o.Officials)
	}
	for _, l := range langs {
		for _, id := range words.IDs() {
			if t, _ := words.Text(l, id); t.State != l10n.Reviewed {
				drafts = append(drafts, l)
				break
			}
		}
	}
	return drafts
}
