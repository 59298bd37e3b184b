// Prints ummalqura.json from the islamic-umalqura calendar of this Node's ICU: node core/calendar/testdata/ummalqura.mjs > core/calendar/ummalqura.json
// ICU has the months of 1300 to 1600 AH as the Umm al-Qura calendar of Saudi Arabia publishes or precomputes them; outside of those years it counts by the tabular calendar.
const first = 1300, last = 1600;
const format = new Intl.DateTimeFormat("en-u-ca-islamic-umalqura-nu-latn", { year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC" });
const at = (day) => Object.fromEntries(format.formatToParts(new Date(day * 864e5)).map((p) => [p.type, parseInt(p.value, 10)]));
const starts = [];
for (let day = Math.floor(Date.UTC(1882, 9, 1) / 864e5); starts.length <= (last - first + 1) * 12; day++) {
	const { year, month, day: d } = at(day);
	if (year >= first && d === 1) starts.push({ year, month, day });
}
let months = "";
for (let y = 0; y <= last - first; y++) {
	let bits = 0;
	for (let m = 0; m < 12; m++) {
		const begin = starts[y * 12 + m], length = starts[y * 12 + m + 1].day - begin.day;
		if (begin.year !== first + y || begin.month !== m + 1 || (length !== 29 && length !== 30)) throw new Error(`month ${m + 1} of ${first + y} has ${length} days`);
		bits |= (length - 29) << m;
	}
	months += bits.toString(16).padStart(3, "0");
}
const epoch = starts[0].day;
process.stdout.write(JSON.stringify({ source: `Unicode ICU ${process.versions.icu}, calendar islamic-umalqura, as Node ${process.versions.node} has it`, first, last, epoch, months }, null, 2) + "\n");
