// @ts-check
/** The provider's problems that nobody asked about, nor let pass: none is sent on unseen. */

import { showKeys } from "./keys.js";

export class Unasked {
  constructor() {
    /** rules that the claim goes on with, as this person was told */
    this.told = "";
  }

  get line() {
    return document.getElementById("unasked");
  }

  /** Whether the claim has some that this person was not told of. */
  get news() {
    return Boolean(this.line) && this.line?.dataset.rules !== this.told;
  }

  /** Tell of them. @returns {string} what is said */
  tell() {
    this.told = this.line?.dataset.rules ?? "";
    this.show();
    return (this.line?.textContent ?? "").replace(/\s+/g, " ").trim();
  }

  /** They stand there for as long as they are those that were told of. */
  show() {
    if (this.line) this.line.hidden = this.news;
    showKeys();
  }
}
