package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typeface puts a package like npm's vazirmatn below web.
func typeface(t *testing.T, web string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(web, "node_modules", "vazirmatn", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFontsAreCopiedWithTheirLicence(t *testing.T) {
	web := t.TempDir()
	typeface(t, web, map[string]string{
		"fonts/ttf/Vazirmatn-Regular.ttf": "\x00\x01\x00\x00regular", "fonts/ttf/Vazirmatn-Bold.ttf": "\x00\x01\x00\x00bold", "OFL.txt": "the licence",
	})
	dist := filepath.Join(web, "fonts", "dist")
	for _, name := range []string{".keep", "Old.ttf"} {
		if err := os.MkdirAll(dist, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dist, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := buildFonts(web, io.Discard); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Regular.ttf": "\x00\x01\x00\x00regular", "Bold.ttf": "\x00\x01\x00\x00bold", "OFL.txt": "the licence", ".keep": ""} {
		if got := string(read(t, dist, name)); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dist, "Old.ttf")); err == nil {
		t.Error("an old file stayed")
	}
}

func TestHalfATypefaceIsNoTypeface(t *testing.T) {
	web := t.TempDir()
	typeface(t, web, map[string]string{"fonts/ttf/Vazirmatn-Regular.ttf": "<html>not found</html>", "OFL.txt": "the licence"})
	err := buildFonts(web, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "Vazirmatn-Bold.ttf") || !strings.Contains(err.Error(), "no TrueType file") {
		t.Errorf("error is %v", err)
	}
	if there, _ := os.ReadDir(filepath.Join(web, "fonts", "dist")); len(there) != 0 {
		t.Errorf("wrote %v", there)
	}
}
