// @ts-check
/**
 * One claim on the desk: moves through the fields by key, shows each on the image, saves at once.
 *
 * The server is the record: every answer and every draft goes there in order, one at a time, and
 * its reply says how all fields stand now. What can't be sent is kept and sent again.
 */

import { ASKS, closeAsk, openAsk, refused, showPriority } from "./asking.js";
import { relatedBoxes, showLit } from "./findings.js";
import { BACK, help, MODIFIERS, named, SCROLL } from "./keys.js";
import { fitMarks, markedOf } from "./marks.js";
import { boxOf, byId, idOf, inputOf, movedTo, rowAt, rowOf, SIGNS, span, stands, typing, untouched, upper } from "./rows.js";
import { go, piece, Saver, showSaving } from "./saver.js";
import { Unasked } from "./unasked.js";
import { Viewer } from "./viewer.js";

/** @typedef {{state: string, needed: boolean, text: string, start: string, typed: boolean, why: string[], by: string | null, page: string, box: number[] | null}} FieldState */
/** @typedef {{fields: Record<string, FieldState>, findings: string, remaining: number, field?: string, typed?: {value: string | null, why: string[]}}} Reply */

/** milliseconds of rest before what is typed goes to the server */
const DRAFT_AFTER = 150;
/** milliseconds in which nobody has looked at a claim: a second press of what finished the one before */
const UNREAD = 400;
const SHOW = ["needed", "printed", "all"];
export class Desk {
  /**
   * @param {(desk: Desk) => Promise<void>} over what is done when this claim is finished
   * @param {Promise<boolean>} ours whether it is this person's, as soon as that is known
   */
  constructor(over, ours) {
    const root = byId("desk");
    this.over = over;
    /** another claim is on the desk; this one may have to come back */
    this.away = false;
    /** @type {Reply | null} what the server said meanwhile */
    this.missed = null;
    this.dcn = root.dataset.dcn ?? "";
    this.locked = Boolean(root.dataset.locked);
    /** @type {HTMLElement | null} */
    this.here = null;
    /** fields answered in this visit, the last one at the end @type {string[]} */
    this.answered = [];
    this.draftTimer = 0;
    /** keystrokes on this claim */
    this.keys = 0;
    this.laid = Date.now();
    /** the findings as the server last told them */
    this.findings = "";
    this.asking = "";
    /** what a dialog asked for is on its way */
    this.acting = false;
    this.unasked = new Unasked();
    this.finishing = false;
    /** @type {IntersectionObserver | null} */
    this.sight = null;
    this.rows = this.find();
    this.viewer = new Viewer(byId("window"), () => this.drawSnippets());
    this.saver = new Saver(root, (reply) => this.showReply(reply), showSaving, (detail) => this.lose(detail), ours);
    this.count();
    this.show(localStorage.getItem("paperclaim.show") ?? "printed");
    const first = this.needed()[0] ?? this.rows.find((row) => row.matches(".failed, .missing"));
    if (!first) this.viewer.whole();
    this.goTo(first ?? this.rows.find((row) => row.offsetParent));
  }

