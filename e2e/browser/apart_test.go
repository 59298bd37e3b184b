package browser

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"panah/internal/testkit/chrome"
)

// TestTwoDesksCutOff lets two desks work in one case while neither has a network: both say other things of one field, each writes a note and does a task. When the line is back
// both show everything, both show the two values beside each other, and what one decides holds on the other.
func TestTwoDesksCutOff(t *testing.T) {
	gateURL, code := emptyGate(t)
	line := newCable(t, strings.TrimPrefix(gateURL, "http://"))
	a := open(t, t.TempDir(), chrome.View{Name: "en-1280", Lang: "en", Width: 1280, Script: true})
	foundAndRehearse(t, a, line.url(), code)
	b := open(t, t.TempDir(), chrome.View{Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true})
	enrol(t, a, b, line.url(), "Shirin", "caseworker")
	person := chrome.Open(t, chrome.View{Name: "en-360", Lang: "en", Width: 360, Phone: true, Script: true})
	mark := "they took my brother from the workshop"
	writeLetter(person, &chrome.World{Gate: gateURL}, mark)

	a.visit("/")
	openLetter(a.Page, mark)
	a.Click(`#opening button.main`)
	a.Until(`document.querySelector('.case-tabs')`)
	b.visit("/")
	openLetter(b.Page, mark)
	b.Until(`document.querySelector('.case-tabs')`)
	cases := map[*laptop]string{a: chrome.Eval[string](a.Page, `location.pathname`), b: chrome.Eval[string](b.Page, `location.pathname`)}

	line.cut()
	for who, name := range map[*laptop]string{a: "Mohammad Karimi", b: "Muhammad Karimi"} {
		who.visit(cases[who] + "?tab=details")
		chrome.Eval[bool](who.Page, `(() => { document.querySelector('#d-name').value = '`+name+`'; document.querySelector('form.fields button:not([name]):last-of-type').click(); return true })()`)
		who.Until(`document.querySelector('.said')`)
		who.visit(cases[who] + "?tab=notes")
		who.fill(cases[who]+"/note", "text", "written off line about "+name)
		who.Until(`document.querySelector('.said')`)
		if n := chrome.Eval[int](who.Page, `document.querySelectorAll('.clash').length`); n != 0 {
			t.Errorf("a desk alone has %d conflicts with itself", n)
		}
	}
	a.Check("cut-off")

	line.mend(t)
	for who := range cases {
		who.visit("/about")
		who.Click(`form[action="/about/sync"] button`)
	}
	for who, path := range cases {
		who.visit(path + "?tab=notes")
		who.Until(`document.body.innerText.includes('about Mohammad Karimi') && document.body.innerText.includes('about Muhammad Karimi')`)
		who.Until(`document.querySelectorAll('.clash input[name=value]').length === 2`)
		who.Check("two-values")
	}
	chrome.Eval[bool](b.Page, `(() => { [...document.querySelectorAll('.clash input[name=value]')].find(i => i.value === 'Muhammad Karimi').checked = true; document.querySelector('.clash button').click(); return true })()`)
	b.Until(`document.querySelector('.said') && !document.querySelector('.clash')`)
	a.Until(`!document.querySelector('.clash') && document.querySelector('#case-head').innerText.includes('Muhammad Karimi')`)
	a.Check("settled-elsewhere")
}

// A cable is the line between desks and their gate, which can be cut.
type cable struct {
	address, gate string

	mu       sync.Mutex
	listener net.Listener      // nil: cut; guarded by mu
	calls    map[net.Conn]bool // guarded by mu
}

func newCable(t *testing.T, gate string) *cable {
	t.Helper()
	c := &cable{gate: gate, address: "127.0.0.1:0", calls: map[net.Conn]bool{}}
	c.mend(t)
	t.Cleanup(c.cut)
	return c
}

func (c *cable) url() string { return "http://" + c.address }

// mend lets calls through, at the address of before.
func (c *cable) mend(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", c.address)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listener, c.address = l, l.Addr().String()
	go func() {
		for {
			call, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(call)
		}
	}()
}

func (c *cable) carry(call net.Conn) {
	defer call.Close()
	gate, err := net.Dial("tcp", c.gate)
	if err != nil {
		return
	}
	defer gate.Close()
	c.mu.Lock()
	if c.listener == nil {
		c.mu.Unlock()
		return
	}
	c.calls[call], c.calls[gate] = true, true
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(gate, call) // ends with either side
		_ = gate.Close()
		close(done)
	}()
	_, _ = io.Copy(call, gate)
	_ = call.Close()
	<-done
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, call)
	delete(c.calls, gate)
}

// cut ends every call and takes no more.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listener == nil {
		return
	}
	_ = c.listener.Close()
	c.listener = nil
	for call := range c.calls {
		_ = call.Close()
	}
}
