// @ts-check
/** The server side of the page: saves in order, one at a time, again and again until it worked. */

/** @typedef {import("./review.js").Reply} Reply */
/** @typedef {{field: string, action: string, text: string}} Save */

/** milliseconds before another try, doubled up to the last */
const AGAIN = [500, 1000, 2000, 5000];

export class Saver {
  /**
   * @param {HTMLElement} desk @param {(reply: Reply) => void} onReply
   * @param {(text: string, bad: boolean) => void} onState
   */
  constructor(desk, onReply, onState) {
    this.url = `/claims/${desk.dataset.dcn}`;
    this.csrf = desk.dataset.csrf ?? "";
    this.idle = Number(desk.dataset.idle) * 1000;
    this.onReply = onReply;
    this.onState = onState;
    /** @type {Save[]} */
    this.queue = [];
    this.tries = 0;
    /** @type {Promise<void> | null} */
    this.running = null;
    /** @type {(() => void) | null} resolves when the page was unlocked */
    this.unlocked = null;
    this.lock = () => {};
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.length) event.preventDefault();
    });
  }

  /** @param {string} field @param {string} action @param {string} text */
  answer(field, action, text) {
    this.push({ field, action, text });
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
    while (this.queue.length) {
      const save = this.queue[0];
      const body = JSON.stringify({ action: save.action, text: save.text });
      const reply = await this.send(`${this.url}/fields/${encodeURIComponent(save.field)}`, body);
      if (reply === null) continue;
      this.queue.shift();
      if (reply.fields && !this.queue.length) this.onReply(/** @type {Reply} */ (reply));
    }
    this.onState("Saved", false);
  }

  /** Send the claim on; where to go next, or null. @returns {Promise<string | null>} */
  async finish() {
    await this.running;
    for (;;) {
      const reply = await this.send(`${this.url}/finish`, "{}");
      if (reply === null) continue;
      if (typeof reply.next === "string") return reply.next;
      if (reply.fields) this.onReply(/** @type {Reply} */ (reply));
      return null;
    }
  }

  /**
   * Post once. Null: it did not work, wait is over, try again.
   * @param {string} url @param {string} body @returns {Promise<Record<string, any> | null>}
   */
  async send(url, body) {
    this.onState("Saving…", false);
    try {
      const response = await fetch(url, {
        method: "POST", body, keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf },
      });
      if (response.status === 401) {
        await this.waitForUnlock();
        return null;
      }
      const reply = await response.json();
      if (response.ok) {
        this.tries = 0;
        return reply;
      }
      if (response.status < 500) {
        // refused: saying it again would not help
        this.onState(reply.detail ?? "Refused", true);
        return reply;
      }
    } catch {
      // no connection: fall through and try again
    }
    this.onState("Not saved, trying again…", true);
    const wait = AGAIN[Math.min(this.tries++, AGAIN.length - 1)];
    await new Promise((resolve) => window.setTimeout(resolve, wait));
    return null;
  }

  waitForUnlock() {
    this.lock();
    return new Promise((resolve) => {
      this.unlocked = () => resolve(undefined);
    });
  }

  /** Cover the page when nobody is there. @param {HTMLElement} dialog @param {HTMLElement} form */
  lockWhenIdle(dialog, form) {
    const box = /** @type {HTMLDialogElement} */ (dialog);
    let timer = 0;
    const restart = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void this.lockNow(), this.idle);
    };
    this.lock = () => {
      document.body.classList.add("locked");
      if (!box.open) box.showModal();
    };
    for (const name of ["keydown", "pointerdown", "wheel"]) window.addEventListener(name, restart, { passive: true });
    box.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.unlock(box, form);
    });
    restart();
  }

  async lockNow() {
    this.lock();
    await fetch("/lock", { method: "POST", headers: { "X-CSRF-Token": this.csrf } }).catch(() => undefined);
  }

  /** @param {HTMLDialogElement} box @param {HTMLElement} form */
  async unlock(box, form) {
    const field = /** @type {HTMLInputElement} */ (form.querySelector("input[type=password]"));
    const problem = /** @type {HTMLElement} */ (form.querySelector(".problem"));
    const response = await fetch("/unlock", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf },
      body: JSON.stringify({ password: field.value }),
    }).catch(() => null);
    field.value = "";
    if (!response?.ok) {
      problem.hidden = false;
      problem.textContent = response ? (await response.json()).detail : "No connection. Try again.";
      return;
    }
    problem.hidden = true;
    document.body.classList.remove("locked");
    box.close();
    this.unlocked?.();
    this.unlocked = null;
  }
}
