// @ts-check
/** The image side: one page at a time, panned and zoomed by a transform, boxes drawn over it. */

import { glyphSpans } from "./marks.js";
import { pixels, unpack } from "./pictures.js";

/** @typedef {number[]} Box x0, y0, x1, y1 as shares of the upright page */
/** @typedef {{page: string, box: Box}} Place */

/** share of the window that a focused box may fill, the rest is context */
const FILL = 0.62;
/** no field is blown up beyond this many screen pixels an image pixel */
const MOST = 1.35;
/** what this person made of it: larger or smaller; nothing of a claim */
const KEPT = "paperclaim.zoom";

/** of the bars over and under a character in doubt: the snippet is paper in dark too */
const DOUBT = "#b35900";
/** milliseconds before a page's image is fetched once more */
const AGAIN = 3000;
/** screen pixels @type {Record<string, number[]>} */
const MOVES = { ArrowLeft: [90, 0], ArrowRight: [-90, 0], ArrowUp: [0, 90], ArrowDown: [0, -90] };

export class Viewer {
  /** @param {HTMLElement} frame @param {() => void} onImage called whenever an image has come */
  constructor(frame, onImage) {
    this.frame = frame;
    /** @type {HTMLElement[]} */
    this.sheets = [...frame.querySelectorAll(".sheet")].map((s) => /** @type {HTMLElement} */ (s));
    this.page = "";
    this.turns = 0;
    this.liking = Number(localStorage.getItem(KEPT)) || 1;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** @type {(() => void) | null} what shows once more what is shown */
    this.again = null;
    for (const sheet of this.sheets) {
      const image = this.imageOf(sheet);
      const [width, height] = this.sizeOf(sheet);
      sheet.style.width = `${width}px`;
      sheet.style.height = `${height}px`;
      const come = () => {
        this.waits(sheet, "");
        onImage();
      };
      const take = () => void unpack(image).then(come, () => this.fetchAgain(sheet));
      if (pixels(image)) queueMicrotask(come);
      else {
        this.waits(sheet, "The image of this page is not here yet.");
        image.addEventListener("load", take);
        image.addEventListener("error", () => this.fetchAgain(sheet));
        if (image.complete && image.naturalWidth) take();
        else if (image.complete && image.loading !== "lazy") this.fetchAgain(sheet);
      }
      for (const mark of /** @type {NodeListOf<HTMLElement>} */ (sheet.querySelectorAll(".entity"))) {
        this.place(mark, (mark.dataset.box ?? "").split(" ").map(Number));
      }
    }
    if (this.sheets[0]) this.turnTo(this.sheets[0].dataset.page ?? "");
    this.drag();
    // the window was made larger or smaller, or its text was: what is looked at stays in sight
    let size = "";
    new ResizeObserver(() => {
      const now = `${frame.clientWidth} ${frame.clientHeight}`;
      if (size && size !== now) this.again?.();
      size = now;
    }).observe(frame);
  }

  /** @param {HTMLElement} sheet */
  imageOf(sheet) {
    return /** @type {HTMLImageElement} */ (sheet.querySelector("img"));
  }

  /** Say that a page's image is not there: what is seen is no empty paper. @param {HTMLElement} sheet @param {string} why */
  waits(sheet, why) {
    sheet.dataset.waits = why;
    if (sheet === this.sheet) this.say(why);
  }

  /** @param {string} why the page that is shown can't be seen */
  say(why) {
    const said = /** @type {HTMLElement} */ (this.frame.querySelector(".unseen"));
    said.hidden = !why;
    said.textContent = why;
  }

  /** @param {HTMLElement} sheet */
  fetchAgain(sheet) {
    this.waits(sheet, "The image of this page can't be fetched. It is tried again.");
    const image = this.imageOf(sheet);
    window.setTimeout(() => image.isConnected && (image.src = image.src), AGAIN);
  }

  /** Whether a page's image is there to be looked at. @param {string} page */
  seen(page) {
    const sheet = this.sheets.find((each) => each.dataset.page === page);
    return !sheet || Boolean(pixels(this.imageOf(sheet)));
  }

  /** Laid out 1,700 units wide, whatever the scan's resolution. @param {HTMLElement} sheet */
  sizeOf(sheet) {
    const width = 1700;
    return [width, (width * Number(sheet.dataset.height)) / Number(sheet.dataset.width)];
  }

  /** Whether a page came along, or a paper has come since. @param {string} page */
  has(page) {
    return this.sheets.some((sheet) => sheet.dataset.page === page);
  }

  get sheet() {
    return this.sheets.find((sheet) => sheet.dataset.page === this.page);
  }

