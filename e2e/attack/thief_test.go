package attack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"regexp"

	"filippo.io/age"

	"panah/core/recovery"
	"panah/core/seal"
)

// A thief holds every byte that a gate ever saw, and some keys. Whatever opens is read for further keys, until nothing more opens: so the thief gets
// all that the formats allow, not only what our own program would do.
type thief struct {
	files    [][]byte // age files
	opened   map[int][]byte
	ids      map[string]*age.HybridIdentity
	fileKeys map[string]seal.FileKey // by letter id, hex
	tried    map[[2]string]bool      // file and identity that do not fit
}

func newThief(files [][]byte) *thief {
	t := &thief{opened: map[int][]byte{}, ids: map[string]*age.HybridIdentity{}, fileKeys: map[string]seal.FileKey{}, tried: map[[2]string]bool{}}
	for _, f := range files {
		t.find(f)
	}
	return t
}

const ageMagic = "age-encryption.org/v1\n"

// find adds an age file, once.
func (t *thief) find(file []byte) {
	for _, f := range t.files {
		if bytes.Equal(f, file) {
			return
		}
	}
	t.files = append(t.files, bytes.Clone(file))
}

var secretKey = regexp.MustCompile(`AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}`)

// learn reads any plaintext for what may open more.
func (t *thief) learn(plain []byte) {
	for _, s := range secretKey.FindAllString(string(plain), -1) {
		if id, err := age.ParseHybridIdentity(s); err == nil {
			t.ids[s] = id
		}
	}
	if bytes.HasPrefix(plain, []byte(ageMagic)) { // nested recovery files
		t.find(plain)
	}
	if l, err := seal.Unpack(plain); err == nil {
		for _, p := range l.Parts {
			if bytes.HasPrefix(p.Data, []byte(ageMagic)) { // locked letters and key wraps
				t.find(p.Data)
			}
			t.learnFileKeys(p.Data)
		}
	}
	t.learnFileKeys(plain)
}

// learnFileKeys reads the JSON of wraps, wherever it stands.
func (t *thief) learnFileKeys(b []byte) {
	at := bytes.IndexByte(b, '{')
	if at < 0 {
		return
	}
	var w struct {
		Letters []struct {
			ID  string `json:"id"`
			Key string `json:"key"`
		} `json:"letters"`
	}
	if json.NewDecoder(bytes.NewReader(b[at:])).Decode(&w) != nil {
		return
	}
	for _, l := range w.Letters {
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
			if k, err := enc.DecodeString(l.Key); err == nil && len(k) == 16 {
				t.fileKeys[l.ID] = seal.FileKey(k)
			}
		}
	}
}

// work opens all that can be opened.
func (t *thief) work() {
	for again := true; again; {
		again = false
		for i := 0; i < len(t.files); i++ {
			if t.opened[i] != nil {
				continue
			}
			if plain := t.open(t.files[i]); plain != nil {
				t.opened[i] = plain
				t.learn(plain)
				again = true
			}
		}
	}
}

func (t *thief) open(file []byte) []byte {
	sum := sha256.Sum256(file)
	id := hex.EncodeToString(sum[:])
	if k, ok := t.fileKeys[id]; ok {
		if l, err := seal.OpenWith(file, k); err == nil {
			return packed(l)
		}
	}
	for name, identity := range t.ids {
		if t.tried[[2]string{id, name}] {
			continue
		}
		r, err := age.Decrypt(bytes.NewReader(file), identity)
		if err != nil {
			t.tried[[2]string{id, name}] = true
			continue
		}
		if plain, err := io.ReadAll(r); err == nil {
			return plain
		}
	}
	return nil
}

// packed is a letter as its plaintext was.
func packed(l seal.Letter) []byte {
	b, err := seal.Pack(l)
	if err != nil {
		return nil
	}
	return b
}

// reads reports which of the marks stand in anything that was opened, or in what else the thief has in hand.
func (t *thief) reads(marks []string, hand ...[]byte) map[string]bool {
	got := map[string]bool{}
	for _, m := range marks {
		for _, plain := range t.opened {
			got[m] = got[m] || bytes.Contains(plain, []byte(m))
		}
		for _, b := range hand {
			got[m] = got[m] || bytes.Contains(b, []byte(m))
		}
	}
	return got
}

// takes gives the thief the secret of a sheet.
func (t *thief) takes(sheets ...recovery.Sheet) {
	for _, s := range sheets {
		t.ids[s.Reveal()] = s.Identity
	}
}
