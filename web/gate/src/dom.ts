// Small hands for the page's elements. Text always goes in as text: nothing here or elsewhere parses markup.

/** find returns the first element that matches, typed by the caller, or null. */
export function find<E extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): E | null {
	return within.querySelector<E>(selector);
}

/** show takes an element's hidden attribute away, or puts it back. */
export function show(element: HTMLElement | null, visible = true): void {
	if (element) element.hidden = !visible;
}

/**
 * say puts words into an element and shows it; no words hide it. The direction follows the words: those without a
 * checked translation are English on a page that runs from right to left.
 */
export function say(element: HTMLElement | null, words: string): void {
	if (!element) return;
	element.dir = "auto";
	element.textContent = words;
	element.hidden = words === "";
}

/** make creates an element with properties and children; strings become text. */
export function make<K extends keyof HTMLElementTagNameMap>(
	tag: K, props: Partial<HTMLElementTagNameMap[K]> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = Object.assign(document.createElement(tag), props);
	element.append(...children);
	return element;
}

/** button creates a button that does not submit. */
export function button(words: string, press: () => void, className = ""): HTMLButtonElement {
	const b = make("button", { type: "button", className }, words);
	b.addEventListener("click", press);
	return b;
}

/** later resolves after some milliseconds. */
export function later(ms: number): Promise<void> {
	return new Promise((done) => setTimeout(done, ms));
}
