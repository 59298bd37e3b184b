package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/evanw/esbuild/pkg/api"
)

// side is one of the two sets of browser files.
type side struct {
	name    string
	scripts []string // names of the entries in src/; other files there are parts of them
	// budget is the most that a file may weigh, in brotli bytes. What seals and sends a text letter must stay under
	// 60 KB with the page; whoever goes over has to find what to take out, not a bigger number.
	budget map[string]int
}

var (
	gateSide = side{
		name:    "gate",
		scripts: []string{"app", "check", "seal", "media", "qr"},
		budget:  map[string]int{"page.css": 4 << 10, "app.js": 12 << 10, "check.js": 7 << 10, "seal.js": 32 << 10, "media.js": 4 << 10, "qr.js": 5 << 10},
	}
	deskSide = side{name: "desk", scripts: []string{"live", "passkey", "wait"}}
)

// asset is one built file before it got its hash.
type asset struct {
	name string // as pages ask for it: app.js, site.css
	body []byte
}

// entries lists what is built for a side, and fails with everything that is missing at once.
func (s side) entries(web string) ([]string, error) {
	src, css := filepath.Join(web, s.name, "src"), filepath.Join(web, s.name, "css")
	var found []string
	var problems []error
	for _, name := range s.scripts {
		file := filepath.Join(src, name+".ts")
		if _, err := os.Stat(file); err != nil {
			problems = append(problems, fmt.Errorf("entry is missing: %w", err))
		}
		found = append(found, file)
	}
	styles, err := glob(css, "*.css")
	return append(found, styles...), errors.Join(append(problems, err)...)
}

// glob lists files in order; none at all is an error.
func glob(dir, pattern string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("entry is missing: no %s in %s", pattern, dir)
	}
	sort.Strings(found)
	return found, nil
}

// narrowed replaces two modules below the age library by ours, which hold only what one hybrid recipient needs: the
// stock ones bring three curves that no letter uses (about 13 KB brotli). The interoperability tests run on the same
// replacement, against Go and against the published age vectors.
func narrowed(web string) map[string]string {
	src := filepath.Join(web, "gate", "src")
	return map[string]string{
		"@noble/post-quantum/hybrid.js": filepath.Join(src, "xwing.ts"),
		"@noble/curves/ed25519.js":      filepath.Join(src, "x25519.ts"),
		"@noble/curves/nist.js":         filepath.Join(src, "nocurve.ts"),
	}
}

func options(web string) api.BuildOptions {
	return api.BuildOptions{
		AbsWorkingDir:     web,
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2021,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		TreeShaking:       api.TreeShakingTrue,
		Alias:             narrowed(web),
		LogLevel:          api.LogLevelSilent,
		Write:             false,
		// Pages serve icons from their own folder; the style sheet names them by path.
		External: []string{"*.svg", "*.woff2"},
	}
}

func bundle(web string, entries []string) ([]asset, error) {
	opts := options(web)
	opts.EntryPoints = entries
	opts.Outdir = filepath.Join(web, "out") // never written: only names come from it
	opts.EntryNames = "[name]"
	built := api.Build(opts)
	if err := complaint(built.Errors); err != nil {
		return nil, err
	}
	var assets []asset
	for _, f := range built.OutputFiles {
		assets = append(assets, asset{name: filepath.Base(f.Path), body: f.Contents})
	}
	sort.Slice(assets, func(i, j int) bool { return assets[i].name < assets[j].name })
	for i := 1; i < len(assets); i++ {
		if assets[i].name == assets[i-1].name {
			return nil, fmt.Errorf("two entries would be served as %s", assets[i].name)
		}
	}
	return assets, nil
}

// buildTests bundles every *.test.ts of both sides and interop.ts into out, with the same replacements as the
// release: what the tests prove holds for what browsers load.
func buildTests(web, out string) error {
	var entries []string
	for _, s := range []side{gateSide, deskSide} {
		found, err := filepath.Glob(filepath.Join(web, s.name, "src", "*.test.ts"))
		if err != nil {
			return err
		}
		entries = append(entries, found...)
	}
	if len(entries) == 0 {
		return errors.New("no *.test.ts found")
	}
	opts := options(web)
	// interop.ts is the script by which Go tests drive the browser's sealing code.
	opts.EntryPoints = append(entries, filepath.Join(web, "gate", "src", "interop.ts"))
	opts.Outdir = out
	opts.EntryNames = "[name]"
	opts.OutExtension = map[string]string{".js": ".mjs"}
	opts.Platform = api.PlatformNode
	opts.MinifyWhitespace, opts.MinifyIdentifiers, opts.MinifySyntax = false, false, false
	opts.Sourcemap = api.SourceMapInline
	opts.Write = true
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("emptying %s: %w", out, err)
	}
	return complaint(api.Build(opts).Errors)
}

func complaint(messages []api.Message) error {
	var problems []error
	for _, m := range messages {
		if m.Location == nil {
			problems = append(problems, errors.New(m.Text))
			continue
		}
		problems = append(problems, fmt.Errorf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column, m.Text))
	}
	return errors.Join(problems...)
}
