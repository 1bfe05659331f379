// @ts-check
/** The server side of the page: saves in order, one at a time, again and again until it worked. */

import { csrf, FORGED, lockAndWait } from "./lock.js";

/** @typedef {import("./desk.js").Reply} Reply */
/** @typedef {{field: string, action: string, text: string, reason?: string}} Save */

/** what is said on the next page: a control number and what became of it */
const TOLD = "paperclaim.told";
/** milliseconds before another try, doubled up to the last */
const AGAIN = [500, 1000, 2000, 5000];
const SAVING = "Saving…";
const UNSAVED = "Not saved, trying again…";
/** milliseconds between two signs of life: a claim is kept open by them */
const ALIVE = 30000;

export class Saver {
  /**
   * @param {HTMLElement} desk @param {(reply: Reply) => void} onReply
   * @param {(text: string, bad: boolean) => void} onState @param {(detail: string) => void} onLost
   * @param {Promise<boolean>} ours whether the claim is this person's: nothing is sent before
   */
  constructor(desk, onReply, onState, onLost, ours) {
    this.ours = ours;
    this.url = `/claims/${desk.dataset.dcn}`;
    this.onReply = onReply;
    this.onState = onState;
    this.onLost = onLost;
    this.lost = false;
    /** @type {Save[]} */
    this.queue = [];
    this.tries = 0;
    this.sending = false;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.alive = desk.dataset.locked ? 0 : window.setInterval(() => void this.keep(), ALIVE);
  }

  /** The page goes on to another claim. */
  end() {
    window.clearInterval(this.alive);
  }

  /** @param {string} field @param {string} action @param {string} text @param {string} [reason] */
  answer(field, action, text, reason) {
    this.push({ field, action, text, reason });
  }

  /** What is typed but not confirmed. @param {string} field @param {string} text */
  draft(field, text) {
    this.push({ field, action: "draft", text });
  }

  /** Whether something of this field is still on its way. @param {string} field */
  pending(field) {
    return this.queue.some((save) => save.field === field && save.action !== "draft");
  }

  /** @param {Save} save */
  push(save) {
    this.queue = this.queue.filter((old, n) => n === 0 || old.field !== save.field || old.action !== "draft");
    this.queue.push(save);
    this.running ??= this.drain().finally(() => (this.running = null));
  }

  async drain() {
    // what is said in the same keystroke may still join a finish
    if (!(await this.ours)) this.onlyTyped();
    let refused = "";
    while (this.queue.length) {
      const save = this.queue[0];
      this.sending = true;
      const reply = await this.send(`${this.url}/fields/${encodeURIComponent(save.field)}`, save);
      this.sending = false;
      if (reply === null) continue;
      this.queue.shift();
      if (reply.refused) refused = reply.detail ?? "Refused";
      if (reply.lost) this.keepTyped(save);
      if (reply.typed) this.onReply(/** @type {Reply} */ ({ ...reply, field: save.field }));
      else if (reply.fields && !this.queue.length) this.onReply(/** @type {Reply} */ (reply));
    }
    if (!this.lost && (await this.ours)) this.onState(refused || "Saved", Boolean(refused));
  }

  /** The claim is not ours: answers stay as what was typed. */
  onlyTyped() {
    for (const save of this.queue) if (save.action === "said") save.action = "draft";
    this.queue = this.queue.filter((save) => save.action === "draft");
  }

  /** Somebody else has the claim: an answer stays ours as what was typed. @param {Save} save */
  keepTyped(save) {
    if (save.action === "said") this.queue.unshift({ ...save, action: "draft" });
    this.onlyTyped();
  }

