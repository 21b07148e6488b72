// Loss against epoch, for training and test data.

import { checkbox, make, short } from "./dom.js";

const WIDTH = 480;
const HEIGHT = 150;

export class Curve {
  constructor() {
    this.canvas = make("canvas", {
      className: "nn-pg__curve", width: WIDTH, height: HEIGHT, role: "img", "aria-label": "Loss against epoch",
      onpointermove: (/** @type {PointerEvent} */ event) => this.hover(event),
      onpointerleave: () => (this.said.textContent = ""),
    });
    this.said = make("output", { className: "nn-pg__said", "aria-live": "off" });
    this.log = checkbox("logarithmic", () => this.redraw());
    this.element = make("section", { className: "nn-pg__history", "aria-label": "Losses" }, this.canvas,
      make("div", { className: "nn-pg__row" }, this.log.field, this.said));
    /** @type {{ epochs: number[], train: number[], test: number[] } | null} */
    this.data = null;
  }

  /** @param {any} data @param {ReturnType<typeof import("./colors.js").palette>} colors */
  show(data, colors) {
    this.data = data;
    this.colors = colors;
    this.redraw();
  }

  redraw() {
    const context = this.canvas.getContext("2d");
    if (!context || !this.data || !this.colors) return;
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const { train, test } = this.data;
    const finite = [...train, ...test].filter((v) => Number.isFinite(v) && (v > 0 || !this.log.control.checked));
    if (!finite.length) return;
    const scale = this.log.control.checked ? Math.log10 : (/** @type {number} */ v) => v;
    const top = scale(Math.max(...finite));
    const bottom = this.log.control.checked ? scale(Math.min(...finite)) : 0;
    const height = (/** @type {number} */ v) => HEIGHT - 6 - ((HEIGHT - 12) * (scale(v) - bottom)) / (top - bottom || 1);
    this.line(context, test, height, this.colors.dark ? "#9aa5b1" : "#616e7c");
    this.line(context, train, height, this.colors.names[0]);
  }

  /** @type {(context: CanvasRenderingContext2D, losses: number[], height: (v: number) => number, color: string) => void} */
  line(context, losses, height, color) {
    const last = Math.max(1, this.data?.epochs.at(-1) ?? 1);
    context.strokeStyle = color;
    context.lineWidth = 2.5;
    context.beginPath();
    losses.forEach((loss, k) => {
      if (Number.isFinite(loss)) context.lineTo((WIDTH * (this.data?.epochs[k] ?? 0)) / last, height(loss));
    });
    context.stroke();
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (!this.data) return;
    const box = this.canvas.getBoundingClientRect();
    const { epochs, train, test } = this.data;
    const wanted = ((epochs.at(-1) ?? 0) * (event.clientX - box.left)) / box.width;
    const k = epochs.reduce((best, epoch, i) => (Math.abs(epoch - wanted) < Math.abs(epochs[best] - wanted) ? i : best), 0);
    this.said.textContent = `epoch ${epochs[k]}: training ${short(train[k])}, test ${short(test[k])}`;
  }
}
