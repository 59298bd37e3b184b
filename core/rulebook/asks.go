package rulebook

import (
	"slices"
	"strconv"
	"time"
)

// asks lists what would help: first what rules hang on that make verdicts, then the printed date, then what the other rules hang on, then news.
func (b *Book) asks(s *setting, a Answer, heard []hearing) (out []Ask) {
	add := func(id, rule string) {
		if i := slices.IndexFunc(out, func(k Ask) bool { return k.ID == id }); i >= 0 {
			if rule != "" && !slices.Contains(out[i].Rules, rule) {
				out[i].Rules = append(out[i].Rules, rule)
			}
			return
		}
		k := b.question(s, a, id)
		if rule != "" {
			k.Rules = []string{rule}
		}
		out = append(out, k)
	}
	hanging := func(decides bool) {
		for _, h := range heard {
			if h.why == Needs && h.rule.Effect.Decides() == decides {
				for _, n := range h.needs {
					add(n, h.rule.ID)
				}
			}
		}
	}
	hanging(true)
	if s.q.Round == 0 && len(s.paper.Rounds) > 0 {
		add(AskRound, "")
	}
	if a.Printed == PrintedUnread && s.q.Paper != None {
		add(AskPrinted, "")
	}
	hanging(false)
	if a.Verdict == Unknown || a.Verdict == Stale || a.Verdict == Conflict {
		add(AskNews, "")
	}
	return out
}

func (b *Book) question(s *setting, a Answer, id string) Ask {
	switch id {
	case AskRound:
		k := Ask{ID: id, Text: "Which round is printed on it?"}
		for _, r := range s.paper.Rounds {
			k.Options = append(k.Options, strconv.Itoa(r))
		}
		return k
	case AskPrinted:
		return Ask{ID: id, Text: "Which end date is printed on it, and in which calendar?"}
	case AskCountry:
		return Ask{ID: id, Text: "In which country is the holder?", Options: slices.Clone(s.paper.UsedIn)}
	case AskNews:
		if a.Newest.IsZero() {
			return Ask{ID: id, Text: "Has anything been announced about this paper? This book has no rule about it. Ask a lawyer or the office that issued it before anybody acts on a guess."}
		}
		return Ask{ID: id, Text: "Has anything been announced since " + a.Newest.Format(time.DateOnly) + "? That is the newest rule about this paper in this book. Ask a lawyer or an agency."}
	}
	for _, f := range b.facts {
		if f.ID == id {
			return Ask{ID: f.ID, Text: f.Ask, Options: slices.Clone(f.Options)}
		}
	}
	return Ask{ID: id, Text: id}
}
