// Swaps the part of a page that changed, and leaves alone what did not: a row keeps its focus, a recording goes on playing.

// What the server wrote for an element, before the browser or a person changed it (an opened detail, a playing voice).
const written = new WeakMap<Element, string>();

function sourceOf(e: Element): string {
  let s = written.get(e);
  if (s === undefined) {
    s = e.outerHTML;
    written.set(e, s);
  }
  return s;
}

// remember notes what the server wrote for the marked parts of a page just loaded.
export function remember(root: ParentNode): void {
  for (const part of root.querySelectorAll("[data-live]")) {
    sourceOf(part);
    for (const child of part.children) sourceOf(child);
  }
}

// merge makes now look like next, a part of a freshly fetched page. Lists (data-live="rows") are compared row by row.
export function merge(now: HTMLElement, next: HTMLElement): void {
  const source = next.outerHTML;
  if (sourceOf(now) === source) return;
  if (now.dataset.live === "rows" && next.dataset.live === "rows" && now.tagName === next.tagName) {
    mergeRows(now, next);
    written.set(now, source);
    return;
  }
  if (!busy(now)) swap(now, next);
}

function mergeRows(now: HTMLElement, next: HTMLElement): void {
  const old = new Map([...now.children].map((row) => [row.id, row]));
  let at: Element | null = now.firstElementChild;
  for (const fresh of [...next.children]) {
    const known = old.get(fresh.id);
    old.delete(fresh.id);
    if (known === undefined) {
      now.insertBefore(adopt(fresh), at);
      continue;
    }
    const stays = sourceOf(known) === fresh.outerHTML;
    if (known !== at) now.insertBefore(known, at);
    at = known.nextElementSibling;
    if (!stays && !busy(known)) at = swap(known, fresh).nextElementSibling;
  }
  for (const gone of old.values()) gone.remove();
}

function adopt(fresh: Element): Element {
  const source = fresh.outerHTML;
  const e = document.importNode(fresh, true);
  written.set(e, source);
  for (const child of e.children) sourceOf(child);
  return e;
}

// busy reports whether somebody is writing in it, or has written what was not sent yet: nothing is taken from under their hands.
function busy(part: Element): boolean {
  if (part.contains(document.activeElement) && document.activeElement?.matches("textarea, input, select")) return true;
  return [...part.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea")].some(
    (f) => f.value !== f.defaultValue || (f instanceof HTMLInputElement && f.checked !== f.defaultChecked),
  );
}

// swap replaces an element and gives the focus back to what has the same id.
function swap(now: Element, next: Element): Element {
  const focus = now.contains(document.activeElement) ? document.activeElement?.id : "";
  const e = adopt(next);
  const open = [...now.querySelectorAll("details")].map((d) => d.open);
  const fresh = e.querySelectorAll("details");
  if (fresh.length === open.length) fresh.forEach((d, i) => (d.open = d.open || open[i] === true));
  now.replaceWith(e);
  if (focus) document.getElementById(focus)?.focus();
  return e;
}
