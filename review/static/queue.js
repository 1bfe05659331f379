// @ts-check
// The queue page: Enter opens what comes next, Alt+U the last finished claim, without reaching
// for anything; a stroke goes to the box for a control number. The filter in force goes along from claim to claim.

import { csrf, HERE } from "./lock.js";
import { go, told } from "./saver.js";

sessionStorage.setItem("paperclaim.filter", window.location.search);
/** whose priority was changed by the page before this one */
const FOCUS = "paperclaim.focus";
const next = /** @type {HTMLFormElement | null} */ (document.getElementById("next"));
const reopen = document.getElementById("reopen");

/** @param {string} url @param {object} body @returns {Promise<Record<string, string>>} */
async function post(url, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body), headers }).catch(() => null);
  return response ? response.json() : { detail: "Not reached. Try again." };
}

/** @param {string} [text] */
function tell(text) {
  const place = /** @type {HTMLElement} */ (document.getElementById("told"));
  place.textContent = text ?? "";
}

async function takeBack() {
  const reply = await post("/reopen", {});
  tell(reply.detail);
  if (reply.next) window.location.assign(reply.next);
}

/** @param {string} dcn @param {string} priority */
async function prioritise(dcn, priority) {
  const before = document.activeElement?.getAttribute("aria-label") ?? "";
  const reply = await post(`/claims/${dcn}/priority`, { priority });
  if (reply.detail) return tell(reply.detail);
  sessionStorage.setItem(FOCUS, before);
  go(window.location.href, `${dcn} has priority ${priority}.`);
}

/** Where the page was made anew by a key, the next key works where that one did. */
function focusAgain() {
  const label = sessionStorage.getItem(FOCUS) ?? "";
  sessionStorage.removeItem(FOCUS);
  const dcn = label.split(" ").at(-1);
  const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-priority]")]);
  const own = buttons.filter((button) => dcn && button.dataset.dcn === dcn);
  (own.find((button) => button.getAttribute("aria-label") === label) ?? own[0])?.focus();
}

reopen?.addEventListener("click", () => void takeBack());
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-priority]") : null;
  if (!(button instanceof HTMLElement)) return;
  void prioritise(button.dataset.dcn ?? "", button.dataset.priority ?? "");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.repeat && next && document.activeElement === document.body) next.submit();
  if (event.key === "/" && document.activeElement === document.body) {
    event.preventDefault();
    document.getElementById("find")?.focus();
  }
  if (event.altKey && event.code === "KeyU" && reopen) {
    event.preventDefault();
    void takeBack();
  }
});
// a window that is locked looks who came
new BroadcastChannel(HERE).postMessage("");
tell(told() || (document.getElementById("told")?.dataset.told ?? ""));
focusAgain();
