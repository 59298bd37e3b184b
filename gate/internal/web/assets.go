package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	webgate "panah/web/gate"
)

// assets are the built files by the path they are served under, and the manifest that names them.
type assets struct {
	names map[string]string // "app.js" → "/a/app.0123456789.js"
	files map[string]page   // "/a/app.0123456789.js" → its bytes
}

// needed are the built files without which a page would be broken.
var needed = [...]string{"app.js", "check.js", "seal.js", "media.js", "qr.js", "page.css"}

func loadAssets(files fs.FS) (assets, error) {
	a := assets{names: map[string]string{}, files: map[string]page{}}
	data, err := fs.ReadFile(files, "manifest.json")
	if err != nil {
		return a, fmt.Errorf("the web assets are not built (run make build): %w", err)
	}
	var manifest map[string]string
	if err := json.Unmarshal(data, &manifest); err != nil {
		return a, fmt.Errorf("reading the manifest of the web assets: %w", err)
	}
	for name, served := range manifest {
		p, err := loadAsset(files, served)
		if err != nil {
			return a, fmt.Errorf("reading the web asset %s: %w", name, err)
		}
		a.names[name] = "/a/" + served
		a.files["/a/"+served] = p
	}
	for _, name := range needed {
		if a.names[name] == "" {
			return a, fmt.Errorf("the web assets have no %s: build them again", name)
		}
	}
	return a, nil
}

func loadAsset(files fs.FS, served string) (page, error) {
	p := page{contentType: contentTypes[path.Ext(served)]}
	if p.contentType == "" {
		return p, fmt.Errorf("unknown type of file %.40q", served)
	}
	var err error
	if p.plain, err = fs.ReadFile(files, served); err != nil {
		return p, err
	}
	var errBr, errGz error
	p.br, errBr = fs.ReadFile(files, served+".br")
	p.gz, errGz = fs.ReadFile(files, served+".gz")
	p.tag = tagOf(p.plain)
	return p, errors.Join(errBr, errGz)
}

var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

func tagOf(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// loadIcons reads what is inside each icon file: pages draw icons inline, so that they cost no request.
func loadIcons() (map[string]string, error) {
	icons := map[string]string{}
	files, err := fs.Glob(webgate.Icons(), "*.svg")
	if err != nil {
		return nil, fmt.Errorf("listing icons: %w", err)
	}
	for _, name := range files {
		data, err := fs.ReadFile(webgate.Icons(), name)
		if err != nil {
			return nil, fmt.Errorf("reading icon %s: %w", name, err)
		}
		_, inside, ok := strings.Cut(string(data), ">")
		inside, _, closed := strings.Cut(inside, "</svg>")
		if !ok || !closed {
			return nil, fmt.Errorf("icon %s is no svg element", name)
		}
		icons[strings.TrimSuffix(name, ".svg")] = inside
	}
	return icons, nil
}

// loadWordIDs reads which words a script uses.
func loadWordIDs(list []byte) ([]string, error) {
	var ids []string
	if err := json.Unmarshal(list, &ids); err != nil {
		return nil, fmt.Errorf("reading the list of the script's words: %w", err)
	}
	return ids, nil
}
