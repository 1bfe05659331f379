// @ts-check
/** Keys by what they do. With Alt: which letter, unless this person chose another; what a kbd shows. */

/** keys that lead back to the fields from nowhere */
export const BACK = new Set(["Enter", "Tab", "ArrowDown", "ArrowUp"]);
export const MODIFIERS = new Set(["Alt", "AltGraph", "Control", "Meta", "Shift"]);
/** keys that scroll what is in focus */
export const SCROLL = new Set(["PageDown", "PageUp", "ArrowDown", "ArrowUp", "Home", "End", " "]);

/** what a letter does with Alt @type {Record<string, string>} */
const LETTERS = {
  not_present: "N", illegible: "I", override: "O", postpone: "P", escalate: "E", return: "B", ask: "A",
  close: "Q", reopen: "U", undo: "Z", history: "H", show: "F", invert: "V", contrast: "C", turn: "R", priority: "Y", "call-back": "K",
};
/** kept in this browser; nothing of a claim */
const KEPT = "paperclaim.keys";

/** @returns {Record<string, string>} */
function letters() {
  try {
    return { ...LETTERS, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return LETTERS;
  }
}

/** What a key with Alt does; empty for nothing of ours. @param {string} code of the key */
export function named(code) {
  const found = Object.entries(letters()).find(([, letter]) => code === `Key${letter}`);
  return found ? found[0] : "";
}

/** Put something on another letter; what had that one gets the old. @param {string} name @param {string} letter */
function choose(name, letter) {
  const now = letters();
  const other = Object.keys(now).find((each) => now[each] === letter);
  if (other) now[other] = now[name];
  now[name] = letter;
  localStorage.setItem(KEPT, JSON.stringify(now));
}

/** What the keys do, on a page of its own. */
export function help() {
  /** @type {HTMLDialogElement} */ (document.getElementById("help")).showModal();
}

/** Write the letters in force wherever the page names them. */
export function showKeys() {
  const now = letters();
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("kbd[data-key]"))) {
    place.textContent = `Alt ${now[place.dataset.key ?? ""]}`;
  }
}

/** In the help, a key's button takes the next letter that is pressed. */
export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    const button = document.querySelector("#help[open] [data-rekey][aria-pressed=true]");
    if (!(button instanceof HTMLElement)) return;
    const letter = /^Key([A-Z])$/.exec(event.code);
    if (!letter && event.key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (letter) choose(button.dataset.rekey ?? "", letter[1]);
    button.setAttribute("aria-pressed", "false");
    showKeys();
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-rekey]") : null;
    if (!button) return;
    for (const other of document.querySelectorAll("[data-rekey]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}
