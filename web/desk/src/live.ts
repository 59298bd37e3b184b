// Keeps the page in front of a caseworker fresh, and knows nothing that the server did not write: it fetches the same
// page again, through the same checks, and swaps the parts that changed. Without it the page has its links and buttons.

import { merge, remember } from "./parts/merge";
import { ring } from "./parts/ring";
import { arrive, shortcuts } from "./parts/shortcuts";

const minute = 60_000;
// Where this page is read anew. Not the address bar: an answer to a form has the form's address.
const path = document.body.dataset.path ?? "/";
let refreshing = false;
let again = false;

// refresh fetches this page and swaps the marked parts. Calls that come meanwhile make one more round.
async function refresh(): Promise<void> {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  try {
    const answer = await fetch(path, { headers: { "Panah-Live": "1" }, redirect: "error" });
    if (answer.status === 401) {
      location.assign(path);
      return;
    }
    if (!answer.ok) return;
    // Our own server wrote this, every foreign word in it escaped; parsing runs no script.
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    announce(fresh);
    ring(fresh);
    for (const now of document.querySelectorAll<HTMLElement>("[data-live]")) {
      const next = fresh.getElementById(now.id);
      if (next) merge(now, next);
    }
    watchPictures();
  } catch {
    // The desk is restarting or gone; the stream says when it is back.
  } finally {
    refreshing = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

// announce tells the title, and screen readers, how many letters are new; only when there are more than before.
function announce(fresh: Document): void {
  const now = document.getElementById("say");
  const next = fresh.getElementById("say");
  if (!now || !next) return;
  if (Number(next.dataset.new) > Number(now.dataset.new)) now.textContent = next.dataset.say ?? "";
  now.dataset.new = next.dataset.new;
  const count = /^\([^)]*\) /.exec(fresh.title)?.[0] ?? "";
  document.title = count + document.title.replace(/^\([^)]*\) /, "");
}

// listen follows the desk's stream. One tab does, and tells the others: browsers allow six connections to one host,
// and seven open threads must not hang the desk.
function listen(tell: (event: string) => void): void {
  const stream = new EventSource("/events");
  // What changed between the making of the page and the beginning of the stream, or while it was gone, nobody told.
  stream.addEventListener("hello", () => tell("news"));
  stream.addEventListener("news", () => tell("news"));
  stream.addEventListener("locked", () => {
    stream.close();
    tell("locked");
  });
  stream.addEventListener("error", () => {
    // Refused for good: the desk was locked or started anew. The page itself will say which.
    if (stream.readyState === EventSource.CLOSED) tell("locked");
  });
}

function follow(): void {
  const others = new BroadcastChannel("panah-desk");
  const hear = (event: string): void => {
    if (event === "locked") location.assign(path);
    else void refresh();
  };
  others.addEventListener("message", (m) => hear(String(m.data)));
  const lead = (): void =>
    listen((event) => {
      others.postMessage(event);
      hear(event);
    });
  // Held until the tab closes; then the next tab leads.
  void navigator.locks.request("panah-desk-events", () => {
    lead();
    return new Promise<never>(() => {});
  });
  // A tab that does not lead hears from now on; what came before it listened, it asks for.
  void refresh();
}

// typing tells the desk once a minute that somebody is at work, and leaves it, two seconds after a key, what was typed into an answer:
// should it lock in between, the answer is there again after the passphrase.
function typing(): void {
  let told = Date.now();
  let timer = 0;
  let due = Infinity;
  let form: HTMLFormElement | undefined; // the one that was typed into last
  let gone = false;
  const tell = (): void => {
    due = Infinity;
    if (gone) return;
    told = Date.now();
    const body = new URLSearchParams({ csrf: document.body.dataset.csrf ?? "" });
    if (form) {
      body.set("thread", form.dataset.thread ?? "");
      body.set("text", form.querySelector("textarea")?.value ?? "");
    }
    void fetch("/activity", { method: "POST", body }).catch(() => {});
  };
  const by = (time: number): void => {
    if (time >= due) return;
    due = time;
    window.clearTimeout(timer);
    timer = window.setTimeout(tell, Math.max(0, time - Date.now()));
  };
  for (const answer of document.querySelectorAll<HTMLFormElement>("form[data-thread]")) {
    answer.addEventListener("input", () => {
      form = answer;
      by(Date.now() + 2_000);
    });
    answer.addEventListener("submit", () => {
      gone = true;
      window.clearTimeout(timer);
    });
  }
  for (const sign of ["keydown", "pointerdown"]) document.addEventListener(sign, () => by(told + minute));
}

// watchPictures puts words where a picture could not be shown.
function watchPictures(): void {
  for (const img of document.querySelectorAll<HTMLImageElement>("img[data-broken]")) {
    const say = (): void => {
      const p = document.createElement("p");
      p.className = "wrong";
      p.textContent = img.dataset.broken ?? "";
      (img.closest("a") ?? img).replaceWith(p);
    };
    if (img.complete && img.src !== "" && img.naturalWidth === 0) say();
    else img.addEventListener("error", say, { once: true });
  }
}

remember(document);
follow();
typing();
watchPictures();
shortcuts();
arrive();
