// The organisation a letter is sealed to: docs/formats.md, section 5. The signatures on a roster are for desks, which
// know the roster before it; a page that comes from the same gate could not tell more than the gate wants told. What a
// person can compare is the fingerprint, on the page and on the organisation's card.

import { fromUtf8 } from "./bytes";
import { json, Lost } from "./http";
import type { Transport } from "./http";
import { Refused } from "./upload";

/** Roster is what sealing needs of it. */
export interface Roster {
	org: string;
	name: string;
	epoch: number;
	recipient: string;
}

/** parseRoster reads a roster note; anything malformed throws. */
export function parseRoster(text: string): Roster {
	if (text.length > 262144) throw new Error("roster: too long");
	const [first, ...lines] = text.slice(0, text.indexOf("\n\n")).split("\n");
	if (first !== "panah.roster/v1") throw new Error("roster: unknown version");
	const only = (key: string): string => {
		const found = lines.filter((line) => line.startsWith(key + " "));
		if (found.length !== 1) throw new Error("roster: " + key);
		return found[0].slice(key.length + 1);
	};
	const epoch = only("epoch");
	const roster = { org: only("org"), name: only("name"), epoch: Number(epoch), recipient: only("recipient") };
	if (!/^[0-9a-z]{20}$/.test(roster.org) || !/^[1-9]\d{0,8}$/.test(epoch) || !/^age1pq1[a-z0-9]+$/.test(roster.recipient)) {
		throw new Error("roster: malformed");
	}
	return roster;
}

/** WrongOrganisation says that the gate serves another organisation's key than the page names. */
export class WrongOrganisation extends Error {}

/** longestRoster is how long a page seals to a roster that it has fetched, in milliseconds: a device may have been lost since. */
const longestRoster = 3600000;

/** RosterKeeper holds the roster that a page seals to, and asks for it anew when it is old. */
export class RosterKeeper {
	private asked?: Promise<Roster>;
	private at = 0;

	constructor(private readonly ask: () => Promise<Roster>, private readonly now: () => number = Date.now) {}

	/** get resolves with a roster that is not old; a failure is asked anew next time. */
	get(): Promise<Roster> {
		const age = this.now() - this.at; // below zero: somebody has set the clock back
		if (!this.asked || age > longestRoster || age < 0) {
			this.at = this.now();
			const asked = this.ask();
			this.asked = asked;
			asked.catch(() => this.asked === asked && this.forget());
		}
		return this.asked;
	}

	/** forget makes the next get ask. */
	forget(): void {
		this.asked = undefined;
	}
}

/** fetchRoster asks the gate for its roster and checks that it is the organisation that the page names. */
export async function fetchRoster(send: Transport, org: string): Promise<Roster> {
	const answer = await send({ method: "GET", path: "/roster", timeout: 20000 });
	if (answer.status !== 200) {
		if (answer.status >= 502 && answer.status <= 504) throw new Lost();
		throw new Refused(String(json(answer).error ?? "internal"));
	}
	const roster = parseRoster(fromUtf8(answer.body));
	if (roster.org !== org) throw new WrongOrganisation();
	return roster;
}
