// Asks the browser for a passkey and puts what it derived into the page's form: on the unlock page to open the desk, on the page of passkeys to add
// one. What is derived (WebAuthn's PRF) goes to the desk on this computer and nowhere else. Without this module the passphrase opens the desk.

const rpId = "localhost";
const patience = 120_000;

type Problem = "unsupported" | "cancelled" | "twice" | "prf" | "failed";

// tell shows one of the sentences that the page brought along, or none.
function tell(problem?: Problem): void {
  for (const p of document.querySelectorAll<HTMLElement>("[data-wrong]")) p.hidden = p.dataset.wrong !== problem;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(b: ArrayBuffer | Uint8Array): string {
  const plain = String.fromCharCode(...new Uint8Array(b));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function list(joined: string | undefined): string[] {
  return (joined ?? "").split(",").filter((s) => s !== "");
}

function fill(form: HTMLFormElement, values: Record<string, ArrayBuffer | Uint8Array>): void {
  for (const [name, value] of Object.entries(values)) form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = text(value);
}

function challenge(form: HTMLFormElement): Uint8Array<ArrayBuffer> {
  return bytes(form.querySelector<HTMLInputElement>("[name=question]")!.value);
}

// derived is the PRF's output, if the authenticator gave one.
function derived(c: PublicKeyCredential): ArrayBuffer | undefined {
  const out = c.getClientExtensionResults().prf?.results?.first;
  if (out === undefined) return undefined;
  return out instanceof ArrayBuffer ? out : new Uint8Array(out.buffer, out.byteOffset, out.byteLength).slice().buffer as ArrayBuffer;
}

// use asks for one of the passkeys, each with its own salt.
async function use(form: HTMLFormElement, pairs: [id: string, salt: string][]): Promise<PublicKeyCredential> {
  const got = await navigator.credentials.get({
    publicKey: {
      rpId,
      challenge: challenge(form),
      allowCredentials: pairs.map(([id]) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
      timeout: patience,
      extensions: { prf: { evalByCredential: Object.fromEntries(pairs.map(([id, salt]) => [id, { first: bytes(salt) }])) } },
    },
  });
  return got as PublicKeyCredential;
}

// unlock fills the form of the unlock page. It reports whether there is something to send.
async function unlock(form: HTMLFormElement): Promise<Problem | undefined> {
  const pairs = list(form.dataset.allow).map((p) => p.split(":") as [string, string]);
  const c = await use(form, pairs);
  const secret = derived(c);
  if (!secret) return "prf";
  const r = c.response as AuthenticatorAssertionResponse;
  fill(form, { id: c.rawId, client: r.clientDataJSON, auth: r.authenticatorData, signature: r.signature, secret });
  return undefined;
}

// add makes a passkey and fills the form. Some authenticators derive only when a passkey is used: then the person is asked a second time.
async function add(form: HTMLFormElement): Promise<Problem | undefined> {
  const salt = form.dataset.salt ?? "";
  const name = form.querySelector<HTMLInputElement>("[name=name]")!.value;
  const c = (await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: rpId },
      user: { id: bytes(form.dataset.user ?? ""), name, displayName: name },
      challenge: challenge(form),
      pubKeyCredParams: [
        { type: "public-key", alg: -8 },
        { type: "public-key", alg: -7 },
      ],
      excludeCredentials: list(form.dataset.known).map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { userVerification: "required", residentKey: "discouraged" },
      attestation: "none",
      timeout: patience,
      extensions: { prf: { eval: { first: bytes(salt) } } },
    },
  })) as PublicKeyCredential;
  if (c.getClientExtensionResults().prf?.enabled !== true) return "prf";
  const secret = derived(c) ?? derived(await use(form, [[text(c.rawId), salt]]));
  if (!secret) return "prf";
  const r = c.response as AuthenticatorAttestationResponse;
  fill(form, { client: r.clientDataJSON, auth: r.getAuthenticatorData(), secret });
  return undefined;
}

// why translates what browsers throw. They do not tell a person who said no from a passkey that is not there.
function why(e: unknown): Problem {
  const name = e instanceof DOMException ? e.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  if (name === "InvalidStateError") return "twice";
  if (name === "NotSupportedError") return "unsupported";
  return "failed";
}

function offer(form: HTMLFormElement, ask: (form: HTMLFormElement) => Promise<Problem | undefined>): void {
  if (typeof PublicKeyCredential === "undefined") {
    tell("unsupported");
    return;
  }
  form.hidden = false;
  const button = form.querySelector("button")!;
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    tell();
    button.disabled = true;
    void ask(form)
      .catch(why)
      .then((problem) => {
        if (problem === undefined) {
          form.submit(); // the button stays disabled: one answer to one question
          return;
        }
        button.disabled = false;
        tell(problem);
      });
  });
}

const unlocking = document.querySelector<HTMLFormElement>("#passkey-use");
if (unlocking) offer(unlocking, unlock);
const adding = document.querySelector<HTMLFormElement>("#passkey-new");
if (adding) offer(adding, add);
