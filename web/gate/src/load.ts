// The files that a page loads only when it needs them. Their names, with hashes, are in data attributes of <body>.

import { later } from "./dom";

/** Sealing is the module that seals. */
export type Sealing = typeof import("./seal");
/** Media is the module for voice and photos. */
export type Media = typeof import("./media");
/** QR is the module that draws QR codes. */
export type QR = typeof import("./qr");

interface Modules {
	seal: Sealing;
	media: Media;
	qr: QR;
}

/** Failed says that a file did not come after several tries. */
export class Failed extends Error {}

/** Loader loads each module once; a load that failed is tried anew by the next call. */
export class Loader {
	private readonly asked = new Map<string, Promise<unknown>>();

	/** get resolves with the module, or throws Failed after three tries. */
	get<K extends keyof Modules>(name: K): Promise<Modules[K]> {
		let there = this.asked.get(name) as Promise<Modules[K]> | undefined;
		if (!there) {
			there = load(document.body.dataset[name] ?? "");
			there.catch(() => this.asked.delete(name));
			this.asked.set(name, there);
		}
		return there;
	}
}

async function load<M>(url: string): Promise<M> {
	if (!url.startsWith("/")) throw new Failed();
	for (let tries = 0; tries < 3; tries++) {
		try {
			// Browsers remember that a module failed; another query makes them ask again.
			return (await import(tries ? `${url}?${tries}` : url)) as M;
		} catch {
			await later(1500 * (tries + 1));
		}
	}
	throw new Failed();
}
