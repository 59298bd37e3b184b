package names

// A sound is one of the classes that letters of both scripts fall into. Letters that writers of one name interchange share a class; a letter that stands for
// several sounds has several.
type sound uint32

// The classes of consonants. The comment names the letters of each.
const (
	soundB  sound = 1 << iota // ب b
	soundP                    // پ p
	soundT                    // ت ط ټ ٹ t
	soundD                    // د ډ ڈ d
	soundJ                    // ج j
	soundC                    // چ څ ch, ts
	soundZh                   // ژ ږ zh
	soundSh                   // ش ښ sh
	soundS                    // س ص ث s, th
	soundZ                    // ز ذ ض ظ ځ z, dh, dz
	soundR                    // ر ړ ڑ r
	soundL                    // ل l
	soundM                    // م m
	soundN                    // ن ڼ n
	soundF                    // ف f, ph
	soundQ                    // ق غ q, gh
	soundK                    // ک k, c, q where a language has no q
	soundG                    // گ ګ g
	soundX                    // خ kh, x
	soundH                    // ه ح h
	soundV                    // و at the beginning; w, v: Dari says w, Persian v
	soundY                    // ی at the beginning; y
)

// written are the classes as they stand in keys: p is written b there, because Arabic keyboards have no p.
var written = [...]string{"B", "B", "T", "D", "J", "C", "Z", "X", "S", "Z", "R", "L", "M", "N", "F", "Q", "K", "G", "H", "H", "V", "Y"}

// kind of a unit.
type kind byte

const (
	consonant kind = iota
	vowel          // of Latin writing, or alef: vowels says which
	weakW          // و inside a word: w, u, o or au
	weakY          // ی inside a word: y, i, e or ai
	ayn            // ع inside a word: nobody hears it
)

// Vowels, as a set.
const (
	vowelA = 1 << iota
	vowelE
	vowelI
	vowelO
	vowelU
	vowelAny = vowelA | vowelE | vowelI | vowelO | vowelU
)

// A unit is a sound in its place in a word.
type unit struct {
	kind   kind
	sounds sound
	vowels byte
	long   bool // a vowel that Arabic script writes: alef, ee, oo, ou
	glide  bool // the second half of ai, au
	maybe  bool // writers leave it out: the l of the article, a doubled letter, h at the end
	first  bool
	last   bool
	script bool // of Arabic script
}

// latin are the letters, longest first within a beginning.
var latin = map[string]sound{
	"kh": soundX | soundK, "gh": soundQ | soundG, "sh": soundSh, "ch": soundC, "zh": soundZh, "th": soundS | soundT, "dh": soundZ | soundD, "ph": soundF,
	"ts": soundC | soundS, "dz": soundZ, "ck": soundK, "dj": soundJ, "tz": soundZ,
	"b": soundB, "p": soundP, "t": soundT, "d": soundD, "j": soundJ, "s": soundS, "z": soundZ, "r": soundR, "l": soundL, "m": soundM, "n": soundN,
	"f": soundF, "q": soundQ | soundK, "k": soundK | soundQ, "g": soundG | soundQ, "c": soundK, "x": soundX, "h": soundH, "v": soundV, "w": soundV, "y": soundY,
}

// arabic are the letters as core/script folds them.
var arabic = map[rune]sound{
	'ب': soundB, 'پ': soundP, 'ت': soundT, 'ط': soundT, 'ټ': soundT, 'ٹ': soundT, 'ث': soundS | soundT, 'ج': soundJ, 'چ': soundC, 'څ': soundC | soundS,
	'ح': soundH, 'ه': soundH, 'خ': soundX, 'د': soundD, 'ډ': soundD, 'ڈ': soundD, 'ذ': soundZ, 'ض': soundZ | soundD, 'ظ': soundZ, 'ز': soundZ, 'ځ': soundZ,
	'ژ': soundZh, 'ږ': soundZh | soundG, 'ر': soundR, 'ړ': soundR, 'ڑ': soundR, 'س': soundS, 'ص': soundS, 'ش': soundSh, 'ښ': soundSh | soundX,
	'غ': soundQ, 'ق': soundQ, 'ف': soundF, 'ڤ': soundV, 'ک': soundK, 'گ': soundG, 'ل': soundL, 'م': soundM, 'ن': soundN,
}

// alike are pairs of classes that one name is written with in two countries, and what it costs to take one for the other. All other pairs cost one.
var alike = []struct {
	a, b sound
	cost float64
}{
	{soundB, soundP, 0.3}, // Arabic keyboards have no p
	{soundQ, soundK, 0.2},
	{soundQ, soundG, 0.25},
	{soundX, soundK, 0.3},
	{soundX, soundH, 0.4},
	{soundT, soundD, 0.5},  // Turkish hardens the end
	{soundZ, soundD, 0.35}, // Ramazan, Ramadan
	{soundJ, soundZh, 0.2},
	{soundZ, soundZh, 0.3},
	{soundS, soundZ, 0.5},
	{soundJ, soundC, 0.5},
	{soundV, soundF, 0.5},
}
