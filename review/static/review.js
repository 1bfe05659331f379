// @ts-check
/** The claim page: starts the desk for the claim that is shown, and hands keys and clicks to it. */

import { Ahead, lay } from "./ahead.js";
import { Desk } from "./desk.js";
import { listenForKeys, showKeys } from "./keys.js";
import { lockWhenIdle } from "./lock.js";
import { scrollMarks } from "./marks.js";
import { pixels, unpack } from "./pictures.js";
import { go, showSaved } from "./saver.js";

/** milliseconds between two looks whether another claim would be next by now */
const LOOK_AHEAD = 30000;
const OURS = Promise.resolve(true);

const ahead = new Ahead();
/** @type {Desk | null} */
let desk = null;
/** a claim is finished that the server has not taken yet */
let leaving = false;

/** @param {Promise<boolean>} ours whether the claim is this person's, as soon as that is known */
function start(ours) {
  const made = new Desk(finish, ours);
  desk = made;
  showKeys();
  const ready = () => void (desk === made && (document.documentElement.dataset.ready = made.dcn));
  const image = /** @type {HTMLImageElement | null} */ (document.querySelector(".sheet img"));
  if (!image || pixels(image)) ready();
  // after the images of this one: they come first
  void (image ? unpack(image) : OURS).catch(() => undefined).then(ready).then(() => ours).then(lookAhead);
  return made;
}

async function lookAhead() {
  const made = desk;
  if (!made || made.locked || leaving || document.hidden) return;
  const still = () => desk === made && !leaving;
  await ahead.fetch(`/claims/${made.dcn}`, still);
  if (!still() && !ahead.busy) await lookAhead();
}

/**
 * Finish a claim. The one after it, where it was fetched, is on the desk at once and can be worked
 * on; what is said there goes out when the server has taken the first and given us the second. Is
 * the first refused, it comes back; what was typed in the second by then is kept as a draft.
 * @param {Desk} made
 */
async function finish(made) {
  const next = ahead.next;
  leaving = true;
  const sent = made.saver.finish(next, made.keys, made.unasked.told);
  const before = ahead.take();
  const over = before && start(sent.then((reply) => Boolean(reply.laid)));
  made.away = Boolean(before);
  const reply = await sent;
  leaving = false;
  // the one before it came back: that is on the desk, and this one is nobody's
  if (!(await made.saver.ours)) return over?.end();
  if (reply.next) made.end();
  if (next && reply.laid && over) {
    showSaved();
    // only now: it takes the browser longer than to lay the claim out
    window.history.pushState(null, "", next.url);
    return void lookAhead();
  }
  over?.end();
  await over?.saver.running; // what was typed there is kept first
  if (reply.next) return go(reply.next, reply.told);
  if (before) lay(before);
  desk = made;
  document.documentElement.dataset.ready = made.dcn;
  made.stay(reply);
  void lookAhead();
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (desk?.pressed(event)) event.preventDefault();
});
document.addEventListener("click", (event) => desk?.clicked(event));
document.addEventListener("input", (event) => desk?.typed(event));
document.addEventListener("focusin", (event) => desk?.focused(event));
document.addEventListener("scroll", scrollMarks, true);
document.addEventListener("submit", (event) => desk?.submitted(event));
window.addEventListener("pagehide", () => desk?.flushDraft());
window.addEventListener("beforeunload", (event) => {
  if (leaving || desk?.saver.queue.length) event.preventDefault();
});
window.addEventListener("popstate", () => window.location.reload());
window.setInterval(() => void lookAhead(), LOOK_AHEAD);
listenForKeys();
lockWhenIdle();
start(OURS);
