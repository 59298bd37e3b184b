package attack

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A row is what one attacker got.
type row struct {
	order    int
	attacker string
	opened   string
	test     string
}

// rows are what the attacks of this run found. TestMain prints them, and compares with the README when all ran.
var rows struct {
	sync.Mutex
	all []row
}

// report notes the outcome of an attack that went as the README says.
func report(t *testing.T, order int, attacker, format string, args ...any) {
	t.Helper()
	if t.Failed() {
		return
	}
	r := row{order, attacker, fmt.Sprintf(format, args...), t.Name()}
	t.Logf("%s: %s", r.attacker, r.opened)
	rows.Lock()
	defer rows.Unlock()
	rows.all = append(rows.all, r)
}

const (
	readme = "README.md"
	begin  = "<!-- table -->\n"
	end    = "<!-- end -->\n"
)

// TestMain prints the table after the attacks. PANAH_WRITE_TABLE=1 puts it into the README; otherwise a full run fails when the README says something else.
func TestMain(m *testing.M) {
	code := m.Run()
	rows.Lock()
	defer rows.Unlock()
	slices.SortFunc(rows.all, func(a, b row) int { return a.order - b.order })
	var table strings.Builder
	table.WriteString("| attacker, together with a gate that kept every byte it ever saw | what opened, or what was told | test |\n|---|---|---|\n")
	for _, r := range rows.all {
		fmt.Fprintf(&table, "| %s | %s | `%s` |\n", r.attacker, r.opened, r.test)
	}
	fmt.Print(table.String())
	if code == 0 && len(rows.all) >= attacks {
		code = hold(table.String())
	}
	os.Exit(code)
}

// hold compares the table with the README's.
func hold(table string) int {
	b, err := os.ReadFile(readme)
	if err != nil {
		fmt.Println("reading the README:", err)
		return 1
	}
	head, rest, ok := strings.Cut(string(b), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		fmt.Println("the README has no place for the table")
		return 1
	case old == table:
		return 0
	case os.Getenv("PANAH_WRITE_TABLE") == "":
		fmt.Println("the README's table says something else; run again with PANAH_WRITE_TABLE=1 and read the difference")
		return 1
	}
	if err := os.WriteFile(readme, []byte(head+begin+table+end+tail), 0o644); err != nil {
		fmt.Println("writing the README:", err)
		return 1
	}
	return 0
}
