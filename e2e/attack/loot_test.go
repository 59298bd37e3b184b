package attack

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // what the desk's database is encrypted with
)

// contents are what a desk's key file holds, as docs/formats-keys.md, section 11, says: read here with nothing but age.
type contents struct {
	Epochs      map[int]string `json:"epochs"`
	Generations map[int]string `json:"generations"`
	Device      []byte         `json:"device"`
	Keeper      string         `json:"keeper"`
	Database    []byte         `json:"database"`
	Roster      []byte         `json:"roster"`
	raw         []byte
}

func (c contents) newest() int {
	n := 0
	for e := range c.Epochs {
		n = max(n, e)
	}
	return n
}

// contentsOf opens the key file of a folder with the passphrase: what an unlocked laptop gives away.
func contentsOf(t *testing.T, data string) contents {
	t.Helper()
	for try := 0; ; try++ {
		raw, err := readKeys(data)
		if err == nil {
			c := contents{raw: raw}
			if err = json.Unmarshal(raw, &c); err == nil {
				return c
			}
		}
		if try == 5 { // the desk may be replacing the file at this moment
			t.Fatalf("opening the key file: %v", err)
		}
		pause()
	}
}

func readKeys(data string) ([]byte, error) {
	pass, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	master, err := openAge(filepath.Join(data, "unlock.age"), pass)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(master))
	if err != nil {
		return nil, err
	}
	return openAge(filepath.Join(data, "keyring.age"), ids...)
}

func openAge(name string, ids ...age.Identity) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// database reads everything in a desk's database, as one lump of bytes.
func database(t *testing.T, data string, key []byte) []byte {
	t.Helper()
	db, err := driver.Open("file:"+filepath.Join(copyOf(t, data), "desk.db")+"?vfs=adiantum&_pragma=hexkey('"+hex.EncodeToString(key)+"')", fts5.Register) // the index of the search too
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	defer names.Close()
	var tables []string
	for names.Next() {
		var n string
		if err := names.Scan(&n); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, n)
	}
	if len(tables) == 0 {
		t.Fatal("the database has no tables: the thief's own test would show nothing")
	}
	var out bytes.Buffer
	for _, table := range tables {
		rows, err := db.Query("SELECT * FROM \"" + strings.ReplaceAll(table, `"`, `""`) + `"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				switch v := v.(type) {
				case []byte:
					out.Write(v)
				case string:
					out.WriteString(v)
				}
				out.WriteByte('\n')
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return out.Bytes()
}

// diskOf is every byte of a folder.
func diskOf(t *testing.T, data string) []byte {
	t.Helper()
	var out []byte
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out = append(out, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// deviceOf is the public key of a desk's device.
func deviceOf(c contents) ed25519.PublicKey {
	pub, ok := ed25519.NewKeyFromSeed(c.Device).Public().(ed25519.PublicKey)
	if !ok {
		panic("no key")
	}
	return pub
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// exists says whether a desk still has its keys.
func exists(data string) bool {
	_, err := os.Stat(filepath.Join(data, "keyring.age"))
	return err == nil
}
