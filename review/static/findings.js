// @ts-check
/** The findings beside the fields of a claim: which of them weigh the field in focus. */

import { boxOf, rowOf } from "./rows.js";

/** Boxes of the other fields that the same rules weigh; their rows are lit too. @param {string} id */
export function relatedBoxes(id) {
  const boxes = [];
  for (const row of document.querySelectorAll(".row.beside")) row.classList.remove("beside");
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#findings li"))) {
    const fields = (item.dataset.fields ?? "").split(" ");
    const lit = fields.includes(id);
    item.classList.toggle("lit", lit);
    if (!lit) continue;
    for (const other of fields) {
      const row = other === id ? null : rowOf(other);
      const box = row && boxOf(row);
      row?.classList.add("beside");
      if (row && box) boxes.push({ page: row.dataset.page ?? "", box });
    }
  }
  return boxes;
}

/** The first finding that is lit comes into sight, inside its list and no further. */
export function showLit() {
  const item = document.querySelector("#findings li.lit");
  const list = item?.closest(".findings");
  if (!item || !list) return;
  const [place, sight] = [item.getBoundingClientRect(), list.getBoundingClientRect()];
  if (place.top < sight.top || place.bottom > sight.bottom) list.scrollTop += place.top - sight.top - 4;
}
