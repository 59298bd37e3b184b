package papers

import "strings"

// isoCodes are the 249 codes of ISO 3166-1 alpha-3.
const isoCodes = `
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM
BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR
CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB
GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA
JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA
MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS
SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON
TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
`

// extraCodes are those of Doc 9303-3 section 5, parts A to H.
const extraCodes = `
ANT Netherlands Antilles (withdrawn; on older papers)
D   Germany
EUE European Union
GBD British Overseas Territories citizen
GBN British National (Overseas)
GBO British Overseas citizen
GBP British protected person
GBS British subject
IAO International Civil Aviation Organization
NTZ Neutral Zone (withdrawn; on older papers)
RKS Kosovo
UNO United Nations
UNA specialised agency of the United Nations
UNK issued by the United Nations Interim Administration Mission in Kosovo
UTO Utopia, the made-up state of ICAO's specimens
XBA African Development Bank
XCC Caribbean Community
XCE Council of Europe
XCO Common Market for Eastern and Southern Africa
XDC Southern African Development Community
XEC Economic Community of West African States
XES Organization of Eastern Caribbean States
XIM African Export-Import Bank
XMP Parliamentary Assembly of the Mediterranean
XOM Sovereign Military Order of Malta
XPO Interpol
XXA stateless person (1954 Convention)
XXB refugee (1951 Convention)
XXC refugee (not as the 1951 Convention defines)
XXX person of unspecified nationality
`

// packed is a code as one number, so that looking one up allocates nothing.
func packed(s string) int {
	n := 0
	for i := range 3 {
		v := 0
		if i < len(s) && s[i] >= 'A' && s[i] <= 'Z' {
			v = int(s[i]-'A') + 1
		}
		n = n*27 + v
	}
	return n
}

var known = func() (set [(27*27*27 + 63) / 64]uint64) {
	put := func(s string) { n := packed(s); set[n/64] |= 1 << (n % 64) }
	for _, s := range strings.Fields(isoCodes) {
		put(s)
	}
	for _, line := range strings.Split(strings.TrimSpace(extraCodes), "\n") {
		code, _, _ := strings.Cut(line, " ")
		put(code)
	}
	return set
}()

// StateKnown tells whether code (without fillers: "AFG", "D") is on the list of ISO 3166-1 alpha-3 or of Doc 9303-3
// section 5.
func StateKnown(code string) bool {
	if len(code) == 0 || len(code) > 3 || len(code) == 2 {
		return false
	}
	for i := range len(code) {
		if code[i] < 'A' || code[i] > 'Z' {
			return false
		}
	}
	n := packed(code)
	return known[n/64]&(1<<(n%64)) != 0
}

// StateWords is what a code of Doc 9303-3 section 5 stands for, in English; "" for a code of ISO 3166-1, whose names are
// the country's.
func StateWords(code string) string {
	for _, line := range strings.Split(strings.TrimSpace(extraCodes), "\n") {
		if c, words, _ := strings.Cut(line, " "); c == code {
			return strings.TrimSpace(words)
		}
	}
	return ""
}
