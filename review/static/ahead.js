// @ts-check
/**
 * The claim after this one, fetched and its image decoded while this one is worked on, so that it
 * is there at once. It is nobody's until the server says that it is ours.
 */

import { unpack } from "./pictures.js";
import { filter } from "./saver.js";

/** @typedef {{url: string, dcn: string, version: string}} Next */

export class Ahead {
  constructor() {
    /** @type {Next | null} what is fetched */
    this.next = null;
    /** @type {HTMLElement | null} */
    this.body = null;
    this.title = "";
    this.busy = false;
  }

  /**
   * Fetch what would be next, unless that is here as it is now.
   * @param {string} here its address @param {() => boolean} still whether that claim is still on the desk
   */
  async fetch(here, still) {
    if (this.busy) return;
    this.busy = true;
    try {
      const asked = new URLSearchParams(JSON.parse(filter()));
      const found = /** @type {Next} */ (await (await fetch(`${here}/ahead?${asked}`)).json());
      if (found.url && found.url === this.next?.url && found.version === this.next.version) return;
      this.drop();
      if (!found.url) return;
      const response = await fetch(found.url, { headers: { "X-Paperclaim-Ahead": "1" } });
      if (!response.ok || response.redirected) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const desk = /** @type {HTMLElement | null} */ (page.getElementById("desk"));
      if (!desk || desk.dataset.locked) return;
      const body = document.adoptNode(page.body);
      const image = /** @type {HTMLImageElement | null} */ (body.querySelector(".sheet img"));
      if (image) await unpack(image);
      if (!still()) return; // it may be the one that is on the desk by now
      this.next = { url: found.url, dcn: desk.dataset.dcn ?? "", version: desk.dataset.version ?? "" };
      this.body = body;
      this.title = page.title;
      document.documentElement.dataset.ahead = this.next.dcn;
    } catch {
      // it only would have been quicker
    } finally {
      this.busy = false;
    }
  }

  drop() {
    this.next = null;
    this.body = null;
    delete document.documentElement.dataset.ahead;
  }

  /** Lay the claim on the desk; what can be put back in its place. The address is still the old one. */
  take() {
    if (!this.body || !this.next) return null;
    const before = { body: document.body, title: document.title };
    lay({ body: this.body, title: this.title });
    this.drop();
    return before;
  }
}

/** Lay a claim on the desk, or back on it. @param {{body: HTMLElement, title: string}} page */
export function lay(page) {
  document.body.replaceWith(page.body);
  document.title = page.title;
}
