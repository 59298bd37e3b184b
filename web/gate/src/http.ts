// Requests to the gate. XMLHttpRequest, because fetch tells nothing while it uploads.

/** Ask is one request. Secrets go in headers, never into the path. */
export interface Ask {
	method: string;
	path: string;
	headers?: Record<string, string>;
	body?: Uint8Array;
	sent?: (bytes: number) => void;
	timeout?: number; // milliseconds without any progress; 45,000 when absent
}

/** Answer is what came back; a request that got no answer throws Lost instead. */
export interface Answer {
	status: number;
	body: Uint8Array;
}

/** Lost says that no answer came: no network, a cut connection, or silence for too long. */
export class Lost extends Error {}

/** Transport carries one request. */
export type Transport = (ask: Ask) => Promise<Answer>;

/** json reads a JSON answer; a body that is none gives an empty object. */
export function json(answer: Answer): Record<string, any> {
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(answer.body));
		return typeof value === "object" && value !== null ? value : {};
	} catch {
		return {};
	}
}

/** browser is the Transport of a page. */
export const browser: Transport = (ask) =>
	new Promise((resolve, reject) => {
		const x = new XMLHttpRequest();
		let silence = 0;
		const alive = () => {
			clearTimeout(silence);
			silence = window.setTimeout(() => x.abort(), ask.timeout ?? 45000);
		};
		const lost = () => {
			clearTimeout(silence);
			reject(new Lost());
		};
		x.open(ask.method, ask.path);
		x.responseType = "arraybuffer";
		for (const [name, value] of Object.entries(ask.headers ?? {})) x.setRequestHeader(name, value);
		x.upload.onprogress = (e) => {
			alive();
			ask.sent?.(e.loaded);
		};
		x.onprogress = alive;
		x.onerror = x.onabort = lost;
		x.onload = () => {
			clearTimeout(silence);
			resolve({ status: x.status, body: new Uint8Array(x.response as ArrayBuffer) });
		};
		alive();
		x.send(ask.body as Uint8Array<ArrayBuffer> | undefined);
	});
