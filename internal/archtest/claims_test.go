package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"panah/internal/testkit"
)

// A claim in the threat model that names a test names one that exists: a renamed test must not leave a claim bare.
func TestThreatModelNamesRealTests(t *testing.T) {
	root := testkit.Root()
	doc, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	defined := definedTests(t, root)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)(?:/([a-z-]+))?`").FindAllStringSubmatch(string(doc), -1)
	if len(named) < 10 {
		t.Fatalf("the threat model names %d tests", len(named))
	}
	for _, m := range named {
		if !defined[m[1]] {
			t.Errorf("docs/threat-model.md names %s, which is not in the tree", m[1])
		}
		if m[2] == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, "e2e", "script", "testdata", m[2]+".txtar")); err != nil {
			t.Errorf("docs/threat-model.md names the scenario %s: %v", m[2], err)
		}
	}
}

// definedTests lists the test and fuzz functions of the tree.
func definedTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	defined := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == ".cache") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range function.FindAllSubmatch(b, -1) {
			defined[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return defined
}
