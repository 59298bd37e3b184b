package gate

import (
	"testing"

	"panah/core/wire"
	"panah/internal/testkit"
)

// FuzzFollow gives verify-pages rosters of any form: none may panic, and what is not the chain that keepers signed is told.
func FuzzFollow(f *testing.F) {
	c := testkit.NewCouncil(f, 2, 1, 2)
	r := c.Without(f, 1)
	c.Accept(c.Sign(f, r, c.Keepers[0]), r)
	f.Add(c.Signed(), wire.AppendRosters(nil, c.Chain))
	f.Add(c.Chain[0], wire.AppendRosters(nil, c.Chain))
	f.Add([]byte{}, wire.AppendRosters(nil, nil))
	f.Add(c.Signed(), wire.AppendRosters(nil, [][]byte{c.Chain[1], c.Chain[0], {}}))
	f.Fuzz(func(t *testing.T, newest, stream []byte) {
		notes, err := wire.ParseRosters(stream)
		if err != nil {
			return
		}
		last, problem := follow(notes)
		if problem == "" {
			problem = given(newest, notes, last)
		}
		if problem == "" && (last.Serial != len(notes) || string(newest) != string(notes[len(notes)-1])) {
			t.Errorf("%d rosters up to %d, and nothing is wrong", len(notes), last.Serial)
		}
	})
}
