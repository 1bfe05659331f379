// @ts-check
// The group screen: a tile's key picks it out or takes it back, Enter confirms the others.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("group"));
const tiles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".tile")]);
let sending = false;

/** @param {HTMLElement} tile */
function toggle(tile) {
  tile.setAttribute("aria-pressed", String(tile.getAttribute("aria-pressed") !== "true"));
}

async function settle() {
  if (!form || sending) return;
  sending = true;
  /** @param {boolean} wrong */
  const those = (wrong) => JSON.stringify(
    tiles.filter((tile) => (tile.getAttribute("aria-pressed") === "true") === wrong).map((tile) => [tile.dataset.dcn, tile.dataset.field]),
  );
  const response = await fetch("/groups", {
    method: "POST", body: JSON.stringify({ right: those(false), wrong: those(true) }),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.dataset.csrf ?? "" },
  });
  const told = document.getElementById("told");
  if (response.ok) window.location.reload();
  else if (told) told.textContent = (await response.json()).detail ?? "It did not work.";
  sending = false;
}

for (const tile of tiles) tile.addEventListener("click", () => toggle(tile));
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void settle();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const tile = tiles.find((each) => each.dataset.key === event.key.toLowerCase());
  if (tile) void (event.repeat || toggle(tile));
  // a key that is held down confirms no doubts that nobody has looked at
  else if (event.key === "Enter") void (event.repeat || settle());
  else return;
  event.preventDefault();
});
document.documentElement.dataset.ready = "1";
