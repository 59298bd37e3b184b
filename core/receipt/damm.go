package receipt

// dammTable is the totally anti-symmetric quasigroup of order 10 printed in H. Michael Damm, "Total
// anti-symmetrische Quasigruppen" (2004), p. 111. Its diagonal is zero, so a check digit that makes the
// whole word come out as 0 catches every wrong digit and every swap of two neighbours.
var dammTable = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// damm returns the interim digit after the ASCII digits of s; it is 0 for a word that ends in its own check digit.
func damm(s []byte) byte {
	var interim byte
	for _, d := range s {
		interim = dammTable[interim][d-'0']
	}
	return interim
}
