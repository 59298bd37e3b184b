// What every public page loads first: small, so that a page can be used before the rest is there.

import { later } from "./dom";
import { Guard } from "./guard";
import { Intake } from "./intake";
import { Loader } from "./load";
import { Mailbox } from "./mailbox";
import { readWords } from "./words";

function boot(): void {
	document.documentElement.classList.remove("noscript-mode");
	const guard = new Guard();
	const loader = new Loader();
	const words = readWords(document);
	const has = (selector: string) => document.querySelector(selector) !== null;
	const page = has("form#letter") ? new Intake(words, loader, guard)
		: has("form#open") ? new Mailbox(words, loader, guard) : undefined;
	// The sealing code waits until the page has been painted: a slow line is for the page first.
	if (page) requestAnimationFrame(() => void later(50).then(() => page.loadSealing()));
}

boot();
