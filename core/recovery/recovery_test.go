package recovery_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"panah/core/recovery"
	"panah/core/roster"
	"panah/core/wire"
)

func identity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func made(t testing.TB, needed, of int) ([]recovery.Sheet, recovery.Authority, recovery.Epoch, []wire.File) {
	t.Helper()
	sheets, err := recovery.NewSheets(of)
	if err != nil {
		t.Fatal(err)
	}
	skey, _, err := note.GenerateKey(nil, "recovery")
	if err != nil {
		t.Fatal(err)
	}
	a := recovery.Authority{Org: "0123456789abcdefghjk", Name: "Example", Keepers: []string{skey}, Identity: identity(t), Needed: needed, Recipients: recovery.Recipients(sheets), Made: time.Unix(1700000000, 0).UTC(), Gate: roster.Gate{URL: "https://help.example.org", Origin: "help.example.org", Key: "k"}}
	e := recovery.Epoch{Org: a.Org, Serial: 3, Epoch: 2, Identity: identity(t)}
	files, err := recovery.AuthorityFiles(a)
	if err != nil {
		t.Fatal(err)
	}
	more, err := recovery.EpochFiles(e, needed, a.Recipients)
	if err != nil {
		t.Fatal(err)
	}
	return sheets, a, e, append(files, more...)
}

// Every choice of enough sheets, in any order, opens both kinds of file; every smaller choice opens nothing.
func TestEnoughSheetsAndFewer(t *testing.T) {
	for _, n := range [][2]int{{2, 2}, {2, 3}, {3, 3}, {2, 5}, {3, 5}} {
		needed, of := n[0], n[1]
		sheets, a, e, files := made(t, needed, of)
		names := append(recovery.Names(recovery.KindAuthority, needed, of), recovery.Names(recovery.KindEpoch, needed, of)...)
		var have []string
		for _, f := range files {
			have = append(have, f.Name)
			if !wire.GoodFileName(f.Name) || len(f.Data) > wire.MaxFile {
				t.Errorf("%s: %d bytes", f.Name, len(f.Data))
			}
		}
		if !slices.Equal(names, have) {
			t.Fatalf("%d of %d: files %v", needed, of, have)
		}
		for mask := range 1 << of {
			var ids []*age.HybridIdentity
			for i := range of {
				if mask>>i&1 == 1 {
					ids = append(ids, sheets[i].Identity)
				}
			}
			slices.Reverse(ids) // the order on the table is not the order of the letters
			gotA, errA := recovery.OpenAuthority(files, ids)
			gotE, errE := recovery.OpenEpoch(files, ids)
			if len(ids) < needed {
				if !errors.Is(errA, recovery.ErrFew) || !errors.Is(errE, recovery.ErrFew) {
					t.Fatalf("%d of %d: %d sheets: %v, %v", needed, of, len(ids), errA, errE)
				}
				continue
			}
			if errA != nil || errE != nil {
				t.Fatalf("%d of %d: %d sheets: %v, %v", needed, of, len(ids), errA, errE)
			}
			if gotA.Org != a.Org || gotA.Gate != a.Gate || !gotA.Made.Equal(a.Made) || gotA.Keepers[0] != a.Keepers[0] || gotA.Identity.String() != a.Identity.String() || gotE.Serial != 3 || gotE.Identity.String() != e.Identity.String() {
				t.Fatal("something else came back")
			}
		}
	}
}

// The epoch file is an identity file of the stock tool.
func TestEpochFileIsAnIdentityFile(t *testing.T) {
	sheets, _, e, files := made(t, 2, 3)
	f := files[slices.IndexFunc(files, func(f wire.File) bool { return f.Name == "epoch-bc.age" })]
	outer, err := age.Decrypt(bytes.NewReader(f.Data), sheets[1].Identity)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := age.Decrypt(outer, sheets[2].Identity)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := age.ParseIdentities(inner)
	if err != nil || len(ids) != 1 || fmt.Sprint(ids[0]) != fmt.Sprint(e.Identity) {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
}

func TestTypedSheets(t *testing.T) {
	sheets, _, _, _ := made(t, 2, 2)
	groups := recovery.Groups(sheets[0])
	good := strings.Join(groups, " ")
	for name, typed := range map[string]string{
		"as printed": good, "lower case, lines": strings.ToLower(strings.Join(groups, "\n")), "hyphens": strings.Join(groups, "-"),
		"an identity file": "# custodian a\n" + sheets[0].Reveal() + "\n", "a joiner": strings.Replace(good, " ", " \u200b", 1),
	} {
		id, err := recovery.ParseSheet(typed)
		if err != nil || id.String() != sheets[0].Reveal() {
			t.Errorf("%s: %v", name, err)
		}
	}
	swapped := slices.Clone(groups)
	swapped[3], swapped[4] = swapped[4], swapped[3]
	wrong := slices.Clone(groups)
	wrong[5] = "B" + wrong[5][1:]
	for name, bad := range map[string]struct{ typed, says string }{
		"nothing":           {"  \n", "nothing was typed"},
		"torn":              {strings.Join(groups[:10], " "), "characters are missing"},
		"another line":      {"https://help.example.org", "it begins with"},
		"groups swapped":    {strings.Join(swapped, " "), "check characters"},
		"no such character": {strings.Join(wrong, " "), "in group 5"},
		"too much":          {good + " QQQQ", "4 characters too many"},
		"another script":    {strings.Replace(good, groups[2], "سلام", 1), "in group 2"},
		"a book":            {strings.Repeat("x", 5000), "much too long"},
	} {
		_, err := recovery.ParseSheet(bad.typed)
		if !errors.Is(err, recovery.ErrSheet) || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(groups) > 9 && strings.Contains(err.Error(), groups[7]) {
			t.Errorf("%s: the error quotes the sheet", name)
		}
	}
}

func TestNothingPrints(t *testing.T) {
	sheets, a, e, _ := made(t, 2, 2)
	if s := fmt.Sprintf("%v %#v %v %#v %v %#v", sheets[0], sheets[0], a, a, e, e); s != "[sheet] [sheet] [authority] [authority] [epoch] [epoch]" {
		t.Error(s)
	}
}

func TestOtherSheetsAndDamagedFiles(t *testing.T) {
	sheets, _, _, files := made(t, 2, 3)
	others, _, _, _ := made(t, 2, 3)
	if _, err := recovery.OpenAuthority(files, []*age.HybridIdentity{sheets[0].Identity, others[1].Identity}); !errors.Is(err, recovery.ErrFew) {
		t.Errorf("a sheet of another organisation: %v", err)
	}
	for i := range files {
		files[i].Data = files[i].Data[:len(files[i].Data)-1]
	}
	if _, err := recovery.OpenAuthority(files, []*age.HybridIdentity{sheets[0].Identity, sheets[1].Identity}); err == nil {
		t.Error("a cut file opened")
	}
}

func FuzzParseSheet(f *testing.F) {
	f.Add("AGE-SECRET-KEY-PQ-1 QPZR")
	f.Add("# x\nage-secret-key-pq-1")
	f.Fuzz(func(t *testing.T, typed string) {
		id, err := recovery.ParseSheet(typed)
		if err == nil {
			if again, err := recovery.ParseSheet(id.String()); err != nil || again.String() != id.String() {
				t.Fatal("a sheet that was read does not read again")
			}
		} else if !errors.Is(err, recovery.ErrSheet) {
			t.Fatal(err)
		}
	})
}
