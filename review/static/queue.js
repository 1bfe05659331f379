// @ts-check
// The queue page: Enter opens what comes next, Alt+U the last finished claim, without reaching
// for anything. The filter in force goes along from claim to claim.

sessionStorage.setItem("paperclaim.filter", window.location.search);
const next = /** @type {HTMLFormElement | null} */ (document.getElementById("next"));
const reopen = document.getElementById("reopen");

async function takeBack() {
  const response = await fetch("/reopen", {
    method: "POST", body: "{}",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": reopen?.dataset.csrf ?? "" },
  });
  const reply = await response.json();
  if (reply.next) window.location.assign(reply.next);
}

reopen?.addEventListener("click", () => void takeBack());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && next && document.activeElement === document.body) next.submit();
  if (event.altKey && event.code === "KeyU" && reopen) {
    event.preventDefault();
    void takeBack();
  }
});
