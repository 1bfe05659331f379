// @ts-check
// The group screen: a tile's key picks it out or takes it back, Enter confirms the others.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("group"));
const tiles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".tile")]);
let sending = false;
/** tiles that were in sight as a whole: the screen may be too small for all of them @type {Set<Element>} */
const seen = new Set();
const sight = new IntersectionObserver((all) => {
  for (const one of all) if (one.isIntersecting) seen.add(one.target);
}, { threshold: 0.98, rootMargin: "0px 0px -44px 0px" }); // what the button below covers is not seen
for (const tile of tiles) sight.observe(tile);

/** @param {string} text */
function tell(text) {
  /** @type {HTMLElement} */ (document.getElementById("told")).textContent = text;
}

/** Whether somebody could look at each of them; else the first that nobody could comes into sight. */
function looked() {
  const pending = tiles.filter((tile) => !(/** @type {HTMLImageElement} */ (tile.querySelector("img"))?.naturalWidth));
  const hidden = tiles.find((tile) => !seen.has(tile));
  if (pending.length) tell(`${pending.length} images are not here yet. Nothing was confirmed.`);
  else if (hidden) {
    hidden.scrollIntoView({ block: "start" });
    tell("There were more below. Nothing was confirmed: look at them first.");
  }
  return !pending.length && !hidden;
}

/** @param {HTMLElement} tile */
function toggle(tile) {
  tile.setAttribute("aria-pressed", String(tile.getAttribute("aria-pressed") !== "true"));
}

async function settle() {
  if (!form || sending || !looked()) return;
  sending = true;
  /** @param {boolean} wrong */
  const those = (wrong) => JSON.stringify(
    tiles.filter((tile) => (tile.getAttribute("aria-pressed") === "true") === wrong).map((tile) => [tile.dataset.dcn, tile.dataset.field]),
  );
  tell("Saving…");
  const response = await fetch("/groups", {
    method: "POST", body: JSON.stringify({ right: those(false), wrong: those(true) }),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.dataset.csrf ?? "" },
  }).catch(() => null);
  if (response?.ok) return window.location.reload();
  tell(response ? ((await response.json()).detail ?? "It did not work.") : "Not reached. Try again.");
  sending = false;
}

for (const tile of tiles) tile.addEventListener("click", () => toggle(tile));
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void settle();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  // on its way elsewhere: it confirms nothing here
  if (event.target instanceof Element && event.target.closest("a, .account")) return;
  const tile = tiles.find((each) => each.dataset.key === event.key.toLowerCase());
  if (tile) void (event.repeat || toggle(tile));
  // a key that is held down confirms no doubts that nobody has looked at
  else if (event.key === "Enter") void (event.repeat || settle());
  else return;
  event.preventDefault();
});
document.documentElement.dataset.ready = "1";
