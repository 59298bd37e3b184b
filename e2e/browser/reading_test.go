package browser

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"panah/core/papers"
	"panah/internal/testkit/chrome"
	"panah/internal/testkit/specimen"
)

// The specimen of ICAO Doc 9303-4, and with a slip.
const (
	icaoLines = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	icaoSlip  = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8989O2C36UTO7408122F1204159ZE184226B<<<<<10"
)

// TestReadingAPaper: lines with a slip get a proposal and are repaired; a photograph gives its crop and a reading, which a person compares;
// a photo of a letter is read with one button; codes are shown and not followed; only kind and end date go on to the check.
func TestReadingAPaper(t *testing.T) {
	w := chrome.StartWorld(t)
	dir := t.TempDir()
	photograph := filepath.Join(dir, "page.jpg")
	if err := os.WriteFile(photograph, specimen.JPEG(papers.TD3, strings.Split(icaoLines, "\n"), specimen.Clean), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range []chrome.View{{Name: "en-1280", Lang: "en", Width: 1280, Script: true}, {Name: "fa-360", Lang: "fa", Width: 360, Phone: true, Dark: true, Script: true}} {
		t.Run(v.Name, func(t *testing.T) {
			p := chrome.Open(t, v)
			unlock(p, w)
			slip(p, w)
			ofPhotograph(p, photograph)
			codes(p)
			if v.Lang == "en" {
				ofLetter(p, w, photograph)
			}
		})
	}
	if found := grepFiles(t, w.Data, "L898902C3", "ERIKSSON"); len(found) > 0 {
		t.Errorf("what was read lies in %v", found)
	}
}

// slip types lines with O for 0, takes the proposal, and asks what the rules say.
func slip(p *chrome.Page, w *chrome.World) {
	p.Do(chromedp.Navigate(w.DeskAt(p.T, "/papers")), chromedp.WaitReady(`#main`))
	p.Click(`a[href="/papers/read"]`)
	p.Until(`document.querySelector('#lines')`)
	p.Check("empty")
	p.Do(chromedp.SetValue(`#lines`, icaoSlip))
	p.Click(`#lines-form button`)
	p.Until(`document.querySelector('#proposals') && document.querySelector('#holds-not')`)
	p.Check("slip")
	p.Click(`#proposals form button`)
	p.Until(`document.querySelector('#holds')`)
	p.Check("repaired")
	if got := chrome.Eval[string](p, `document.querySelector('#lines').value`); got != icaoLines {
		p.T.Errorf("repaired to %q", got)
	}
	if at := chrome.Eval[string](p, `location.pathname + location.search`); at != "/papers/read" {
		p.T.Errorf("the address is %s", at)
	}
	sent := chrome.Eval[string](p, `[...new FormData(document.querySelector('#rules')).keys()].sort().join()`)
	if values := chrome.Eval[string](p, `[...new FormData(document.querySelector('#rules')).values()].join()`); sent != "calendar,csrf,paper,printed" || strings.Contains(values, "L898902C3") || strings.Contains(values, "ERIKSSON") {
		p.T.Errorf("what goes to the check: %s %s", sent, values)
	}
	p.Do(chromedp.SetValue(`#rules #paper`, "af-etazkira"))
	p.Click(`#rules button`)
	p.Until(`location.pathname === '/papers' && document.querySelector('.paper-answer')`)
	if shown := p.Visible(); strings.Contains(shown, "L898902C3") || strings.Contains(shown, "ERIKSSON") {
		p.T.Error("number or name went on to the check")
	}
}

// choosePicture hands a file to the form of pictures.
func choosePicture(p *chrome.Page, file string) {
	p.Do(chromedp.SetUploadFiles(`#picture`, []string{file}))
	p.Click(`#picture-form button`)
}

// ofPhotograph reads a photograph and compares.
func ofPhotograph(p *chrome.Page, file string) {
	p.Do(chromedp.Navigate(chrome.Eval[string](p, `location.origin + '/papers/read'`)), chromedp.WaitReady(`#picture`))
	choosePicture(p, file)
	p.Until(`document.querySelector('#crop') && document.querySelector('#crop').complete`)
	p.Check("photograph")
	if width := chrome.Eval[int](p, `document.querySelector('#crop').naturalWidth`); width < 300 {
		p.T.Errorf("the crop has %d pixels", width)
	}
	if got := chrome.Eval[string](p, `document.querySelector('#lines').value`); got != icaoLines {
		p.T.Errorf("read %q", got)
	}
	if chrome.Eval[bool](p, `!!document.querySelector('#rules')`) {
		p.T.Error("a reading that nobody compared can be used")
	}
	p.Click(`#lines-form button.main`)
	p.Until(`document.querySelector('#rules') && document.querySelector('#holds')`)
	p.Check("compared")
	if !chrome.Eval[bool](p, `!!document.querySelector('#crop')`) {
		p.T.Error("the crop is gone after comparing")
	}
}

// codes reads a seal and an address; neither is followed.
func codes(p *chrome.Page) {
	pictures := filepath.Join(chrome.Root(p.T), "desk", "internal", "barcode", "testdata")
	choosePicture(p, filepath.Join(pictures, "qr-seal.png"))
	p.Until(`document.querySelector('#seal') && document.querySelector('#unsigned')`)
	p.Check("seal")
	if shown := p.Visible(); !strings.Contains(shown, "VCD<<DENT<<ARTHUR<PHILIP") || !strings.Contains(shown, "DETS") {
		p.T.Errorf("the seal is shown as %s", shown)
	}
	choosePicture(p, filepath.Join(pictures, "qr-address.png"))
	p.Until(`document.querySelector('#code') && document.querySelector('#code').innerText.includes('https://example.org/verify')`)
	p.Check("address")
	if n := chrome.Eval[int](p, `document.querySelectorAll('#code a').length`); n != 0 {
		p.T.Errorf("%d links in what a code holds", n)
	}
	p.Do(chromedp.Navigate(chrome.Eval[string](p, `location.origin + '/papers/certificates'`)), chromedp.WaitReady(`#no-certificates`))
	p.Check("certificates")
}

// ofLetter sends a photograph with a letter, and reads it from the conversation.
func ofLetter(p *chrome.Page, w *chrome.World, file string) {
	mark := "photo of a page " + p.View.Name
	writeLetter(chrome.Open(p.T, p.View), w, mark, file)
	p.Do(chromedp.Navigate(w.DeskAt(p.T, "/")), chromedp.WaitReady(`#rows`))
	openLetter(p, mark)
	p.Click(`form[action^="/papers/read/part/"] button`)
	p.Until(`document.querySelector('#crop')`)
	p.Check("of-letter")
	if got := chrome.Eval[string](p, `document.querySelector('#lines').value`); got != icaoLines {
		p.T.Errorf("the photo of a letter was read as %q", got)
	}
}

// grepFiles lists files under dir that hold one of the texts.
func grepFiles(t *testing.T, dir string, texts ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a file of the running demo that went away
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		for _, s := range texts {
			if strings.Contains(string(b), s) {
				found = append(found, path+": "+s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
