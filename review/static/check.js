// @ts-check
// One field at a time: type what is printed, Enter; where that differs, look again and pick by key.

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("check"));
const seen = /** @type {HTMLInputElement} */ (document.getElementById("seen"));
const neither = /** @type {HTMLInputElement} */ (document.getElementById("neither"));
/** @type {string[] | null} */
let pair = null;
let sending = false;

/** @param {Record<string, string>} body */
async function post(body) {
  if (sending) return;
  sending = true;
  const response = await fetch("/quality/check", {
    method: "POST", body: JSON.stringify({ id: form?.dataset.id ?? "", ...body }),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form?.dataset.csrf ?? "" },
  }).catch(() => null);
  sending = false;
  const reply = response ? await response.json() : { detail: "Not reached. Try again." };
  if (reply.next) return window.location.assign(reply.next);
  const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
  problem.hidden = Boolean(response?.ok);
  problem.textContent = reply.detail ?? "";
  if (reply.pair) lookAgain(reply.pair);
}

/** @param {string[]} texts */
function lookAgain(texts) {
  pair = texts;
  /** @type {HTMLElement} */ (document.getElementById("first")).hidden = true;
  /** @type {HTMLElement} */ (document.getElementById("second")).hidden = false;
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-pick]"));
  buttons.forEach((button, n) => (button.textContent = `${n + 1}: ${texts[n] || "nothing"}`));
  buttons[0].focus();
}

/** @param {number} n */
function pick(n) {
  if (pair) void post({ act: "decide", text: pair[n] });
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (pair) void post({ act: "decide", text: neither.value });
  else void post({ action: "said", text: seen.value });
});
document.getElementById("unmask")?.addEventListener("click", async () => {
  const { csrf, dcn } = /** @type {HTMLElement} */ (document.getElementById("ask")).dataset;
  const response = await fetch(`/claims/${dcn}/unmask`, {
    method: "POST", body: "{}", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" },
  });
  if (response.ok) window.location.reload();
});
document.getElementById("nothing")?.addEventListener("click", () => void post({ action: "not_present", text: "" }));
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("[data-pick]")) : null;
  if (button) pick(Number(button.dataset.pick));
});
document.addEventListener("keydown", (event) => {
  if (!form) return;
  if (event.repeat && (event.key === "Enter" || event.altKey)) return event.preventDefault(); // held down: no second word
  if (event.altKey && event.code === "KeyN" && !pair) void post({ action: "not_present", text: "" });
  else if (pair && document.activeElement !== neither && (event.key === "1" || event.key === "2")) pick(Number(event.key) - 1);
  else if (pair && document.activeElement !== neither && event.key === "3") neither.focus();
  else return;
  event.preventDefault();
});
document.documentElement.dataset.ready = "1";
