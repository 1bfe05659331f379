// @ts-check
/** What stands in a row of the claim page, one row a field. */

/** @type {(id: string) => HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
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
