// @ts-check
/** What stands in a row of the claim page, one row a field. */

/** @type {(id: string) => HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** how a field stands, in words, as the server has them @type {Record<string, string>} */
export const SIGNS = JSON.parse(byId("rows")?.dataset.signs ?? "{}");
/** @param {HTMLElement} row @returns {HTMLInputElement | HTMLSelectElement} */
export const inputOf = (row) => /** @type {HTMLInputElement} */ (row.querySelector("input, select"));
/** @param {HTMLElement} row */
export const idOf = (row) => row.dataset.field ?? "";
/** @param {string} id */
export const rowOf = (id) => document.getElementById(`row-${id}`);
/** @param {HTMLElement} row */
export const boxOf = (row) => (row.dataset.box ? row.dataset.box.split(" ").map(Number) : null);
/** @param {EventTarget | null} target @returns {HTMLElement | null} */
export const rowAt = (target) => (target instanceof Element ? target.closest(".row") : null);

/** @param {string} text */
export function span(text) {
  return Object.assign(document.createElement("span"), { textContent: text });
}

/** Claims are printed in capitals. The cursor stays where it is. @param {HTMLInputElement} input */
export function upper(input) {
  const capitals = input.value.toUpperCase();
  if (capitals === input.value || capitals.length !== input.value.length) return;
  const at = input.selectionStart;
  input.value = capitals;
  input.setSelectionRange(at, at);
}

/** Whether a question mark is no part of what is typed. @param {HTMLElement | null} row */
export function untouched(row) {
  const input = row && inputOf(row);
  return !(input instanceof HTMLInputElement) || input.value === row?.dataset.start;
}

/** @param {string} text @returns {string} as it is entered */
const entered = (text) => text.trim().replace(/\s+/g, " ");

/**
 * Something else is typed in a field that nobody has to look at: it counts only when it is confirmed,
 * so somebody has to. As it was again, nobody has.
 * @param {HTMLElement} row
 */
export function typing(row) {
  const mine = entered(inputOf(row).value) !== entered(row.dataset.start ?? "");
  if (mine === row.classList.contains("typing")) return void (mine && row.classList.add("needed"));
  if (mine && row.classList.contains("needed")) return;
  row.classList.toggle("typing", mine);
  row.classList.toggle("needed", mine);
  inputOf(row).tabIndex = mine ? 0 : -1;
}

/** Where a field is shown. @param {HTMLElement} row @param {string} page @param {number[] | null} box @returns {boolean} whether that is another place */
export function movedTo(row, page, box) {
  const at = box?.join(" ");
  if (row.dataset.page === page && row.dataset.box === at) return false;
  row.dataset.page = page;
  if (at) row.dataset.box = at;
  else delete row.dataset.box;
  return true;
}

/** How a field stands, as the server told. @param {HTMLElement} row @param {{state: string, needed: boolean, typed: boolean, start: string, by: string | null}} field @param {boolean} unsaved */
export function stands(row, field, unsaved) {
  row.classList.remove(...Object.keys(SIGNS));
  row.classList.add(field.state);
  row.classList.toggle("needed", field.needed);
  row.classList.toggle("said", Boolean(field.by));
  row.classList.toggle("unsaved", unsaved);
  row.classList.toggle("typing", field.typed);
  row.dataset.start = field.start;
  const sign = row.querySelector(".sign");
  sign?.setAttribute("aria-label", SIGNS[field.state]);
  sign?.setAttribute("title", SIGNS[field.state]);
  inputOf(row).tabIndex = field.needed ? 0 : -1;
}
