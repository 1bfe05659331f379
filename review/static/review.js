// @ts-check
/**
 * The claim page: moves through the fields by key, shows each on the image, saves at once.
 *
 * The server is the record: every answer and every draft goes there in order, one at a time, and
 * its reply says how all fields stand now. What can't be sent is kept and sent again.
 */

import { Viewer } from "./viewer.js";
import { Saver } from "./saver.js";

/** @typedef {{state: string, needed: boolean, text: string, why: string[], by: string | null}} FieldState */
/** @typedef {{fields: Record<string, FieldState>, findings: string, remaining: number}} Reply */

const byId = /** @type {(id: string) => HTMLElement} */ (
  (id) => /** @type {HTMLElement} */ (document.getElementById(id))
);
const desk = byId("desk");
const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".row")]);
const viewer = new Viewer(byId("window"), drawSnippets);
const saver = new Saver(desk, showReply, showSaving);
const SIGNS = /** @type {Record<string, string>} */ ({
  accepted: "read, accepted", confirmed: "confirmed", doubt: "in doubt", failed: "a rule fails",
  missing: "missing", illegible: "illegible", empty: "nothing printed",
});
/** milliseconds of rest before what is typed goes to the server */
const DRAFT_AFTER = 150;
/** @type {HTMLElement | null} */
let here = null;
/** fields answered in this visit, the last one at the end @type {string[]} */
const answered = [];
let draftTimer = 0;

/** @param {HTMLElement} row @returns {HTMLInputElement | HTMLSelectElement} */
const inputOf = (row) => /** @type {HTMLInputElement} */ (row.querySelector("input, select"));
/** @param {HTMLElement} row */
const idOf = (row) => row.dataset.field ?? "";
/** @param {string} id */
const rowOf = (id) => document.getElementById(`row-${id}`);
/** @param {HTMLElement} row */
const boxOf = (row) => (row.dataset.box ? row.dataset.box.split(" ").map(Number) : null);
const needed = () => rows.filter((row) => row.classList.contains("needed"));

// ── focus ──────────────────────────────────────────────────────────────────────────────────

/** @param {HTMLElement} row */
function settle(row) {
  if (here === row) return;
  if (here) leave(here);
  here = row;
  row.classList.add("here");
  drawSnippet(row);
  const box = boxOf(row);
  viewer.show(Number(row.dataset.page), box, relatedBoxes(idOf(row)));
  row.scrollIntoView({ block: "nearest" });
  const left = needed();
  const place = left.indexOf(row);
  const label = row.querySelector("label")?.textContent ?? "";
  const why = [...row.querySelectorAll(".why span")].map((span) => span.textContent).join(", ");
  byId("live").textContent =
    (place >= 0 ? `${place + 1} of ${left.length} to check: ` : "") + `${label}. ${why}`;
}

/** @param {HTMLElement} row */
function leave(row) {
  row.classList.remove("here");
  flushDraft();
}

/** Boxes of the other fields that the same rules weigh. @param {string} id */
function relatedBoxes(id) {
  const boxes = [];
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#findings li"))) {
    const fields = (item.dataset.fields ?? "").split(" ");
    const lit = fields.includes(id);
    item.classList.toggle("lit", lit);
    if (!lit) continue;
    for (const other of fields) {
      const row = other === id ? null : rowOf(other);
      const box = row && boxOf(row);
      if (row && box) boxes.push({ page: Number(row.dataset.page), box });
    }
  }
  return boxes;
}

/** @param {HTMLElement | undefined} row */
function goTo(row) {
  if (!row) return byId("finish").focus();
  settle(row);
  const input = inputOf(row);
  input.focus({ preventScroll: true });
  if (input instanceof HTMLInputElement) input.select();
}

/** The next field in doubt after `row`, round the end; undefined when none is left. @param {HTMLElement} row */
function nextNeeded(row) {
  const at = rows.indexOf(row);
  return [...rows.slice(at + 1), ...rows.slice(0, at)].find((r) => r.classList.contains("needed"));
}

/** @param {HTMLElement} row @param {number} step */
function neighbour(row, step) {
  for (let at = rows.indexOf(row) + step; at >= 0 && at < rows.length; at += step) {
    if (rows[at].offsetParent) return rows[at];
  }
  return undefined;
}

// ── answers ────────────────────────────────────────────────────────────────────────────────

/**
 * Send an answer and go on; the page does not wait for the server.
 * @param {HTMLElement} row @param {"said" | "not_present" | "illegible"} action
 */
