// @ts-check
/** The characters that the reader was not sure of: marked behind the text and on the snippet. */

/** @param {HTMLElement} row @returns {HTMLElement | null} */
const glyphsOf = (row) => row.querySelector(".glyphs");

/** Marks stand only behind the text that they are about. @param {HTMLElement} row */
export function fitMarks(row) {
  const glyphs = glyphsOf(row);
  const input = row.querySelector("input");
  if (glyphs && input) glyphs.hidden = input.value !== glyphs.textContent;
}

/** A long text is scrolled inside its input, and its marks with it. @param {Event} event */
export function scrollMarks(event) {
  const input = event.target;
  const glyphs = input instanceof HTMLInputElement && glyphsOf(/** @type {HTMLElement} */ (input.closest(".row") ?? input));
  if (glyphs) glyphs.scrollLeft = input.scrollLeft;
}

/**
 * Where in its ink the characters stand, as shares of it from the left: forms are printed in
 * faces of one width, so about here. @param {HTMLElement} row @returns {number[][]}
 */
export function markedShares(row) {
  const glyphs = glyphsOf(row);
  if (!glyphs) return [];
  const length = [...(glyphs.textContent ?? "")].length;
  const shares = [];
  let at = 0;
  for (const part of /** @type {HTMLElement} */ (glyphs.firstElementChild).childNodes) {
    const end = at + [...(part.textContent ?? "")].length;
    if (part instanceof HTMLElement) shares.push([at / length, end / length]);
    at = end;
  }
  return shares;
}
