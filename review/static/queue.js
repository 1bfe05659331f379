// @ts-check
// The queue page: Enter opens the oldest claim, without reaching for anything.

document.addEventListener("keydown", (event) => {
  const next = /** @type {HTMLAnchorElement | null} */ (document.getElementById("next"));
  if (event.key === "Enter" && next && document.activeElement === document.body) next.click();
});