function answer(row, action) {
  const input = inputOf(row);
  window.clearTimeout(draftTimer);
  delete row.dataset.draft;
  if (action !== "said") input.value = "";
  const gone = action === "said" && input.value.trim() === "";
  row.classList.remove("needed", "doubt", "missing", "failed", "accepted", "empty");
  row.classList.add("answered", action === "illegible" ? "illegible" : "confirmed", "unsaved");
  answered.push(idOf(row));
  saver.answer(idOf(row), gone ? "not_present" : action, input.value);
  count();
}

/** @param {HTMLElement} row */
function confirmAndGo(row) {
  const changed = inputOf(row).value !== row.dataset.start;
  if (row.classList.contains("needed") || changed) answer(row, "said");
  goTo(nextNeeded(row));
}

/** @param {HTMLElement} row @param {number} number */
function take(row, number) {
  const button = /** @type {HTMLElement | undefined} */ (row.querySelectorAll("[data-take]")[number - 1]);
  if (!button) return;
  inputOf(row).value = button.dataset.take ?? "";
  confirmAndGo(row);
}

function undo() {
  const id = answered.pop();
  const row = id && rowOf(id);
  if (!id || !row) return;
  saver.answer(id, "withdrawn", "");
  row.dataset.restore = "1";
  goTo(row);
}

function flushDraft() {
  window.clearTimeout(draftTimer);
  for (const row of rows) {
    if (row.dataset.draft === undefined) continue;
    saver.draft(idOf(row), row.dataset.draft);
    delete row.dataset.draft;
  }
}

async function finish() {
  flushDraft();
  const left = needed();
  if (left.length) {
    byId("live").textContent = `${left.length} still to check.`;
    return goTo(left[0]);
  }
  const next = await saver.finish();
  if (next) window.location.assign(next);
}

// ── what the server says ───────────────────────────────────────────────────────────────────

/** @param {Reply} reply */
function showReply(reply) {
  for (const [id, field] of Object.entries(reply.fields)) {
    const row = rowOf(id);
    if (!row) continue;
    const wasNeeded = row.classList.contains("needed");
    row.classList.remove(...Object.keys(SIGNS), "needed", "unsaved");
    row.classList.add(field.state);
    row.classList.toggle("needed", field.needed);
    row.classList.toggle("unsaved", saver.pending(id));
    row.dataset.start = field.text;
    const sign = row.querySelector(".sign");
    sign?.setAttribute("aria-label", SIGNS[field.state]);
    sign?.setAttribute("title", SIGNS[field.state]);
    const input = inputOf(row);
    input.tabIndex = field.needed ? 0 : -1;
    if (row.dataset.restore || (row !== here && row.dataset.draft === undefined)) {
      input.value = field.text;
      delete row.dataset.restore;
    }
    const why = row.querySelector(".why");
    const texts = field.by ? [...field.why, field.by] : field.why;
    why?.replaceChildren(...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    if (field.needed && !wasNeeded) drawSnippet(row);
  }
  byId("findings").innerHTML = reply.findings; // our own template, escaped by it
  count();
}

function count() {
  byId("count-needed").textContent = String(needed().length);
  byId("finish").classList.toggle("ready", needed().length === 0);
}

/** @param {string} text @param {boolean} bad */
function showSaving(text, bad) {
  const place = byId("saving");
  place.textContent = text;
  place.classList.toggle("bad", bad);
}

// ── snippets ───────────────────────────────────────────────────────────────────────────────

function drawSnippets() {
  for (const row of needed()) drawSnippet(row);
  if (here) drawSnippet(here);
}

/** @param {HTMLElement} row */
function drawSnippet(row) {
  const canvas = /** @type {HTMLCanvasElement} */ (row.querySelector("canvas"));
  viewer.snippet(canvas, Number(row.dataset.page), boxOf(row), row.clientWidth - 24);
}

// ── keys ───────────────────────────────────────────────────────────────────────────────────

const SHOW = ["needed", "printed", "all"];

/** @param {string} which */
function show(which) {
  const list = byId("rows");
  list.classList.toggle("show-needed", which === "needed");
  list.classList.toggle("show-all", which === "all");
  list.dataset.showing = which;
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-show]"))) {
    tab.setAttribute("aria-pressed", String(tab.dataset.show === which));
  }
  here?.scrollIntoView({ block: "nearest" });
}

