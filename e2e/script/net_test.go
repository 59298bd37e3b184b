package script

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	_ "github.com/ncruces/go-sqlite3/driver" // for sql

	"panah/core/duty"
	"panah/core/wire"
)

// startTime is how long a gate or a desk may take to start on a busy machine before a scenario gives up.
const startTime = 30 * time.Second

// await URL polls until the URL answers 200.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await URL")
	}
	started := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Since(started) < startTime {
		if res, err := http.Get(args[0]); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				ts.Logf("%s answered after %d ms", args[0], time.Since(started).Milliseconds())
				return
			}
		}
		<-tick.C
	}
	ts.Fatalf("%s did not answer 200 within %v", args[0], startTime)
}

// put STATUS URL LETTER sends a sealed letter to a gate and writes the promise it gets to LETTER.promise.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: put STATUS URL LETTER")
	}
	sealed := ts.ReadFile(args[2])
	sum := sha256.Sum256([]byte(sealed))
	req, err := http.NewRequest(http.MethodPut, args[1]+"/v1/letters/"+hex.EncodeToString(sum[:]), strings.NewReader(sealed))
	ts.Check(err)
	req.Header.Set("Content-Type", wire.TypeLetter)
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if strconv.Itoa(res.StatusCode) != args[0] {
		ts.Fatalf("the gate answered %s, want %s: %s", res.Status, args[0], body)
	}
	if res.StatusCode >= 300 {
		return
	}
	var a wire.Accepted
	ts.Check(json.Unmarshal(body, &a))
	writeFile(ts, args[2]+".promise", []byte(a.Promise))
}

// get URL FILE saves what a URL answers.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: get URL FILE")
	}
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", args[0], res.Status)
	}
	writeFile(ts, args[1], body)
}

// sqlExec FILE STATEMENT changes a database behind the program's back.
func sqlExec(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite3", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	res, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("nothing was changed (%v)", err)
	}
}

// cheat VAR URL HOW stands between a visitor and a gate and changes what it serves; VAR is its own URL. HOW is one of
// nothing, page (one letter of the first page), brotli (a script, only for browsers that take brotli), policy (allows inline
// scripts), duty (times of duty that no desk signed).
func cheat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cheat VAR URL HOW")
	}
	target, err := url.Parse(args[1])
	ts.Check(err)
	how := args[2]
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(res *http.Response) error {
		path := res.Request.URL.Path
		switch {
		case how == "policy":
			res.Header.Set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
		case how == "duty" && path == "/duty.json":
			made := wire.NewDuty(duty.Roster{{From: time.Now(), To: time.Now().Add(time.Hour)}}, "", time.Now()).Bytes()
			res.StatusCode, res.Status, res.Body = http.StatusOK, "200 OK", io.NopCloser(bytes.NewReader(made))
			res.Header.Set("Content-Length", strconv.Itoa(len(made)))
			res.ContentLength = int64(len(made))
		case how == "page" && path == "/" && res.Header.Get("Content-Encoding") == "",
			how == "brotli" && strings.HasSuffix(path, ".js") && res.Header.Get("Content-Encoding") == "br":
			b, err := io.ReadAll(res.Body)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			res.Body = io.NopCloser(bytes.NewReader(b))
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
