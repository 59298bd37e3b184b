package fold

import (
	"time"

	"panah/core/event"
)

// consents keeps every version of each consent, and what was stated in their place.
type consents struct {
	by     map[string]*consent
	order  []*consent
	vitals map[string]*vital
	stated []*vital
	told   []at
}

type consent struct {
	versions  register[event.Consented]
	all       []at // of versions
	withdrawn register[time.Time]
	taken     []at // every withdrawal
}

type vital struct {
	event.Vital
	at, agreed at
	second     event.Staff
}

func (c *consents) get(id string) *consent {
	k, known := c.by[id]
	if !known {
		k = &consent{}
		c.by[id], c.order = k, append(c.order, k)
	}
	return k
}

func (c *consents) record(h history, i at, body event.Consented) {
	k := c.get(body.ID)
	k.versions, k.all = k.versions.set(h, i, body), append(k.all, i)
	k.withdrawn = k.withdrawn.forget(h, i)
}

func (c *consents) withdraw(h history, i at, id string) {
	k := c.get(id)
	k.withdrawn, k.taken = append(k.withdrawn, said[time.Time]{i, h.events[i].At}), append(k.taken, i)
}

// state takes a vital interest: the first under its id, so that what a second person agreed to cannot be changed under them.
func (c *consents) state(i at, body event.Vital) (refused string) {
	if _, known := c.vitals[body.ID]; known {
		return refusedState
	}
	v := &vital{Vital: body, at: i, agreed: -1}
	c.vitals[body.ID], c.stated = v, append(c.stated, v)
	return ""
}

// agree is the second person: two named people, and the second had seen what the first stated.
func (c *consents) agree(h history, i at, id string) (refused string) {
	v, known := c.vitals[id]
	if !known || !h.knew(i, v.at) {
		return refusedState
	}
	first, second := h.events[v.at].Author, h.events[i].Author
	if first == "" || second == "" || first == second {
		return refusedRole
	}
	if v.second == "" {
		v.second, v.agreed = second, i
	}
	return ""
}

// standing chooses among versions that were written at once: of consent and refusal the refusal, else the last.
func standing(versions register[event.Consented]) said[event.Consented] {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].value.State != consentGiven {
			return versions[i]
		}
	}
	return versions[len(versions)-1]
}

const consentGiven = "given"

func (c *consents) list(h history) (out []Consent) {
	for _, k := range c.order {
		if len(k.versions) == 0 {
			continue
		}
		v := standing(k.versions)
		e := &h.events[v.at]
		one := Consent{Consented: v.value, Author: e.Author, At: e.At}
		for _, w := range k.withdrawn {
			if one.Withdrawn.IsZero() || w.value.Before(one.Withdrawn) {
				one.Withdrawn = w.value
			}
		}
		out = append(out, one)
	}
	return out
}

func (c *consents) vitalList(h history) (out []Vital) {
	for _, v := range c.stated {
		e := &h.events[v.at]
		out = append(out, Vital{Vital: v.Vital, First: e.Author, Second: v.second, At: e.At})
	}
	return out
}

// disclosures keeps those that had a ground when they were made, and refuses the others. It runs when everything else is known, because a withdrawal that was written elsewhere
// may stand later in the order and yet be earlier.
func (c *consents) disclosures(h history, refused []string) (out []Disclosure) {
	for _, i := range c.told {
		e := &h.events[i]
		d, _ := e.Body.(event.Disclosed)
		if !c.ground(h, i, d) {
			refused[i] = refusedGround
			continue
		}
		out = append(out, Disclosure{d, e.Author, e.At})
	}
	return out
}

// ground reports whether what was told had a consent, or a vital interest of two people, that its author knew of.
func (c *consents) ground(h history, i at, d event.Disclosed) bool {
	if v, known := c.vitals[d.Ground]; known && v.second != "" && h.knew(i, v.agreed) {
		return v.What == d.What && v.Receiver == d.Receiver
	}
	k, known := c.by[d.Ground]
	if !known {
		return false
	}
	var seen register[event.Consented]
	for _, v := range k.all {
		if body, ok := h.events[v].Body.(event.Consented); ok && h.knew(i, v) {
			seen = seen.set(h, v, body)
		}
	}
	if len(seen) == 0 {
		return false
	}
	now := standing(seen)
	return covers(now.value, d, h.events[i].At) && !c.takenBack(h, k, i, seen)
}

// covers reports whether a consent is one for that disclosure at that time.
func covers(c event.Consented, d event.Disclosed, when time.Time) bool {
	return c.State == consentGiven && c.What == d.What && c.Receiver == d.Receiver && when.UTC().Format(time.DateOnly) <= c.Ends
}

// takenBack reports whether the consent had been withdrawn when event i was written: in a way that its author knew, or somewhere else by the clock. Consent that was given anew
// by somebody who knew of the withdrawal is not taken back.
func (c *consents) takenBack(h history, k *consent, i at, seen register[event.Consented]) bool {
	for _, w := range k.taken {
		renewed := false
		for _, v := range seen {
			renewed = renewed || h.knew(v.at, w)
		}
		earlier := h.apart(w, i) && !h.events[w].At.After(h.events[i].At)
		if !renewed && (h.knew(i, w) || earlier) {
			return true
		}
	}
	return false
}
