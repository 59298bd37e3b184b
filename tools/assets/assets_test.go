package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// project makes a small web/ with both sides and nothing from a registry.
func project(t *testing.T) (web string) {
	t.Helper()
	web = t.TempDir()
	for name, text := range map[string]string{
		"gate/src/app.ts":         `import { greet } from "./greet"; greet("app");`,
		"gate/src/greet.ts":       `export function greet(who: string): void { document.title = "hello " + who; }`,
		"gate/src/check.ts":       `export const check = 1;`,
		"gate/src/seal.ts":        `export const seal = 1;`,
		"gate/src/media.ts":       `export const media = 1;`,
		"gate/src/qr.ts":          `export const qr = 1;`,
		"gate/css/page.css":       `p { color: #ff0000; }`,
		"desk/src/live.ts":        `document.title = "live";`,
		"desk/src/passkey.ts":     `document.title = "passkey";`,
		"desk/src/wait.ts":        `document.title = "wait";`,
		"desk/src/live.test.ts":   `throw new Error("a test is no entry");`,
		"desk/css/desk.css":       `b { color: blue; }`,
		"gate/dist/.keep":         ``,
		"gate/dist/app.0000.js":   `left over`,
		"gate/dist/manifest.json": `{"app.js":"app.0000.js"}`,
	} {
		file := filepath.Join(web, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return web
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unpacked(t *testing.T, r io.Reader, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBuildWritesWhatTheManifestNames(t *testing.T) {
	web := project(t)
	if err := buildSide(web, gateSide, io.Discard); err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(web, "gate", "dist")
	var manifest map[string]string
	if err := json.Unmarshal(read(t, dist, manifestFile), &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != 6 {
		t.Errorf("manifest has %v", manifest)
	}
	for asked, served := range manifest {
		body := string(read(t, dist, served))
		if strings.Contains(body, "sourceMappingURL") || strings.Contains(body, web) {
			t.Errorf("%s tells where it was built", asked)
		}
		if got := unpacked(t, brotli.NewReader(bytes.NewReader(read(t, dist, served+".br"))), nil); got != body {
			t.Errorf("%s.br differs", served)
		}
		gz, err := gzip.NewReader(bytes.NewReader(read(t, dist, served+".gz")))
		if got := unpacked(t, gz, err); got != body {
			t.Errorf("%s.gz differs", served)
		}
	}
	if _, err := os.Stat(filepath.Join(dist, "app.0000.js")); err == nil {
		t.Error("an old file stayed")
	}
	read(t, dist, ".keep")
}

func TestSameSourcesGiveTheSameBytes(t *testing.T) {
	one, two := project(t), project(t)
	for _, web := range []string{one, two} {
		for _, s := range []side{gateSide, deskSide} {
			if err := buildSide(web, s, io.Discard); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range []side{gateSide, deskSide} {
		files, err := os.ReadDir(filepath.Join(one, s.name, "dist"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !bytes.Equal(read(t, one, s.name, "dist", f.Name()), read(t, two, s.name, "dist", f.Name())) {
				t.Errorf("%s differs between two builds in two folders", f.Name())
			}
		}
	}
}

func TestMissingEntriesAreNamedAllAtOnce(t *testing.T) {
	web := project(t)
	for _, name := range []string{"gate/src/seal.ts", "gate/css/page.css"} {
		if err := os.Remove(filepath.Join(web, name)); err != nil {
			t.Fatal(err)
		}
	}
	before := read(t, web, "gate/dist", manifestFile)
	err := buildSide(web, gateSide, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "seal.ts") || !strings.Contains(err.Error(), "*.css") {
		t.Errorf("error is %v", err)
	}
	if !bytes.Equal(before, read(t, web, "gate/dist", manifestFile)) {
		t.Error("a failed build changed what is served")
	}
}

func TestBrokenSourceNamesFileAndLine(t *testing.T) {
	web := project(t)
	if err := os.WriteFile(filepath.Join(web, "desk/src/live.ts"), []byte("let a = 1;\nlet = ;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := buildSide(web, deskSide, io.Discard); err == nil || !strings.Contains(err.Error(), "desk/src/live.ts:2:") {
		t.Errorf("error is %v", err)
	}
}

func TestOverBudgetFails(t *testing.T) {
	web := project(t)
	var noise strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&noise, ".c%x { order: %d }\n", i*2654435761, i*i)
	}
	if err := os.WriteFile(filepath.Join(web, "gate/css/page.css"), []byte(noise.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := buildSide(web, gateSide, io.Discard); err == nil || !strings.Contains(err.Error(), "budget") {
		t.Errorf("error is %v", err)
	}
}
