// @ts-check
/** The claim page: starts the desk for the claim that is shown, and hands keys and clicks to it. */

import { Ahead } from "./ahead.js";
import { Desk } from "./desk.js";
import { lockWhenIdle } from "./saver.js";

const ahead = new Ahead();
/** @type {Desk | null} */
let desk = null;

function start() {
  const made = new Desk(go);
  desk = made;
  document.documentElement.dataset.ready = made.dcn;
  // after the images of this one: they come first
  const image = /** @type {HTMLImageElement | null} */ (document.querySelector(".sheet img"));
  void (image?.decode() ?? Promise.resolve()).catch(() => undefined).then(() => {
    if (!made.locked) void ahead.fetch(window.location.pathname);
  });
}

/** @param {string} url */
function go(url) {
  desk?.end();
  desk = null;
  if (ahead.take(url)) start();
  else window.location.assign(url);
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (desk?.pressed(event)) event.preventDefault();
});
document.addEventListener("click", (event) => desk?.clicked(event));
document.addEventListener("input", (event) => desk?.typed(event));
document.addEventListener("focusin", (event) => desk?.focused(event));
document.addEventListener("submit", (event) => desk?.submitted(event));
window.addEventListener("pagehide", () => desk?.flushDraft());
window.addEventListener("beforeunload", (event) => {
  if (desk?.saver.queue.length) event.preventDefault();
});
window.addEventListener("popstate", () => window.location.reload());
lockWhenIdle();
start();
