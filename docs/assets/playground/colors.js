// The book's colors: blue for class 0 and for less than nothing, vermilion for class 1 and more.

/** @typedef {[number, number, number]} Color */

const LIGHT = { ground: "#fdfcfa", classes: ["#0b69b7", "#c2410c", "#0f766e", "#7c3aed", "#a16207", "#be185d", "#4d7c0f", "#475569", "#9333ea", "#0e7490"] };
const DARK = { ground: "#12171d", classes: ["#4da3ff", "#ff8a4c", "#2dd4bf", "#b794f6", "#fbbf24", "#f472b6", "#a3e635", "#94a3b8", "#d8b4fe", "#67e8f9"] };

/** @param {string} hex @returns {Color} */
const parse = (hex) => /** @type {Color} */ ([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/** The palette that the page has now. */
export function palette() {
  const dark = document.body.getAttribute("data-md-color-scheme") === "slate";
  const { ground, classes } = dark ? DARK : LIGHT;
  return { dark, ground: parse(ground), classes: classes.map(parse), names: classes };
}

/**
 * 256 colors for a byte: 1 is all blue, 128 the ground, 255 all vermilion; 0 is no number, gray.
 * @param {ReturnType<typeof palette>} colors
 * @param {boolean} discrete Nothing between the two.
 */
export function scale({ ground, classes }, discrete) {
  const table = new Uint8ClampedArray(4 * 256);
  for (let value = 0; value < 256; value++) {
    const signed = (value - 128) / 127;
    const share = value === 0 ? 0 : discrete ? 0.75 : 0.85 * Math.abs(signed);
    const full = classes[signed >= 0 ? 1 : 0];
    const color = value === 0 ? [128, 128, 128] : ground.map((g, k) => g + (full[k] - g) * share);
    table.set([...color, 255], 4 * value);
  }
  return table;
}

/**
 * Paint a picture of bytes.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} bytes
 * @param {number} side
 * @param {Uint8ClampedArray} table
 */
export function paint(canvas, bytes, side, table) {
  const context = prepared(canvas, side);
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = new Uint32Array(table.buffer);
  for (let i = 0; i < bytes.length; i++) pixels[i] = colors[bytes[i]];
  context.putImageData(image, 0, 0);
}

/**
 * Paint which class is answered, the paler the less sure.
 * @param {HTMLCanvasElement} canvas
 * @param {{ picture: Uint8Array, classes: Uint8Array }} answer
 * @param {number} side
 * @param {ReturnType<typeof palette>} colors
 * @param {boolean} discrete
 */
export function paintClasses(canvas, { picture, classes }, side, colors, discrete) {
  const context = prepared(canvas, side);
  const image = context.createImageData(side, side);
  for (let i = 0; i < picture.length; i++) {
    const share = discrete ? 0.75 : 0.85 * Math.max(0, (picture[i] - 128) / 127);
    const full = colors.classes[classes[i] % colors.classes.length];
    colors.ground.forEach((g, k) => (image.data[4 * i + k] = g + (full[k] - g) * share));
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** @type {(canvas: HTMLCanvasElement, side: number) => CanvasRenderingContext2D} */
function prepared(canvas, side) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}
