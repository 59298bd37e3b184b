// The keys that are listed under "?". None is heard while somebody types, and each does what a link or a button on the page does.

const typing = (at: Element | null): boolean => at instanceof HTMLElement && (at.isContentEditable || at.matches("input, textarea, select"));

// letter names the key by its place when the keyboard writes another script: j is under the same finger on a Persian keyboard.
export function letter(e: Pick<KeyboardEvent, "key" | "code">): string {
  if (e.key === "?" || e.key === "؟") return "?";
  if (e.key.length !== 1 || e.key.charCodeAt(0) < 128) return e.key;
  if (e.code.startsWith("Key")) return e.code.slice(3).toLowerCase();
  if (e.code.startsWith("Digit")) return e.code.slice(5);
  return e.code === "Slash" ? "/" : e.key;
}

function move(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>(".row-link")];
  const i = links.findIndex((l) => l === document.activeElement);
  links[step > 0 ? i + 1 : Math.max(0, i - 1)]?.focus();
}

// focus puts the cursor into a field; where the page does not have it, it goes to the part that has.
function focus(selector: string, tab: string): void {
  const field = document.querySelector<HTMLElement>(selector);
  if (field) {
    field.scrollIntoView({ block: "center" });
    field.focus();
    return;
  }
  const link = document.querySelector<HTMLAnchorElement>(`a[data-tab="${tab}"]`);
  if (link) location.assign(link.href + selector);
}

// go follows a link of the menu, when the desk has that page.
function go(path: string): void {
  if (document.querySelector(`.menu a[href="${path}"]`)) location.assign(path);
}

// help opens the list over the page: the same that /keys shows without script.
async function help(): Promise<void> {
  const answer = await fetch("/keys", { headers: { "Panah-Live": "1" } });
  if (!answer.ok) return;
  // Our own server wrote this; parsing runs no script.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = page.getElementById("shortcuts");
  const title = page.querySelector("h1");
  const close = page.getElementById("close-keys");
  if (!list || !title || !close) return;
  const dialog = document.createElement("dialog");
  title.id = "keys-title";
  dialog.setAttribute("aria-labelledby", "keys-title");
  close.hidden = false;
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

export function shortcuts(): void {
  let g = 0; // when "g" was pressed: the next key within a second says where to go
  const does: Record<string, () => void> = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => {
      const field = document.querySelector<HTMLElement>("main input[type=search]");
      if (field) field.focus();
      else go("/search");
    },
    r: () => focus("#text", "talk"),
    n: () => focus("#note", "notes"),
    c: () => document.getElementById("take")?.click(),
    // A letter that reports somebody: the page that it leads to asks before anything is destroyed.
    d: () => {
      const near = document.activeElement?.closest("article")?.querySelector<HTMLAnchorElement>('a[href*="/report/"]');
      const all = document.querySelectorAll<HTMLAnchorElement>('a[href*="/report/"]');
      (near ?? all[all.length - 1])?.click();
    },
    p: () => document.querySelector<HTMLElement>('[data-key="p"]')?.click(),
    "?": () => void help(),
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(document.activeElement) || document.querySelector("dialog[open]")) return;
    const key = letter(e);
    if (e.timeStamp - g < 1000 && g > 0) {
      g = 0;
      if (key === "q") go("/");
      if (key === "t") go("/tasks");
      return;
    }
    if (key === "g") {
      g = e.timeStamp;
      return;
    }
    if (/^[1-6]$/.test(key)) {
      document.querySelectorAll<HTMLElement>("a[data-tab]")[Number(key) - 1]?.click();
      return;
    }
    const act = does[key];
    if (!act) return;
    e.preventDefault();
    act();
  });
}

// arrive puts the cursor where the address says, after a key led here from another part.
export function arrive(): void {
  if (location.hash === "#text" || location.hash === "#note") document.querySelector<HTMLElement>(location.hash)?.focus();
}
