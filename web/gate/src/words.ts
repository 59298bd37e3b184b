// The page's own words: a JSON object in the element #words, rendered by the gate in the reader's language. Scripts
// hold no sentence of their own.

/** Words returns the sentence for an id, with {placeholders} filled. */
export type Words = (id: string, fill?: Record<string, string | number>) => string;

/** readWords reads #words. An id that the page does not have shows as itself, so that a gap is seen and not silent. */
export function readWords(doc: Document): Words {
	const all = JSON.parse(doc.getElementById("words")?.textContent || "{}") as Record<string, string>;
	const number = new Intl.NumberFormat(doc.documentElement.lang || "en");
	return (id, fill = {}) =>
		(all[id] ?? id).replace(/\{(\w+)\}/g, (whole, key: string) => {
			const value = fill[key];
			return value === undefined ? whole : typeof value === "number" ? number.format(value) : value;
		});
}
