// @ts-check
/** The lock: one for the window, whatever is on it. Its person says who they are, and goes on. */

/** what the server says to a page of another session */
export const FORGED = "web.forged";
/** what the queue tells other windows when somebody came to it */
export const HERE = "paperclaim.here";

/** @type {(() => void)[]} who waits for the page to be unlocked */
let waiting = [];
let timer = 0;
/** of a session that was begun on this page: the pages fetched before have an older one */
let fresh = "";

/** The token of the session that this page belongs to. */
export function csrf() {
  return fresh || (/** @type {HTMLElement | null} */ (document.querySelector("[data-csrf]"))?.dataset.csrf ?? "");
}

function cover() {
  document.body.classList.add("locked");
  const box = /** @type {HTMLDialogElement | null} */ (document.getElementById("lock"));
  if (box && !box.open) box.showModal();
}

/** Cover the page, and wait until its person is back. */
export function lockAndWait() {
  cover();
  return new Promise((resolve) => waiting.push(() => resolve(undefined)));
}

async function lockNow() {
  cover();
  await fetch("/lock", { method: "POST", headers: { "X-CSRF-Token": csrf() } }).catch(() => undefined);
}

/** @param {string} name @param {string} password @returns {Promise<string>} why not; empty: it worked */
async function unlocked(name, password) {
  const response = await fetch("/unlock", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    body: JSON.stringify({ password }),
  });
  if (response.ok) return "";
  const { code, detail } = await response.json();
  const gone = response.status === 401 || code === FORGED;
  return gone ? signedIn(name, password) : detail;
}

/**
 * The session has ended, or another one was begun: a new one of this page's person, so that what
 * they typed is theirs.
 * @param {string} name @param {string} password @returns {Promise<string>} why not
 */
async function signedIn(name, password) {
  const ask = await parsed(await fetch("/sign-in"));
  const body = new URLSearchParams({ csrf: token(ask), name, password, next: "/" });
  const response = await fetch("/sign-in", { method: "POST", body });
  const page = await parsed(response);
  if (!response.ok || !response.redirected) return page.querySelector(".problem")?.textContent ?? "It did not work.";
  begin(token(page));
  return "";
}

/** @param {Response} response */
async function parsed(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** @param {Document} page */
const token = (page) => /** @type {HTMLInputElement | null} */ (page.querySelector("[name=csrf]"))?.value ?? "";
/** @param {Document} page */
const person = (page) => /** @type {HTMLElement | null} */ (page.querySelector("[data-user]"))?.dataset.user;

/** This page belongs to another session from now on. @param {string} csrf its token */
function begin(csrf) {
  fresh = csrf;
  for (const place of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[name=csrf]"))) {
    place.value = csrf;
  }
}

/** Whoever has no password here has signed in again in another window: this one goes on, if it is theirs. */
async function lookWhoCame() {
  if (!document.body.classList.contains("locked")) return;
  const response = await fetch("/").catch(() => null);
  if (!response?.ok || response.redirected) return;
  const page = await parsed(response);
  if (person(page) !== person(document)) return refuse("Somebody else signed in there.");
  begin(token(page));
  uncover();
}

/** @param {string} why */
function refuse(why) {
  const problem = /** @type {HTMLElement} */ (document.querySelector("#lock .problem"));
  problem.hidden = !why;
  problem.textContent = why;
}

function uncover() {
  refuse("");
  document.body.classList.remove("locked");
  /** @type {HTMLDialogElement} */ (document.getElementById("lock")).close();
  for (const go of waiting.splice(0)) go();
}

/** @param {HTMLFormElement} form */
async function unlock(form) {
  const field = /** @type {HTMLInputElement} */ (form.querySelector("input[type=password]"));
  const name = /** @type {HTMLInputElement} */ (form.querySelector("[name=name]"));
  const password = field.value;
  field.value = "";
  const why = await unlocked(name.value, password).catch(() => "No connection. Try again.");
  if (why) return refuse(why);
  uncover();
}

/** Cover the page when nobody is there. */
export function lockWhenIdle() {
  const restart = () => {
    const idle = Number(/** @type {HTMLElement} */ (document.querySelector("[data-idle]"))?.dataset.idle ?? 900);
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void lockNow(), idle * 1000);
  };
  for (const name of ["keydown", "pointerdown", "wheel"]) window.addEventListener(name, restart, { passive: true });
  new BroadcastChannel(HERE).addEventListener("message", () => void lookWhoCame());
  document.addEventListener("cancel", (event) => {
    if (event.target instanceof HTMLElement && event.target.id === "lock") event.preventDefault();
  }, true);
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== "unlock") return;
    event.preventDefault();
    void unlock(event.target);
  });
  restart();
}
