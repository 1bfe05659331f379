// @ts-check
// Asking the provider: the words are kept as they are typed, the preview follows them.

import { csrf, FORGED, lockAndWait, lockWhenIdle } from "./lock.js";
import { filter, go } from "./saver.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("letter"));
const preview = /** @type {HTMLImageElement} */ (document.getElementById("preview"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const claim = `/claims/${form.dataset.dcn}`;
/** milliseconds between two signs of life: the claim is kept by them */
const ALIVE = 30000;
/** milliseconds after which nobody is there any more */
const idle = Number(form.dataset.idle) * 1000;
/** what is done with Alt @type {Record<string, string>} */
const KEYS = { KeyP: "edit", KeyW: "withdraw", KeyQ: "leave" };
let timer = 0;
let round = 0;
/** when somebody was there last */
let seen = Date.now();
/** something is typed that the server has not got */
let unsaved = false;
/** it was said once that leaving loses it */
let warned = false;
/** one at a time, in order: an older text never comes after a newer one */
let last = Promise.resolve(/** @type {Record<string, any> | null} */ (null));

/** @param {string} detail */
function tell(detail) {
  problem.hidden = !detail;
  problem.textContent = detail;
}

/** @param {string} path @param {Record<string, any>} body */
function request(path, body) {
  return fetch(`${claim}/letter${path}`, {
    method: "POST", body: JSON.stringify(body), keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
  });
}

function words() {
  return Object.fromEntries(new FormData(form));
}

/** What the server says to the words as they are now; null where it did not take them. @param {string} path */
function post(path) {
  window.clearTimeout(timer);
  last = last.then(() => send(path));
  return last;
}

/** @param {string} path @returns {Promise<Record<string, any> | null>} */
async function send(path) {
  unsaved = false;
  try {
    const response = await request(path, { ...JSON.parse(filter()), ...words() });
    const reply = await response.json();
    if (response.status === 401 || reply.code === FORGED) {
      unsaved = true;
      await lockAndWait();
      return await send(path);
    }
    tell(response.ok ? "" : reply.detail);
    if (response.ok) return reply;
  } catch {
    tell("Not reached; nothing was saved.");
  }
  unsaved = true;
  return null;
}

async function show() {
  const reply = await post("");
  if (!reply) return;
  round += 1;
  preview.src = `${claim}/letter/pages/1?${round}`;
}

/** Back to the claim. What can't be kept stays on the page until one leaves once more. */
async function leave() {
  await last;
  if (unsaved && !(await post("")) && !warned) {
    warned = true;
    return tell(`${problem.textContent} Leave once more to go without what you typed.`);
  }
  unsaved = false;
  window.location.assign(claim);
}

/** @param {string} act */
async function act(act) {
  if (act === "edit") return show();
  if (act === "leave") return leave();
  const reply = await post(`/${act}`);
  if (reply?.next) go(reply.next, reply.told);
}

/** The page is still open: the claim stays this person's, as long as somebody is there. */
async function keep() {
  if (Date.now() - seen > idle) return;
  const response = await request("/lease", {}).catch(() => null);
  if (response?.status === 409) tell((await response.json()).detail);
}

for (const name of ["keydown", "pointerdown", "wheel"]) {
  window.addEventListener(name, () => (seen = Date.now()), { passive: true });
}
form.addEventListener("input", () => {
  unsaved = true;
  warned = false;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void show(), 700);
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-act]")) : null;
  if (!button?.dataset.act) return;
  event.preventDefault();
  void act(button.dataset.act);
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const asked = event.key === "Enter" && event.ctrlKey ? "send" : event.altKey ? KEYS[event.code] : undefined;
  if (!asked) return;
  event.preventDefault();
  if (!event.repeat) void act(asked);
});
window.addEventListener("pagehide", () => {
  if (unsaved) void request("", words());
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved && !problem.hidden) event.preventDefault();
});
window.setInterval(() => void keep(), ALIVE);
lockWhenIdle();
document.documentElement.dataset.ready = "1";