  find() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".row")]);
  }

  end() {
    this.away = true;
    this.flushDraft();
    this.sight?.disconnect();
    this.saver.end();
  }

  needed() {
    return this.locked ? [] : this.rows.filter((row) => row.classList.contains("needed"));
  }

  // ── focus ────────────────────────────────────────────────────────────────────────────────

  /** @param {HTMLElement} row */
  settle(row) {
    if (this.here === row) return;
    if (this.here) {
      this.here.classList.remove("here");
      this.flushDraft();
    }
    this.here = row;
    row.classList.add("here");
    const hand = document.getElementById("hand");
    if (hand) {
      hand.hidden = false;
      row.querySelector(".more")?.append(hand);
    }
    // what asks how large something is comes after all that changes it: one layout, not three
    this.light();
    this.drawSnippet(row);
    row.scrollIntoView({ block: "nearest" });
    showLit();
    const left = this.needed();
    const place = left.indexOf(row);
    const label = row.querySelector("label")?.textContent ?? "";
    const why = [...row.querySelectorAll(".why span")].map((span) => span.textContent).join(", ");
    byId("live").textContent =
      (place >= 0 ? `${place + 1} of ${left.length} to check: ` : "") + `${label}. ${why}`;
  }

  /** Show the field in focus on its page, and what the same rules weigh. */
  light() {
    const row = this.here;
    if (row) this.viewer.show(row.dataset.page ?? "", boxOf(row), relatedBoxes(idOf(row)));
  }

  /** @param {HTMLElement | undefined} row */
  goTo(row) {
    if (!row) return document.getElementById("finish")?.focus();
    this.settle(row);
    const input = inputOf(row);
    input.focus({ preventScroll: true });
    if (input instanceof HTMLInputElement) input.select();
  }

  /** The next field in doubt after `row`, round the end; undefined when none is left. @param {HTMLElement} row */
  nextNeeded(row) {
    const at = this.rows.indexOf(row);
    return [...this.rows.slice(at + 1), ...this.rows.slice(0, at)].find((r) => r.classList.contains("needed"));
  }

  /** To the field that was in focus last. */
  comeBack() {
    this.goTo(this.here ?? this.needed()[0] ?? this.rows.find((row) => row.offsetParent));
  }

  /** @param {HTMLElement} row @param {number} step */
  neighbour(row, step) {
    for (let at = this.rows.indexOf(row) + step; at >= 0 && at < this.rows.length; at += step) {
      if (this.rows[at].offsetParent) return this.rows[at];
    }
    return undefined;
  }

  // ── answers ──────────────────────────────────────────────────────────────────────────────

  /**
   * Send an answer and go on; the page does not wait for the server.
   * @param {HTMLElement} row @param {string} action @param {string} [reason]
   * @returns {boolean} whether it could be given: of what nobody can see nothing is said
   */
  answer(row, action, reason) {
    if (this.locked) return false;
    if (!this.viewer.seen(row.dataset.page ?? "")) {
      showSaving("Nothing is said of a field whose image is not here.", true);
      return false;
    }
    const input = inputOf(row);
    window.clearTimeout(this.draftTimer);
    delete row.dataset.draft;
    if (action === "not_present" || action === "illegible") input.value = "";
    const gone = action === "said" && input.value.trim() === "";
    row.classList.remove("needed", "typing", ...Object.keys(SIGNS));
    row.classList.add("answered", action === "illegible" ? "illegible" : "confirmed", "unsaved");
    fitMarks(row);
    this.answered.push(idOf(row));
    this.saver.answer(idOf(row), gone ? "not_present" : action, input.value, reason);
    this.count();
    return true;
  }

  /** @param {HTMLElement} row @returns {boolean} false: it could not be */
  confirm(row) {
    const changed = inputOf(row).value !== row.dataset.start;
    return !(row.classList.contains("needed") || changed) || this.answer(row, "said");
  }

  /** @param {HTMLElement} row */
  confirmAndGo(row) {
    if (this.confirm(row)) this.goTo(this.nextNeeded(row));
  }

  /** @param {"not_present" | "illegible"} action */
  say(action) {
    if (!this.here || this.locked) return;
    const row = this.here;
    if (this.answer(row, action)) this.goTo(this.nextNeeded(row));
  }

  /** @param {HTMLElement} row @param {number} number */
  take(row, number) {
    const button = /** @type {HTMLElement | undefined} */ (row.querySelectorAll("[data-take]")[number - 1]);
    if (!button || this.locked) return;
    inputOf(row).value = button.dataset.take ?? "";
    this.confirmAndGo(row);
  }

  /** Take back the last answer; where none was given in this visit, that of the field in focus. */
  undo() {
    if (this.locked) return;
    const said = this.here?.classList.contains("said") ? idOf(this.here) : undefined;
    const id = this.answered.pop() ?? said;
    const row = id && rowOf(id);
    if (!id || !row) return showSaving("Nothing to take back here.", true);
    this.saver.answer(id, "withdrawn", "");
    row.dataset.restore = "1";
    this.goTo(row);
  }

  flushDraft() {
    window.clearTimeout(this.draftTimer);
    for (const row of this.rows) {
      if (row.dataset.draft === undefined) continue;
      this.saver.draft(idOf(row), row.dataset.draft);
      delete row.dataset.draft;
    }
  }

  /** @param {HTMLElement | null} row in focus */
  confirmAndFinish(row) {
    if (this.locked || this.finishing) return;
    const unread = this.keys <= 1 && Date.now() - this.laid < UNREAD;
    // pressed twice: the second press came to a claim that nobody has seen yet
    if (unread && this.needed().length) return showSaving("The next claim. Nothing was confirmed.", false);
    if (!row || this.confirm(row)) void this.finish();
  }

  async finish() {
    if (this.locked || this.finishing) return;
    this.flushDraft();
    const left = this.needed();
    if (left.length) {
      byId("live").textContent = `${left.length} still to check.`;
      return this.goTo(left[0]);
    }
    if (!this.unasked.news) {
      this.finishing = true;
      return this.over(this);
    }
    if (!this.saver.running) return void (byId("live").textContent = this.unasked.tell());
    this.finishing = true;
    await this.saver.running; // what was said last may have settled it
    this.finishing = false;
    return this.finish();
  }

  /** It could not be finished. @param {Partial<Reply> & {detail?: string}} reply */
  stay(reply) {
    this.finishing = this.away = false;
    const said = reply.fields ? /** @type {Reply} */ (reply) : this.missed;
    if (said) this.showReply(said);
    this.missed = null;
    if (this.saver.lost) this.lose(reply.detail ?? "");
    const left = this.needed();
    this.here = null; // what is shown is drawn anew
    this.goTo(left[0] ?? this.rows[0]);
    const told = left.length || !this.unasked.news ? `${left.length} still to check` : this.unasked.tell();
    byId("live").textContent = reply.detail ?? `Not finished: ${told}.`;
    showSaving(reply.detail ?? told, true);
  }

  // ── the claim as a whole ─────────────────────────────────────────────────────────────────

  /** @param {string} what */
  async act(what) {
    if (what === "undo") return this.undo();
    if (what === "ask") {
      this.flushDraft();
      await this.saver.running;
      return window.location.assign(`/claims/${this.dcn}/letter`);
    }
    if (what in ASKS) return this.ask(what);
    this.flushDraft();
    const reply = await this.saver.act(what === "reopen" ? "/reopen" : what, {});
    if (reply.next) this.leave(reply.next, reply.told);
  }

  /** Whether this person's role has it; else it is said. @param {string} what */
  may(what) {
    if (document.querySelector(`[data-act="${what}"]`)) return true;
    if (!this.locked) showSaving("That is not for your role: a lead may, and Escalate gives them the claim.", true);
    return false;
  }

  /** @param {string} url @param {string} [told] what is said there */
  leave(url, told) {
    this.end();
    go(url, told);
  }

  /** @param {string} what */
  ask(what) {
    if (this.locked || (what === "override" && !this.here)) return;
    if (!this.may(what)) return;
    this.asking = what;
    openAsk(what);
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== "ask-form") return;
    event.preventDefault();
    void this.asked(Object.fromEntries(/** @type {[string, string][]} */ ([...new FormData(event.target)])));
  }

  /** @param {Record<string, string>} body */
  async asked(body) {
    if (this.asking === "override") {
      closeAsk();
      const row = /** @type {HTMLElement} */ (this.here);
      if (this.answer(row, "override", body.reason)) this.goTo(this.nextNeeded(row) ?? row);
      return;
    }
    if (this.acting) return; // a key pressed twice is not meant twice
    this.acting = true;
    this.flushDraft();
    const reply = await this.saver.act(this.asking, body);
    this.acting = false;
    if (reply.next) return this.leave(reply.next, reply.told);
    if (reply.detail) return refused(reply.detail);
    closeAsk();
    showPriority(Number(body.priority));
  }

  async history() {
    const panel = byId("history");
    if (!panel.hidden) {
      panel.hidden = true;
      return this.comeBack();
    }
    const told = await piece(`/claims/${this.dcn}/history`);
    if (told === null) return showSaving("Not reached. Try again.", true);
    panel.innerHTML = told; // our own template, escaped by it
    panel.hidden = false;
    panel.focus(); // it is longer than the screen: keys scroll it
  }

  /** What would be answered is under the history: that goes first. @param {() => unknown} act */
  uncovered(act) {
    return byId("history").hidden ? act() : this.history();
  }

  /** @param {string} detail */
  lose(detail) {
    this.locked = true;
    if (this.away) return;
    byId("lost").textContent = detail;
    byId("banner").hidden = false;
    for (const row of this.rows) row.classList.add("frozen");
  }

  // ── what the server says ─────────────────────────────────────────────────────────────────

  /** @param {Reply} reply */
  showReply(reply) {
    if (this.away) return void (this.missed = reply.typed ? this.missed : reply);
    if (reply.typed) return this.showTyped(reply.field ?? "", reply.typed);
    // a paper has come that says so: nobody compares with what is not on the page
    if (Object.values(reply.fields).some(({ page }) => page.includes("/") && !this.viewer.has(page))) return this.leave(`/claims/${this.dcn}`);
    for (const [id, field] of Object.entries(reply.fields)) this.showField(id, field);
    if (reply.findings !== this.findings) {
      this.findings = reply.findings;
      byId("findings").innerHTML = reply.findings; // our own template, escaped by it
      const row = this.here;
      if (row) this.viewer.outline(row.dataset.page ?? "", boxOf(row), relatedBoxes(idOf(row)));
      showLit();
    }
    this.unasked.show();
    this.count();
    // a rule may ask for a field that was not drawn, as nothing stood in it
    const undrawn = Object.entries(reply.fields).some(([id, field]) => field.state !== "empty" && !rowOf(id));
    if (undrawn && !byId("rows").dataset.whole) void this.fetchWhole(byId("rows"));
  }

  /** @param {string} id @param {FieldState} field */
  showField(id, field) {
    const row = rowOf(id);
    if (!row) return;
    const wasNeeded = row.classList.contains("needed");
    stands(row, field, this.saver.pending(id));
    if (movedTo(row, field.page, field.box)) this.moved(row);
    const input = inputOf(row);
    if (row.dataset.restore || (row !== this.here && row.dataset.draft === undefined)) {
      input.value = field.text;
      delete row.dataset.restore;
    }
    typing(row);
    fitMarks(row);
    const texts = field.by ? [...field.why, field.by] : field.why;
    row.querySelector(".why")?.replaceChildren(...texts.map(span));
    row.querySelector(".typed")?.replaceChildren();
    if (field.needed && !wasNeeded) this.drawSnippet(row);
  }

  /** It is shown elsewhere now: compared with a paper, and no more. @param {HTMLElement} row */
  moved(row) {
    if (row === this.here) this.light();
    this.drawSnippet(row);
  }

  /** What is typed so far would be this. @param {string} id @param {{value: string | null, why: string[]}} typed */
  showTyped(id, typed) {
    const place = rowOf(id)?.querySelector(".typed");
    const texts = typed.value === null ? typed.why : [`= ${typed.value}`, ...typed.why];
    place?.replaceChildren(...texts.map(span));
  }

  count() {
    byId("count-needed").textContent = String(this.needed().length);
    document.getElementById("finish")?.classList.toggle("ready", this.needed().length === 0);
  }

  // ── snippets ─────────────────────────────────────────────────────────────────────────────

  /** Those that can be seen; the others when they come into sight. */
  drawSnippets() {
    this.sight?.disconnect();
    this.sight = new IntersectionObserver(
      (seen) => {
        for (const one of seen) if (one.isIntersecting) this.drawSnippet(/** @type {HTMLElement} */ (one.target));
      },
      { root: byId("rows"), rootMargin: "300px 0px" },
    );
    for (const row of this.needed()) this.sight.observe(row);
    if (this.here) this.drawSnippet(this.here);
  }

  /** @param {HTMLElement} row */
  drawSnippet(row) {
    const canvas = /** @type {HTMLCanvasElement} */ (row.querySelector("canvas"));
    this.viewer.snippet(canvas, row.dataset.page ?? "", boxOf(row), row.clientWidth - 12, markedOf(row));
  }

  // ── lists ────────────────────────────────────────────────────────────────────────────────

  /** @param {string} which */
  show(which) {
    const list = byId("rows");
    list.classList.toggle("show-needed", which === "needed");
    list.classList.toggle("show-all", which === "all");
    list.dataset.showing = which;
    localStorage.setItem("paperclaim.show", which === "all" ? "printed" : which);
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-show]"))) {
      tab.setAttribute("aria-pressed", String(tab.dataset.show === which));
    }
    if (which === "all" && !list.dataset.whole) void this.fetchWhole(list);
    this.here?.scrollIntoView({ block: "nearest" });
  }

  /** The fields with nothing in them are fetched when somebody asks. @param {HTMLElement} list */
  async fetchWhole(list) {
    list.dataset.whole = "1";
    this.flushDraft();
    await this.saver.running;
    const told = await piece(`/claims/${this.dcn}/rows`);
    if (told === null) {
      delete list.dataset.whole;
      return showSaving("Not reached. Try again.", true);
    }
    this.flushDraft();
    const at = this.here && idOf(this.here);
    const typed = this.here && inputOf(this.here).value;
    const hand = document.getElementById("hand"); // none where the claim is only looked at
    if (hand) {
      hand.hidden = true;
      document.body.append(hand);
    }
    list.innerHTML = told; // our own template, escaped by it
    this.here = null;
    this.rows = this.find();
    this.count();
    this.drawSnippets();
    const row = at && rowOf(at);
    if (row && typed !== null) inputOf(row).value = typed;
    this.goTo(row || this.rows[0]);
  }

  // ── keys and clicks ──────────────────────────────────────────────────────────────────────

  /** What is done with Alt and a letter, the same anywhere on the page. @returns {Record<string, () => unknown>} */
  named() {
    return {
      not_present: () => this.uncovered(() => this.say("not_present")),
      illegible: () => this.uncovered(() => this.say("illegible")),
      override: () => this.uncovered(() => this.ask("override")), postpone: () => this.ask("postpone"),
      escalate: () => this.ask("escalate"), priority: () => this.ask("priority"), return: () => this.ask("return"),
      ask: () => this.may("ask") && this.act("ask"),
      close: () => (this.locked ? this.leave("/") : this.act("close")),
      "call-back": () => byId("aside").hidden ? showSaving("Nobody put this claim aside.", true) : this.may("call-back") && this.act("call-back"),
      reopen: () => this.act("reopen"), undo: () => this.uncovered(() => this.undo()), history: () => this.history(),
      show: () => this.show(SHOW[(SHOW.indexOf(byId("rows").dataset.showing ?? "printed") + 1) % SHOW.length]),
      invert: () => this.viewer.invert(), contrast: () => this.viewer.contrast(), turn: () => this.viewer.quarter(),
    };
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
  pressed(event) {
    if (!MODIFIERS.has(event.key)) this.keys += 1;
    const row = this.here && this.here.contains(document.activeElement) ? this.here : null;
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const figure = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
      if (figure && row) return event.repeat || this.take(row, Number(figure[1])), true;
      const act = this.named()[named(event.code)];
      return act ? (void (event.repeat || act()), true) : this.viewer.pressed(event.code);
    }
    // a key that is held down is no second word: what it would say next, nobody has looked at
    if (event.repeat && (event.key === "Enter" || (event.key === "Tab" && row && !event.shiftKey))) return true;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return void this.confirmAndFinish(row), true;
    if (event.ctrlKey || event.metaKey) return false;
    if (event.key === "F1" || (event.key === "?" && untouched(row))) return help(), true;
    const history = byId("history");
    if (["Escape", "Tab"].includes(event.key) && !history.hidden) return void this.history(), true;
    if (SCROLL.has(event.key) && history.contains(document.activeElement)) return false;
    // a click beside everything took the focus off the fields: no key is dead by that
    if (BACK.has(event.key) && [document.body, byId("rows")].includes(/** @type {any} */ (document.activeElement))) {
      return this.comeBack(), true;
    }
    if (event.key === "PageDown" || event.key === "PageUp") return this.viewer.turn(event.key === "PageDown" ? 1 : -1), true;
    if (!row || !(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return false;
    return this.pressedInField(event, row);
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} row */
  pressedInField(event, row) {
    const input = inputOf(row);
    switch (event.key) {
      case "Enter":
        return this.locked || this.confirmAndGo(row), true;
      case "Tab": {
        if (this.locked) return false;
        if (event.shiftKey) {
          const before = this.rows.slice(0, this.rows.indexOf(row)).reverse();
          const back = before.find((r) => r.classList.contains("needed") || r.classList.contains("answered"));
          return back ? (this.goTo(back), true) : false;
        }
        const wasLast = !this.nextNeeded(row);
        if (!this.confirm(row)) return true;
        this.goTo(this.nextNeeded(row));
        return !wasLast || document.activeElement?.id === "finish";
      }
      case "ArrowDown":
      case "ArrowUp": {
        if (input instanceof HTMLSelectElement) return false;
        const next = this.neighbour(row, event.key === "ArrowDown" ? 1 : -1);
        return next ? (this.goTo(next), true) : true;
      }
      case "Escape":
        if (input.value !== row.dataset.start) {
          input.value = row.dataset.start ?? "";
          fitMarks(row);
          typing(row);
          this.count();
          row.dataset.draft = input.value;
          this.flushDraft();
        }
        return true;
      default:
        return false;
    }
  }

  /** @param {Event} event */
  focused(event) {
    const row = rowAt(event.target);
    if (row && event.target === inputOf(row)) this.settle(row);
  }

  /** @param {Event} event */
  typed(event) {
    const row = rowAt(event.target);
    if (!row || this.locked) return;
    const input = inputOf(row);
    if (input instanceof HTMLInputElement) upper(input);
    fitMarks(row);
    typing(row);
    this.count();
    row.dataset.draft = input.value;
    window.clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => this.flushDraft(), DRAFT_AFTER);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest("button, [data-act]")) : null;
    if (!button) return;
    const row = rowAt(button);
    const { take, say, act, show } = button.dataset;
    if (act) event.preventDefault();
    if (take !== undefined && row) this.take(row, [...row.querySelectorAll("[data-take]")].indexOf(button) + 1);
    else if (say) this.say(/** @type {"not_present" | "illegible"} */ (say));
    else if (act) void this.act(act);
    else if (show) this.show(show);
    else if (button.id === "finish") void this.finish();
    else if (button.id === "help-button") help();
    else if (button.id === "history-button") void this.history();
    else if (button.id === "ask-cancel") closeAsk();
    else this.viewer.tool(button);
  }
}
