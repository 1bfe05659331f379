// @ts-check
/** The dialog that asks why a claim is put aside, given on, or a field let pass. */

import { byId } from "./rows.js";

/** what a dialog asks for, and what the server's path for it is @type {Record<string, string>} */
export const ASKS = {
  override: "Override: let this field pass", postpone: "Postpone this claim",
  escalate: "Escalate this claim to a lead", priority: "Priority of this claim", return: "Return this claim to its sender",
};

/** @param {string} what */
export function openAsk(what) {
  byId("ask-title").textContent = ASKS[what];
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#ask [data-for]"))) {
    part.hidden = !(part.dataset.for ?? "").split(" ").includes(what);
  }
  byId("ask-problem").hidden = true;
  const reason = /** @type {HTMLInputElement} */ (byId("ask-reason"));
  const code = /** @type {HTMLSelectElement} */ (byId("ask-code"));
  code.value = "";
  code.required = what === "return";
  reason.value = "";
  reason.required = !["return", "priority"].includes(what);
  /** @type {HTMLDetailsElement | null} */ (document.getElementById("menu"))?.removeAttribute("open");
  /** @type {HTMLDialogElement} */ (byId("ask")).showModal();
  if (what === "return") return code.focus(); // nothing is chosen for anybody
  (what === "priority" ? /** @type {HTMLInputElement} */ (byId("ask-priority")) : reason).select();
}

export function closeAsk() {
  /** @type {HTMLDialogElement} */ (byId("ask")).close();
}

/** It stays open, and says why it did not work. @param {string} why */
export function refused(why) {
  byId("ask-problem").hidden = false;
  byId("ask-problem").textContent = why;
}

/** @param {number} priority none where it is 0 */
export function showPriority(priority) {
  const flag = byId("priority");
  flag.textContent = `priority ${priority}`;
  flag.hidden = !priority;
}
