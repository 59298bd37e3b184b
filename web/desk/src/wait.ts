// Follows a page that waits for somebody else: asks for it every few seconds, and shows it anew only when it says something else, so that nothing moves
// under a reader. Without script the browser reloads the page by itself.

const seconds = Number(document.body.dataset.again ?? "3");
const main = (page: Document): string => page.querySelector("main")?.innerHTML ?? "";

// ask returns where to go when the answer has come, and nothing while it has not.
async function ask(shown: string): Promise<string | undefined> {
  const answer = await fetch(location.pathname, { headers: { "Panah-Live": "1" } });
  if (answer.redirected || answer.status === 401) return answer.url;
  if (!answer.ok) return undefined;
  // Our own server wrote this, every foreign word in it escaped; parsing runs no script.
  const fresh = main(new DOMParser().parseFromString(await answer.text(), "text/html"));
  return fresh === shown ? undefined : location.pathname;
}

async function wait(): Promise<void> {
  const shown = main(document);
  for (;;) {
    await new Promise((done) => window.setTimeout(done, seconds * 1000));
    try {
      const next = await ask(shown);
      if (next) {
        location.assign(next);
        return;
      }
    } catch {
      // The desk is restarting or gone; it will answer or not.
    }
  }
}

void wait();
