// QR codes as pictures, drawn as one SVG path. Loaded after a letter is sent: nothing before needs it.

import { encode } from "uqr";

const svg = "http://www.w3.org/2000/svg";
const quiet = 4; // modules of white around it, ISO/IEC 18004

/** draw returns a QR code of text as an SVG element with an accessible name. Its size comes from the style sheet. */
export function draw(text: string, label: string): SVGSVGElement {
	const { data } = encode(text, { ecc: "M", border: 0 });
	const size = String(data.length + 2 * quiet);
	const picture = document.createElementNS(svg, "svg");
	picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
	picture.setAttribute("role", "img");
	picture.setAttribute("aria-label", label);
	picture.setAttribute("shape-rendering", "crispEdges");
	const ground = document.createElementNS(svg, "rect");
	ground.setAttribute("width", size);
	ground.setAttribute("height", size);
	ground.setAttribute("fill", "#fff");
	const ink = document.createElementNS(svg, "path");
	ink.setAttribute("fill", "#000");
	ink.setAttribute("d", outline(data));
	picture.append(ground, ink);
	return picture;
}

/** outline writes the dark modules as runs: one subpath for each run of a row. */
export function outline(modules: boolean[][]): string {
	let d = "";
	modules.forEach((row, y) => {
		for (let x = 0; x < row.length; x++) {
			if (!row[x]) continue;
			const start = x;
			while (row[x + 1]) x++;
			d += `M${start + quiet} ${y + quiet}h${x - start + 1}v1h-${x - start + 1}z`;
		}
	});
	return d;
}