  /**
   * Send the claim on; what the server said: where to go `next`, or why not.
   * @param {import("./ahead.js").Next | null} next fetched already, and as it was then
   * @param {number} keys keystrokes that it took
   * @param {string} sure rules that it goes on with, as this person was told
   * @returns {Promise<Record<string, any>>}
   */
  async finish(next, keys, sure) {
    /** @type {Save[]} answers that come along rather than before */
    let saves = [];
    if (!this.sending && this.queue.every((save) => save.action !== "override")) {
      saves = this.queue.filter((save) => save.action !== "draft");
      this.queue = this.queue.filter((save) => save.action === "draft");
    }
    await this.running;
    if (!(await this.ours)) return {};
    for (;;) {
      const body = {
        saves: JSON.stringify(saves), wanted: filter(), ahead: next?.dcn ?? "", version: next?.version ?? "",
        keys: String(keys), sure,
      };
      const reply = await this.send(`${this.url}/finish`, body);
      if (reply === null) continue;
      if (reply.lost) for (const save of saves) if (save.action === "said") this.draft(save.field, save.text);
      return reply;
    }
  }

  /** Do something with the claim as a whole. @param {string} path @param {Record<string, string>} body */
  async act(path, body) {
    await this.running;
    if (!(await this.ours)) return {};
    for (;;) {
      const reply = await this.send(path.startsWith("/") ? path : `${this.url}/${path}`, body);
      if (reply !== null) return reply;
    }
  }

  async keep() {
    if (this.lost || document.body.classList.contains("locked") || !(await this.ours)) return;
    const response = await this.post(`${this.url}/lease`, {}).catch(() => null);
    if (response?.status === 409) this.lose((await response.json()).detail);
  }

  /** @param {string} detail */
  lose(detail) {
    this.lost = true;
    this.end();
    this.onLost(detail);
  }

  /** @param {string} url @param {object} body */
  post(url, body) {
    return fetch(url, {
      method: "POST", body: JSON.stringify(body), keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    });
  }

  /**
   * Post once. Null: it did not work, wait is over, try again.
   * @param {string} url @param {object} body @returns {Promise<Record<string, any> | null>}
   */
  async send(url, body) {
    if (!this.lost) this.onState(SAVING, false);
    try {
      const response = await this.post(url, body);
      if (response.status === 401) {
        await lockAndWait();
        return null;
      }
      const reply = await response.json();
      if (reply.code === FORGED) {
        // somebody signed in anew in another window: it is said again when this page is theirs
        await lockAndWait();
        return null;
      }
      if (response.ok) {
        this.tries = 0;
        return reply;
      }
      if (response.status < 500) {
        // refused: saying it again would not help
        this.onState(reply.detail ?? "Refused", true);
        if (reply.lost) this.lose(reply.detail);
        return { ...reply, refused: true };
      }
    } catch {
      // no connection: fall through and try again
    }
    this.onState(UNSAVED, true);
    const wait = AGAIN[Math.min(this.tries++, AGAIN.length - 1)];
    await new Promise((resolve) => window.setTimeout(resolve, wait));
    return null;
  }
}

/** Go somewhere; what is said there, once. @param {string} url @param {string} [told] */
export function go(url, told) {
  if (told) sessionStorage.setItem(TOLD, told);
  window.location.assign(url);
}

/** What is to be said on the page that somebody came to. */
export function told() {
  const text = sessionStorage.getItem(TOLD) ?? "";
  sessionStorage.removeItem(TOLD);
  return text;
}

/** The queue's filter, as the queue page left it. */
export function filter() {
  return JSON.stringify(Object.fromEntries(new URLSearchParams(sessionStorage.getItem("paperclaim.filter") ?? "")));
}

/**
 * A piece of a page; null where the server can't be reached. Is the session locked, it waits.
 * @param {string} url @returns {Promise<string | null>}
 */
export async function piece(url) {
  for (;;) {
    const response = await fetch(url).catch(() => null);
    if (!response?.redirected) return response?.ok ? response.text() : null;
    await lockAndWait();
  }
}

/** What was under way is done; what the page told meanwhile is not wiped away unread. */
export function showSaved() {
  const said = document.getElementById("saving")?.textContent ?? "";
  if ([SAVING, UNSAVED].includes(said)) showSaving("Saved", false);
}

/** @param {string} text @param {boolean} bad */
export function showSaving(text, bad) {
  const place = /** @type {HTMLElement} */ (document.getElementById("saving"));
  place.textContent = text;
  place.classList.toggle("bad", bad);
}
