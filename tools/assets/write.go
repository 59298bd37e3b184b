package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"
)

// manifestFile maps the name that pages know to the name that is served.
const manifestFile = "manifest.json"

// buildSide builds one side and writes its dist folder. Files go in before the manifest that names them, and what no
// manifest names any more goes last, so a reader never sees a manifest with a missing file.
func buildSide(web string, s side, words io.Writer) error {
	entries, err := s.entries(web)
	if err != nil {
		return fmt.Errorf("building %s: %w", s.name, err)
	}
	assets, err := bundle(web, entries)
	if err != nil {
		return fmt.Errorf("building %s: %w", s.name, err)
	}
	dist := filepath.Join(web, s.name, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	manifest := map[string]string{}
	keep := map[string]bool{".keep": true, manifestFile: true}
	for _, a := range assets {
		served := hashedName(a)
		small, err := writeAsset(dist, served, a.body)
		if err != nil {
			return fmt.Errorf("writing %s: %w", served, err)
		}
		if most, ok := s.budget[a.name]; ok && small.brotli > most {
			return fmt.Errorf("%s is over its budget: %d of %d bytes (brotli)", a.name, small.brotli, most)
		}
		manifest[a.name] = served
		keep[served], keep[served+".br"], keep[served+".gz"] = true, true, true
		fmt.Fprintf(words, "assets: %-5s %-10s %7d bytes %6d brotli %6d gzip\n", s.name, a.name, len(a.body), small.brotli, small.gzip)
	}
	text, err := json.MarshalIndent(manifest, "", "  ") // map keys come out sorted
	if err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(dist, manifestFile), append(text, '\n')); err != nil {
		return err
	}
	return removeOthers(dist, keep)
}

// hashedName puts ten hex digits of the content's SHA-256 into the name, so that it can be cached for ever.
func hashedName(a asset) string {
	sum := sha256.Sum256(a.body)
	ext := filepath.Ext(a.name)
	return strings.TrimSuffix(a.name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
}

type packed struct{ brotli, gzip int }

func writeAsset(dist, served string, body []byte) (packed, error) {
	br, err := compress(body, func(w io.Writer) (io.WriteCloser, error) {
		return brotli.NewWriterLevel(w, brotli.BestCompression), nil
	})
	if err != nil {
		return packed{}, err
	}
	gz, err := compress(body, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) })
	if err != nil {
		return packed{}, err
	}
	name := filepath.Join(dist, served)
	return packed{len(br), len(gz)}, errors.Join(writeWhole(name+".br", br), writeWhole(name+".gz", gz), writeWhole(name, body))
}

func compress(body []byte, open func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// writeWhole replaces a file in one step; a file that already says the same keeps its time, so that go's build cache
// stays warm.
func writeWhole(name string, body []byte) error {
	if have, err := os.ReadFile(name); err == nil && bytes.Equal(have, body) {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".writing-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails once renamed, which is what we want
	if _, err := tmp.Write(body); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

func removeOthers(dist string, keep map[string]bool) error {
	there, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, f := range there {
		if keep[f.Name()] || strings.HasPrefix(f.Name(), ".writing-") {
			continue
		}
		if err := os.Remove(filepath.Join(dist, f.Name())); err != nil {
			return err
		}
	}
	return nil
}
