// The page's own words: a JSON object in the element #words, rendered by the gate in the reader's language. Scripts
// hold no sentence of their own.

/** Words returns the sentence for an id, with {placeholders} filled; numbers and clock times are written in the reader's digits. */
export type Words = (id: string, fill?: Record<string, string | number>) => string;

/** readWords reads #words. An id that the page does not have shows as itself, so that a gap is seen and not silent. */
export function readWords(doc: Document): Words {
	const all = JSON.parse(doc.getElementById("words")?.textContent || "{}") as Record<string, string>;
	const number = new Intl.NumberFormat(doc.documentElement.lang || "en", { useGrouping: false });
	const shape = (value: string | number) =>
		typeof value === "number" ? number.format(value)
			: /^[\d:]+$/.test(value) ? value.replace(/\d/g, (d) => number.format(Number(d)))
			: `\u2068${value}\u2069`; // a name in another script must not turn the sentence around
	return (id, fill = {}) =>
		(all[id] ?? id).replace(/\{(\w+)\}/g, (whole, key: string) => {
			const value = fill[key];
			return value === undefined ? whole : shape(value);
		});
}
