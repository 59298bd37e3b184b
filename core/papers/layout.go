package papers

// place is a run of characters of one line: [from, to), from 0.
type place struct{ line, from, to int8 }

func (p place) none() bool           { return p.from == p.to }
func (p place) of(l []string) string { return l[p.line][p.from:p.to] }

// tally is one check digit: what it covers, in order, and where it stands.
type tally struct {
	field string
	over  []place
	at    place
}

// layout says where each datum of a type stands. A place with from == to is not in this layout.
type layout struct {
	kind           Type
	lines, width   int
	code, state    place
	names, given   place // given only on the French card, which parts the names by place
	number, nation place
	birth, sex     place
	expiry         place
	optional, more place
	issued, office place
	tallies        []tally
	long           bool // a number may go on in optional (Doc 9303-5 section 4.2.2, Doc 9303-6 section 4.2.2)
	namesLine      int  // a line that ends in the names, so that only fillers can lack at its end; -1: none
}

// The field names of JSON, checks and problems.
const (
	fCode      = "document_code"
	fState     = "issuing_state"
	fSurname   = "surname"
	fGiven     = "given_names"
	fNumber    = "document_number"
	fNation    = "nationality"
	fBirth     = "birth_date"
	fSex       = "sex"
	fExpiry    = "expiry_date"
	fOptional  = "optional_data"
	fOptional2 = "optional_data_2"
	fIssue     = "issue_date"
	fOffice    = "issuing_office"
	fComposite = "composite"
	fLine      = "line"
)

// Doc 9303-5 section 4.2. The composite covers the upper line from 6, the middle line 1–7, 9–15 and 19–29.
var td1 = layout{
	kind: TD1, lines: 3, width: 30, long: true, namesLine: 2,
	code: place{0, 0, 2}, state: place{0, 2, 5}, number: place{0, 5, 14}, optional: place{0, 15, 30},
	birth: place{1, 0, 6}, sex: place{1, 7, 8}, expiry: place{1, 8, 14}, nation: place{1, 15, 18}, more: place{1, 18, 29},
	names: place{2, 0, 30},
	tallies: []tally{
		{fNumber, []place{{0, 5, 14}}, place{0, 14, 15}},
		{fBirth, []place{{1, 0, 6}}, place{1, 6, 7}},
		{fExpiry, []place{{1, 8, 14}}, place{1, 14, 15}},
		{fComposite, []place{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}, place{1, 29, 30}},
	},
}

// Doc 9303-6 section 4.2.
var td2 = layout{
	kind: TD2, lines: 2, width: 36, long: true, namesLine: 0,
	code: place{0, 0, 2}, state: place{0, 2, 5}, names: place{0, 5, 36},
	number: place{1, 0, 9}, nation: place{1, 10, 13}, birth: place{1, 13, 19}, sex: place{1, 20, 21},
	expiry: place{1, 21, 27}, optional: place{1, 28, 35},
	tallies: []tally{
		{fNumber, []place{{1, 0, 9}}, place{1, 9, 10}},
		{fBirth, []place{{1, 13, 19}}, place{1, 19, 20}},
		{fExpiry, []place{{1, 21, 27}}, place{1, 27, 28}},
		{fComposite, []place{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}, place{1, 35, 36}},
	},
}

// Doc 9303-4 section 4.2.
var td3 = layout{
	kind: TD3, lines: 2, width: 44, namesLine: 0,
	code: place{0, 0, 2}, state: place{0, 2, 5}, names: place{0, 5, 44},
	number: place{1, 0, 9}, nation: place{1, 10, 13}, birth: place{1, 13, 19}, sex: place{1, 20, 21},
	expiry: place{1, 21, 27}, optional: place{1, 28, 42},
	tallies: []tally{
		{fNumber, []place{{1, 0, 9}}, place{1, 9, 10}},
		{fBirth, []place{{1, 13, 19}}, place{1, 19, 20}},
		{fExpiry, []place{{1, 21, 27}}, place{1, 27, 28}},
		{fOptional, []place{{1, 28, 42}}, place{1, 42, 43}},
		{fComposite, []place{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}, place{1, 43, 44}},
	},
}

// Doc 9303-7 section 4.1: no composite.
var mrva = layout{
	kind: MRVA, lines: 2, width: 44, namesLine: 0,
	code: place{0, 0, 2}, state: place{0, 2, 5}, names: place{0, 5, 44},
	number: place{1, 0, 9}, nation: place{1, 10, 13}, birth: place{1, 13, 19}, sex: place{1, 20, 21},
	expiry: place{1, 21, 27}, optional: place{1, 28, 44},
	tallies: visaTallies,
}

// Doc 9303-7 section 5.1.
var mrvb = layout{
	kind: MRVB, lines: 2, width: 36, namesLine: 0,
	code: place{0, 0, 2}, state: place{0, 2, 5}, names: place{0, 5, 36},
	number: place{1, 0, 9}, nation: place{1, 10, 13}, birth: place{1, 13, 19}, sex: place{1, 20, 21},
	expiry: place{1, 21, 27}, optional: place{1, 28, 36},
	tallies: visaTallies,
}

var visaTallies = []tally{
	{fNumber, []place{{1, 0, 9}}, place{1, 9, 10}},
	{fBirth, []place{{1, 13, 19}}, place{1, 19, 20}},
	{fExpiry, []place{{1, 21, 27}}, place{1, 27, 28}},
}

// The French card of 1988: surname to 30, department and office of issue, then year and month of issue, department and a
// serial (together the number), first names, birth, sex; the last digit covers both lines, the fillers of names included.
var fraID = layout{
	kind: FraID, lines: 2, width: 36, namesLine: -1,
	code: place{0, 0, 2}, state: place{0, 2, 5}, names: place{0, 5, 30}, office: place{0, 30, 36},
	number: place{1, 0, 12}, issued: place{1, 0, 4}, given: place{1, 13, 27}, birth: place{1, 27, 33}, sex: place{1, 34, 35},
	tallies: []tally{
		{fNumber, []place{{1, 0, 12}}, place{1, 12, 13}},
		{fBirth, []place{{1, 27, 33}}, place{1, 33, 34}},
		{fComposite, []place{{0, 0, 36}, {1, 0, 35}}, place{1, 35, 36}},
	},
}