/** Keys with Alt, the same anywhere on the page. @type {Record<string, () => void>} */
const ALT = {
  KeyN: () => here && (answer(here, "not_present"), goTo(nextNeeded(here))),
  KeyI: () => here && (answer(here, "illegible"), goTo(nextNeeded(here))),
  KeyZ: undo,
  KeyF: () => show(SHOW[(SHOW.indexOf(byId("rows").dataset.showing ?? "printed") + 1) % SHOW.length]),
  KeyV: () => viewer.invert(),
  KeyQ: () => window.location.assign("/"),
  Equal: () => viewer.zoom(1.25),
  NumpadAdd: () => viewer.zoom(1.25),
  Minus: () => viewer.zoom(0.8),
  NumpadSubtract: () => viewer.zoom(0.8),
  Digit0: () => viewer.whole(),
  ArrowLeft: () => viewer.move(90, 0),
  ArrowRight: () => viewer.move(-90, 0),
  ArrowUp: () => viewer.move(0, 90),
  ArrowDown: () => viewer.move(0, -90),
};

/** @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
function pressed(event) {
  const row = here && here.contains(document.activeElement) ? here : null;
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const figure = /^Digit([1-9])$/.exec(event.code);
    if (figure && row) return take(row, Number(figure[1])), true;
    const act = ALT[event.code];
    return act ? (act(), true) : false;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (row && row.classList.contains("needed")) confirmAndGo(row);
    return void finish(), true;
  }
  if (event.ctrlKey || event.metaKey) return false;
  if (event.key === "F1") return /** @type {HTMLDialogElement} */ (byId("help")).showModal(), true;
  if (event.key === "?" && !row) return /** @type {HTMLDialogElement} */ (byId("help")).showModal(), true;
  if (event.key === "PageDown" || event.key === "PageUp") return viewer.turn(event.key === "PageDown" ? 1 : -1), true;
  if (!row || !(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return false;
  return pressedInField(event, row);
}

/** @param {KeyboardEvent} event @param {HTMLElement} row */
function pressedInField(event, row) {
  const input = inputOf(row);
  switch (event.key) {
    case "Enter":
      return confirmAndGo(row), true;
    case "Tab": {
      if (event.shiftKey) {
        const before = rows.slice(0, rows.indexOf(row)).reverse();
        const back = before.find((r) => r.classList.contains("needed") || r.classList.contains("answered"));
        return back ? (goTo(back), true) : false;
      }
      const wasLast = !nextNeeded(row);
      confirmAndGo(row);
      return !wasLast || document.activeElement === byId("finish");
    }
    case "ArrowDown":
    case "ArrowUp": {
      if (input instanceof HTMLSelectElement) return false;
      const next = neighbour(row, event.key === "ArrowDown" ? 1 : -1);
      return next ? (goTo(next), true) : true;
    }
    case "Escape":
      if (input.value !== row.dataset.start) {
        input.value = row.dataset.start ?? "";
        row.dataset.draft = input.value;
        flushDraft();
      } else input.blur();
      return true;
    default:
      return false;
  }
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (pressed(event)) event.preventDefault();
});

// ── wiring ─────────────────────────────────────────────────────────────────────────────────

for (const row of rows) {
  const input = inputOf(row);
  row.dataset.start = input.value;
  input.addEventListener("focus", () => settle(row));
  input.addEventListener("input", () => {
    row.dataset.draft = input.value;
    window.clearTimeout(draftTimer);
    draftTimer = window.setTimeout(flushDraft, DRAFT_AFTER);
  });
  row.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.take !== undefined) {
      input.value = button.dataset.take;
      confirmAndGo(row);
    } else if (button?.dataset.action) {
      answer(row, /** @type {"not_present" | "illegible"} */ (button.dataset.action));
      goTo(nextNeeded(row));
    }
  });
}
for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-show]"))) {
  tab.addEventListener("click", () => show(tab.dataset.show ?? "printed"));
}
byId("finish").addEventListener("click", () => void finish());
byId("help-button").addEventListener("click", () => /** @type {HTMLDialogElement} */ (byId("help")).showModal());
document.querySelector(".tools")?.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("button")) : null;
  if (button) viewer.tool(button);
});
window.addEventListener("pagehide", flushDraft);
saver.lockWhenIdle(byId("lock"), byId("unlock"));

count();
show("printed");
goTo(
  needed()[0] ??
    rows.find((row) => row.matches(".failed, .missing")) ??
    rows.find((row) => row.offsetParent),
);
document.documentElement.dataset.ready = "1";
