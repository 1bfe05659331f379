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

/** @typedef {{text: string, places: number[][]}} Marked a text, and from where to where it is in doubt */

/** Which characters of a row are marked; none: no text. @param {HTMLElement} row @returns {Marked} */
export function markedOf(row) {
  const glyphs = glyphsOf(row);
  if (!glyphs) return { text: "", places: [] };
  const places = [];
  let at = 0;
  for (const part of /** @type {HTMLElement} */ (glyphs.firstElementChild).childNodes) {
    const end = at + (part.textContent ?? "").length;
    if (part instanceof HTMLElement) places.push([at, end]);
    at = end;
  }
  return { text: glyphs.textContent ?? "", places };
}

/** columns this dark hold ink; runs of less ink than this share of a usual one are dirt */
const DARK = 110;
const DIRT = 0.2;

/**
 * From where to where each character of a text stands on its snippet. Where there is a run of ink
 * for each, it is that run; else forms are printed in faces of one width, so about there.
 * @param {CanvasRenderingContext2D} pen @param {string} text @param {number[]} ink its left and right end
 * @returns {number[][]}
 */
export function glyphSpans(pen, text, [left, right]) {
  const printed = [...text].flatMap((char, n) => (char === " " ? [] : [n]));
  const runs = runsOfInk(pen, left, right);
  const step = (right - left) / text.length;
  const spans = [...text].map((_, n) => [left + n * step, left + (n + 1) * step]);
  if (runs.length !== printed.length) return spans;
  printed.forEach((n, at) => (spans[n] = runs[at]));
  for (let n = 1; n < text.length - 1; n += 1) if (text[n] === " ") spans[n] = [spans[n - 1][1], spans[n + 1][0]];
  return spans;
}

/** @param {CanvasRenderingContext2D} pen @param {number} left @param {number} right @returns {number[][]} */
function runsOfInk(pen, left, right) {
  const { width, height } = pen.canvas;
  const [top, tall] = [Math.round(0.1 * height), Math.round(0.8 * height)];
  const { data } = pen.getImageData(0, top, width, tall);
  const runs = [];
  let run = null;
  for (let x = Math.max(0, Math.floor(left)); x <= Math.min(width - 1, Math.ceil(right)); x += 1) {
    let dark = 0;
    for (let y = 0; y < tall; y += 1) if (data[4 * (y * width + x) + 1] < DARK) dark += 1;
    if (!dark) run = null;
    else if (run) [run.to, run.ink] = [x + 1, run.ink + dark];
    else runs.push((run = { from: x, to: x + 1, ink: dark }));
  }
  const usual = runs.map((each) => each.ink).sort((a, b) => a - b)[runs.length >> 1] ?? 0;
  return runs.filter((each) => each.ink > DIRT * usual).map((each) => [each.from - 1, each.to + 1]);
}
