// @ts-check
// Asking the provider: the words are kept as they are typed, the preview follows them.

const form = /** @type {HTMLFormElement} */ (document.getElementById("letter"));
const preview = /** @type {HTMLImageElement} */ (document.getElementById("preview"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const claim = `/claims/${form.dataset.dcn}`;
let timer = 0;
let round = 0;

/** @param {string} path */
async function post(path) {
  window.clearTimeout(timer);
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  const response = await fetch(`${claim}/letter${path}`, {
    method: "POST", body,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.dataset.csrf ?? "" },
  });
  const reply = await response.json();
  problem.hidden = response.ok;
  problem.textContent = reply.detail ?? "";
  return response.ok ? reply : null;
}

async function show() {
  const reply = await post("");
  if (!reply) return;
  round += 1;
  preview.src = `${claim}/letter/pages/1?${round}`;
}

/** @param {string} act */
async function act(act) {
  if (act === "edit") return show();
  const reply = await post(`/${act}`);
  if (reply?.next) window.location.assign(reply.next);
}

form.addEventListener("input", () => {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void show(), 700);
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-act]")) : null;
  if (button?.dataset.act) void act(button.dataset.act);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) void act("send");
  else if (event.altKey && event.code === "KeyP") void act("edit");
  else if (event.altKey && event.code === "KeyW") void act("withdraw");
  else if (event.altKey && event.code === "KeyQ") window.location.assign(claim);
  else return;
  event.preventDefault();
});
document.documentElement.dataset.ready = "1";
