package sheet

import "strings"

// Bech32 (BIP 173) finds up to four wrong characters of a string this short, and where they are when there are at most two: its words differ in
// at least five characters. Only the place is told, never the character: who types compares with the paper.

// bech32Alphabet are the characters of the data part; a character's value is its place.
const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// step takes one five-bit value into the checksum.
func step(sum uint32, value byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(value)
	for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

// syndrome is 0 when the checksum of prefix and data fits. data holds only characters of the alphabet.
func syndrome(data string) uint32 {
	human := strings.ToLower(strings.TrimSuffix(keyPrefix, "1"))
	sum := uint32(1)
	for i := range len(human) {
		sum = step(sum, human[i]>>5)
	}
	sum = step(sum, 0)
	for i := range len(human) {
		sum = step(sum, human[i]&31)
	}
	for i := range len(data) {
		sum = step(sum, byte(strings.IndexByte(bech32Alphabet, data[i])))
	}
	return sum ^ 1
}

// wrongGroups returns the groups, counted from 1, of the one or two characters that must be others for the checksum to fit; nil when more are wrong.
func wrongGroups(data string) []int {
	// The checksum is linear: what an error at a place adds to it does not depend on the rest.
	places := map[uint32]int{}
	for place := range len(data) {
		for value := byte(1); value < 32; value++ {
			sum := step(0, value)
			for range len(data) - 1 - place {
				sum = step(sum, 0)
			}
			places[sum] = place
		}
	}
	want := syndrome(data)
	if place, ok := places[want]; ok {
		return inGroups(place)
	}
	for sum, place := range places {
		if other, ok := places[want^sum]; ok && other != place {
			return inGroups(min(place, other), max(place, other))
		}
	}
	return nil
}

// holeGroups returns where one character can be put in so that the checksum fits; nil when that can be in several groups.
func holeGroups(data string) []int {
	var found []int
	for place := range len(data) + 1 {
		for i := range len(bech32Alphabet) {
			if syndrome(data[:place]+bech32Alphabet[i:i+1]+data[place:]) == 0 {
				found = append(found, place)
			}
		}
	}
	return unique(found)
}

// extraGroups returns where one character can be left out so that the checksum fits.
func extraGroups(data string) []int {
	var found []int
	for place := range len(data) {
		if syndrome(data[:place]+data[place+1:]) == 0 {
			found = append(found, place)
		}
	}
	return unique(found)
}

// unique gives the group of places, when they are all in one: a doubled letter can be left out at either place.
func unique(places []int) []int {
	if g := inGroups(places...); len(g) == 1 {
		return g
	}
	return nil
}

// inGroups turns places into the groups they are in, each once.
func inGroups(places ...int) []int {
	var out []int
	for _, p := range places {
		if g := p/groupLength + 1; len(out) == 0 || out[len(out)-1] != g {
			out = append(out, g)
		}
	}
	return out
}