  /** @param {string} page */
  turnTo(page) {
    this.turns = 0;
    const sheet = this.sheets.find((s) => s.dataset.page === page);
    if (page === this.page || !sheet) return;
    this.page = page;
    this.say(sheet.dataset.waits ?? "");
    for (const other of this.sheets) other.hidden = other !== sheet;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button.page"))) {
      button.setAttribute("aria-pressed", String(button.dataset.page === page));
    }
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#entities li"))) {
      item.hidden = item.dataset.page !== page;
    }
    const original = /** @type {HTMLAnchorElement | null} */ (document.getElementById("original"));
    if (original) original.href = `/claims/${sheet.dataset.dcn}/pages/${sheet.dataset.number}/scanned`;
  }

  /** @param {number} step */
  turn(step) {
    const at = this.sheets.findIndex((sheet) => sheet === this.sheet);
    const next = this.sheets[at + step];
    if (!next) return;
    this.turnTo(next.dataset.page ?? "");
    this.whole();
  }

  /** Show a field with what stands around it. @param {string} page @param {Box | null} box @param {Place[]} others */
  show(page, box, others) {
    this.again = () => this.show(page, box, others);
    this.turnTo(page);
    this.outline(page, box, others);
    const sheet = this.sheet;
    if (!sheet) return;
    if (!box) return this.whole();
    const [width, height] = this.sizeOf(sheet);
    const [x0, y0, x1, y1] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
    const { clientWidth, clientHeight } = this.frame;
    const fit = Math.min((FILL * clientWidth) / (x1 - x0), (FILL * clientHeight) / (y1 - y0));
    const least = clientWidth / width;
    this.scale = Math.max(least, Math.min(MOST, fit) * this.liking);
    this.x = clientWidth / 2 - (this.scale * (x0 + x1)) / 2;
    this.y = clientHeight / 2 - (this.scale * (y0 + y1)) / 2;
    this.keepInside();
    this.lay(true);
  }

  /** Draw the boxes; what is in sight stays. @param {string} page @param {Box | null} box @param {Place[]} others */
  outline(page, box, others) {
    for (const mark of this.frame.querySelectorAll(".mark")) mark.remove();
    const sheet = this.sheets.find((each) => each.dataset.page === page);
    if (!sheet) return;
    for (const other of others) if (other.page === page) this.mark(sheet, other.box, "mark other");
    if (box) this.mark(sheet, box, "mark");
  }

  /** @param {HTMLElement} sheet @param {Box} box @param {string} name */
  mark(sheet, box, name) {
    const mark = document.createElement("div");
    mark.className = name;
    this.place(mark, box);
    sheet.append(mark);
  }

  /** @param {HTMLElement} mark @param {Box} box */
  place(mark, box) {
    const grow = 0.0025;
    mark.style.left = `${100 * (box[0] - grow)}%`;
    mark.style.top = `${100 * (box[1] - grow)}%`;
    mark.style.width = `${100 * (box[2] - box[0] + 2 * grow)}%`;
    mark.style.height = `${100 * (box[3] - box[1] + 2 * grow)}%`;
  }

  whole() {
    this.again = () => this.whole();
    const sheet = this.sheet;
    if (!sheet) return;
    const [width, height] = this.sizeOf(sheet);
    const { clientWidth, clientHeight } = this.frame;
    this.scale = Math.min(clientWidth / width, clientHeight / height);
    this.x = (clientWidth - this.scale * width) / 2;
    this.y = (clientHeight - this.scale * height) / 2;
    this.lay(true);
  }

  /** Zoom about the middle of the window. @param {number} factor */
  zoom(factor) {
    const { clientWidth, clientHeight } = this.frame;
    const scale = Math.max(0.1, Math.min(5, this.scale * factor));
    const by = scale / this.scale;
    this.liking = Math.max(0.4, Math.min(3, this.liking * factor));
    localStorage.setItem(KEPT, String(this.liking));
    this.x = clientWidth / 2 - by * (clientWidth / 2 - this.x);
    this.y = clientHeight / 2 - by * (clientHeight / 2 - this.y);
    this.scale = scale;
    this.lay(true);
  }

  /** @param {number} dx @param {number} dy screen pixels */
  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.lay(true);
  }

  invert() {
    const on = this.frame.classList.toggle("inverted");
    document.querySelector('[data-tool="invert"]')?.setAttribute("aria-pressed", String(on));
  }

  contrast() {
    const on = this.frame.classList.toggle("contrast");
    document.querySelector('[data-tool="contrast"]')?.setAttribute("aria-pressed", String(on));
  }

  /** A quarter turn of what is shown, for what was laid in sideways. */
  quarter() {
    const turns = (this.turns + 1) % 4;
    this.whole();
    this.turns = turns;
    this.lay(true);
  }

  /** @param {HTMLElement} button of the tool bar or the strip */
  tool(button) {
    if (button.dataset.page) {
      this.turnTo(button.dataset.page);
      this.whole();
    }
    if (button.dataset.lit) this.light(button.dataset.lit);
    if (button.dataset.tool === "turn") this.quarter();
    if (button.dataset.tool === "contrast") this.contrast();
    if (button.dataset.tool === "in") this.zoom(1.25);
    if (button.dataset.tool === "out") this.zoom(0.8);
    if (button.dataset.tool === "whole") this.whole();
    if (button.dataset.tool === "invert") this.invert();
  }

  /** Show where an attachment says something. @param {string} box as the page names it */
  light(box) {
    this.show(this.page, box.split(" ").map(Number), []);
    for (const mark of /** @type {NodeListOf<HTMLElement>} */ (this.frame.querySelectorAll(".entity"))) {
      mark.classList.toggle("lit", mark.dataset.box === box);
    }
  }

  /** Keys with Alt that move the image. @param {string} code @returns {boolean} whether it was one */
  pressed(code) {
    const [dx, dy] = MOVES[code] ?? [0, 0];
    if (dx || dy) this.move(dx, dy);
    else if (code === "Equal" || code === "NumpadAdd") this.zoom(1.25);
    else if (code === "Minus" || code === "NumpadSubtract") this.zoom(0.8);
    else if (code === "Digit0") this.whole();
    else return false;
    return true;
  }

  /** No empty margin where there is page to show. */
  keepInside() {
    const sheet = this.sheet;
    if (!sheet) return;
    const [width, height] = this.sizeOf(sheet).map((size) => size * this.scale);
    const { clientWidth, clientHeight } = this.frame;
    if (width >= clientWidth) this.x = Math.min(0, Math.max(clientWidth - width, this.x));
    if (height >= clientHeight) this.y = Math.min(0, Math.max(clientHeight - height, this.y));
  }

  /** @param {boolean} glide */
  lay(glide) {
    const sheet = this.sheet;
    if (!sheet) return;
    sheet.classList.toggle("glide", glide);
    sheet.style.setProperty("--scale", String(this.scale));
    const [w, h] = this.sizeOf(sheet);
    const turned = ["", `rotate(90deg) translate(0, ${-h}px)`, `rotate(180deg) translate(${-w}px, ${-h}px)`, `rotate(270deg) translate(${-w}px, 0)`];
    sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale}) ${turned[this.turns]}`;
  }

  drag() {
    this.frame.addEventListener("pointerdown", (down) => {
      const [x, y] = [this.x - down.clientX, this.y - down.clientY];
      this.frame.setPointerCapture(down.pointerId);
      /** @param {PointerEvent} move */
      const follow = (move) => {
        this.x = x + move.clientX;
        this.y = y + move.clientY;
        this.lay(false);
      };
      this.frame.addEventListener("pointermove", follow);
      this.frame.addEventListener("pointerup", () => this.frame.removeEventListener("pointermove", follow), { once: true });
    });
    this.frame.addEventListener("wheel", (wheel) => {
      wheel.preventDefault();
      if (wheel.ctrlKey) this.zoom(wheel.deltaY < 0 ? 1.1 : 0.9);
      else this.move(-wheel.deltaX, -wheel.deltaY);
    }, { passive: false });
  }

  /**
   * Draw a field's own piece of the image, about as tall as the text in its input.
   * @param {HTMLCanvasElement} canvas @param {string} page @param {Box | null} box @param {number} room pixels across
   * @param {import("./marks.js").Marked} marked which of its characters are in doubt
   */
  snippet(canvas, page, box, room, marked) {
    const sheet = this.sheets.find((s) => s.dataset.page === page);
    const image = sheet && pixels(this.imageOf(sheet));
    canvas.classList.toggle("void", !box);
    if (!image || !box || room <= 0) return;
    const { width, height } = image;
    const around = 0.006 * height;
    const [x0, y0] = [box[0] * width - 1.5 * around, box[1] * height - 0.5 * around];
    const [w, h] = [(box[2] - box[0]) * width + 3 * around, (box[3] - box[1]) * height + around];
    const tall = 40;
    const wide = Math.min(room, (w * tall) / h);
    const dense = window.devicePixelRatio || 1;
    canvas.width = Math.round(wide * dense);
    canvas.height = Math.round(tall * dense);
    canvas.style.width = `${wide}px`;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) return;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    // a field too long for the row is drawn smaller, never cut
    const scale = Math.min(canvas.width / w, canvas.height / h);
    pen.drawImage(image, x0, y0, w, h, 0, (canvas.height - h * scale) / 2, w * scale, h * scale);
    if (!marked.text) return;
    const inked = glyphSpans(pen, marked.text, [1.5 * around * scale, (w - 1.5 * around) * scale]);
    pen.fillStyle = DOUBT;
    for (const [from, to] of marked.places) {
      const [left, right] = [inked[from][0], inked[to - 1][1]];
      for (const y of [0, canvas.height - 3 * dense]) pen.fillRect(left, y, right - left, 3 * dense);
    }
  }
}
