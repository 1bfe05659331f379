// @ts-check
// The queue page: Enter opens what comes next, Alt+U the last finished claim, without reaching
// for anything; a stroke goes to the box for a control number. The filter in force goes along from claim to claim.

sessionStorage.setItem("paperclaim.filter", window.location.search);
const next = /** @type {HTMLFormElement | null} */ (document.getElementById("next"));
const reopen = document.getElementById("reopen");

/** @param {string} url @param {object} body @returns {Promise<Record<string, string>>} */
async function post(url, body) {
  const csrf = /** @type {HTMLElement | null} */ (document.querySelector("[data-csrf]"))?.dataset.csrf ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  return (await fetch(url, { method: "POST", body: JSON.stringify(body), headers })).json();
}

async function takeBack() {
  const reply = await post("/reopen", {});
  if (reply.next) window.location.assign(reply.next);
}

reopen?.addEventListener("click", () => void takeBack());
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-priority]") : null;
  if (!(button instanceof HTMLElement)) return;
  const { dcn, priority } = button.dataset;
  void post(`/claims/${dcn}/priority`, { priority }).then(() => window.location.reload());
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && next && document.activeElement === document.body) next.submit();
  if (event.key === "/" && document.activeElement === document.body) {
    event.preventDefault();
    document.getElementById("find")?.focus();
  }
  if (event.altKey && event.code === "KeyU" && reopen) {
    event.preventDefault();
    void takeBack();
  }
});
