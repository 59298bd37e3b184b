package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestAFileOfManyObjects(t *testing.T) {
	var f File
	tree := f.New()
	page := f.Add("<</Type/Page/Parent " + tree.String() + "/MediaBox[0 0 100 100]>>")
	for range 3 * perStream {
		f.Add(Text("یک (متن)\r\n"))
	}
	f.Set(tree, "<</Type/Pages/Kids["+page.String()+"]/Count 1>>")
	root := f.Add("<</Type/Catalog/Pages " + tree.String() + "/Metadata " + f.Plain("", []byte("x")).String() + "/Other " + f.Stream("", bytes.Repeat([]byte("y"), 1000)).String() + ">>")
	name := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(name, f.Bytes(root, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", name).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestNumbersAndStrings(t *testing.T) {
	for x, want := range map[float64]string{0: "0", -0.001: "0", 1.5: "1.5", 100: "100", -2.346: "-2.35", 595.2756: "595.28"} {
		if got := Number(x); got != want {
			t.Errorf("%v is written %s", x, got)
		}
	}
	for s, want := range map[string]string{"a(b)\\": `(a\(b\)\\)`, "ا": "(\xFE\xFF\x06\x27)", "": "()", "\u0628\r": "(\xFE\xFF\x06\\(\x00\\r)", "\u0A0Dx": "(\xFE\xFF\\n\\r\x00x)"} {
		if got := Text(s); got != want {
			t.Errorf("%q is written %q", s, got)
		}
	}
}
