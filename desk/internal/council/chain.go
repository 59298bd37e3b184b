package council

import (
	"bytes"

	"panah/core/roster"
	"panah/desk/internal/casedb"
)

// A link is one verified roster with the one before it.
type link struct {
	signed       []byte
	now          roster.Roster
	beforeSigned []byte // nil: not known, or there is none
	before       *roster.Roster
}

// climb verifies the rosters that a gate serves, which begin with serial from (that of have, or one less), against the newest roster this desk knows. It
// returns the highest link that the keepers' signatures reach, and what does not fit. What lies below a misfit still holds.
func climb(have link, from int, served [][]byte) (top link, findings []casedb.Finding) {
	top = have
	for i, signed := range served {
		serial := from + i
		r, err := roster.Reopen(signed)
		if err != nil || r.Org != have.now.Org || r.Serial != serial {
			return top, append(findings, differs(top, signed))
		}
		switch {
		case serial == have.now.Serial-1:
			if roster.Hash(signed) != have.now.Previous {
				return top, append(findings, instead(have, serial, signed))
			}
			top.before, top.beforeSigned = &r, signed
		case serial == have.now.Serial:
			if !bytes.Equal(signed, have.signed) {
				return top, append(findings, instead(have, serial, signed))
			}
		default:
			if _, err := roster.OpenNext(signed, top.signed, top.now); err != nil {
				return top, append(findings, differs(top, signed))
			}
			before := top.now
			top = link{signed: signed, now: r, before: &before, beforeSigned: top.signed}
		}
	}
	if last := from + len(served) - 1; last < have.now.Serial {
		f := casedb.Finding{Kind: casedb.AlarmRosterBack, Args: map[string]int64{"had": int64(have.now.Serial), "has": int64(max(last, 0))}, Evidence: []string{string(have.signed)}}
		if len(served) > 0 {
			f.Evidence = append(f.Evidence, string(served[len(served)-1]))
		}
		return top, append(findings, f)
	}
	return top, findings
}

// instead is what is wrong with a roster that a gate serves in the place of one that this desk has: keepers signed both, or nobody signed that one.
func instead(have link, serial int, theirs []byte) casedb.Finding {
	keepers := []roster.Roster{have.now}
	if have.before != nil {
		keepers = append(keepers, *have.before)
	}
	if !roster.Signed(theirs, keepers...) {
		f := differs(have, theirs)
		f.Args = map[string]int64{"serial": int64(serial)}
		return f
	}
	return casedb.Finding{Kind: casedb.AlarmRosterFork, Args: map[string]int64{"serial": int64(serial)}, Evidence: []string{string(have.signed), string(theirs)}}
}

func differs(top link, theirs []byte) casedb.Finding {
	return casedb.Finding{Kind: casedb.AlarmRoster, Evidence: []string{string(top.signed), string(theirs)}}
}
