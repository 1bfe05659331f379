// @ts-check
/**
 * The claim after this one, fetched and its image decoded while this one is worked on, so that it
 * is there at once. It is nobody's until the server says that it is ours.
 */

import { filter } from "./saver.js";

export class Ahead {
  constructor() {
    this.url = "";
    /** @type {HTMLElement | null} */
    this.body = null;
    this.title = "";
  }

  /** @param {string} here address of the claim on the desk */
  async fetch(here) {
    try {
      const asked = new URLSearchParams(JSON.parse(filter()));
      const { next } = await (await fetch(`${here}/ahead?${asked}`)).json();
      if (!next || next === this.url) return;
      const response = await fetch(next, { headers: { "X-Paperclaim-Ahead": "1" } });
      if (!response.ok || response.redirected) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      this.body = document.adoptNode(page.body);
      this.title = page.title;
      this.url = next;
      const image = /** @type {HTMLImageElement | null} */ (this.body.querySelector(".sheet img"));
      await image?.decode();
    } catch {
      // it only would have been quicker
    }
  }

  /** Lay the claim on the desk, if it is the one that was fetched. @param {string} url */
  take(url) {
    if (url !== this.url || !this.body) return false;
    document.body.replaceWith(this.body);
    document.title = this.title;
    window.history.pushState(null, "", url);
    this.body = null;
    this.url = "";
    return true;
  }
}
