package seal

import (
	"fmt"
	"strings"
)

func kindOf(definition, category byte) Kind {
	switch [2]byte{definition, category} {
	case [2]byte{0x5D, 0x01}:
		return Visa
	case [2]byte{0x5E, 0x03}:
		return EmergencyTravel
	case [2]byte{0xFD, 0x02}:
		return ArrivalAttestation
	case [2]byte{0xFB, 0x06}:
		return ResidencePermit
	case [2]byte{0xFA, 0x06}:
		return SupplementarySheet
	}
	return ""
}

// feature names and reads one feature as its kind defines it; what does not fit the definition stays bytes.
func (s *Seal) feature(tag byte, value []byte) Feature {
	f := Feature{Tag: tag, Raw: value}
	name, read := reading(s.Kind, tag)
	if read == nil {
		return f
	}
	if text, ok := read(value); ok {
		f.Name, f.Text = name, text
	}
	return f
}

// reading is the definition of a feature: Doc 9303-13 section 3.3 for visas, section 4 for emergency travel documents; BSI
// TR-03137 part 1 chapters 6 and 8 for the others.
func reading(k Kind, tag byte) (string, func([]byte) (string, bool)) {
	switch k {
	case Visa:
		switch tag {
		case 1:
			return "mrz", zone(44)
		case 2:
			return "mrz", zone(36)
		case 3:
			return "entries", entries
		case 4:
			return "stay", stay
		case 5:
			return "passport_number", plain
		}
	case ArrivalAttestation, ResidencePermit, EmergencyTravel:
		switch {
		case tag == 2:
			return "mrz", zone(36)
		case tag == 3 && k == ArrivalAttestation:
			return "register_number", plain
		case tag == 3 && k == ResidencePermit:
			return "passport_number", plain
		}
	case SupplementarySheet:
		switch tag {
		case 4:
			return "mrz", zone(36)
		case 5:
			return "sheet_number", plain
		}
	}
	return "", nil
}

func plain(b []byte) (string, bool) {
	text, ok := decodeC40(b)
	return trim(text), ok && trim(text) != ""
}

// zone reads two lines of the given width. Visas leave out the end of the second line (Doc 9303-13 section 3.3.1): it is
// put back as fillers.
func zone(width int) func([]byte) (string, bool) {
	return func(b []byte) (string, bool) {
		text, ok := decodeC40(b)
		if !ok || len(text) <= width || len(text) > 2*width+2 {
			return "", false
		}
		text = strings.ReplaceAll(text, " ", "<")
		if len(text) > 2*width {
			text = text[:2*width]
		}
		text += strings.Repeat("<", 2*width-len(text))
		return text[:width] + "\n" + text[width:], true
	}
}

func entries(b []byte) (string, bool) {
	switch {
	case len(b) != 1:
		return "", false
	case b[0] == 0:
		return "multiple", true
	}
	return fmt.Sprint(b[0]), true
}

// stay reads days, months and years; three bytes 255 leave it to the person's status (Doc 9303-13 section 3.3.2).
func stay(b []byte) (string, bool) {
	if len(b) != 3 {
		return "", false
	}
	if b[0] == 254 || b[0] == 255 {
		return "", false
	}
	return fmt.Sprintf("%d days, %d months, %d years", b[0], b[1], b[2]), true
}
