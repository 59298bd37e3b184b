package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"
)

// assets are the built style sheet and module, under names that hold a hash of their content.
type assets struct {
	served  map[string][]byte // by hashed name
	Style   string            // path of the style sheet
	Script  string            // path of the live module
	Passkey string            // path of the module that asks for passkeys
	Wait    string            // path of the module that follows a page which waits
}

// readAssets reads manifest.json ("desk.css" → "desk.1a2b3c4d5e.css") and every file that it names.
func readAssets(dist fs.FS) (*assets, error) {
	text, err := fs.ReadFile(dist, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the program was built without the desk's style sheet and script: run `make build`")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	var names map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		return nil, fmt.Errorf("reading the list of assets: %w", err)
	}
	a := &assets{served: map[string][]byte{}}
	for _, name := range names {
		if a.served[name], err = fs.ReadFile(dist, name); err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
	}
	for _, name := range []string{"desk.css", "live.js", "passkey.js", "wait.js"} {
		if names[name] == "" {
			return nil, fmt.Errorf("the list of assets lacks %s", name)
		}
	}
	a.Style, a.Script, a.Passkey, a.Wait = "/static/"+names["desk.css"], "/static/"+names["live.js"], "/static/"+names["passkey.js"], "/static/"+names["wait.js"]
	return a, nil
}

// static serves the assets: the only thing that a browser may keep, for there is nothing to read in it.
func (s *server) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, ok := s.assets.served[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
