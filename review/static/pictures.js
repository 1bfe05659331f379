// @ts-check
/**
 * Page images unpacked to pixels: a snippet is cut from them at once, while the browser would
 * unpack an image anew, on the thread that paints, whenever it has dropped the pixels.
 */

/** @type {WeakMap<HTMLImageElement, ImageBitmap>} */
const unpacked = new WeakMap();

/** Unpack an image, as soon as it has come. @param {HTMLImageElement} image */
export async function unpack(image) {
  await image.decode();
  if (!unpacked.has(image)) unpacked.set(image, await createImageBitmap(image));
}

/** Its pixels, where it is unpacked. @param {HTMLImageElement} image */
export function pixels(image) {
  return unpacked.get(image);
}
