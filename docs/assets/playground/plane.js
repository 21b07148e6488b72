// The large picture: what the network answers all over the plane, and the points it is asked for.

import { paint, paintClasses } from "./colors.js";
import { checkbox, make, select, short } from "./dom.js";
import { EDGE } from "./maps.js";

const SIZE = 480; // pixels of the canvas for the points

export class Plane {
  /** @param {(point: number[]) => void} add Called where the reader draws a point. */
  constructor(add) {
    this.add = add;
    this.map = make("canvas", { className: "nn-pg__map" });
    this.dots = make("canvas", {
      className: "nn-pg__dots", width: SIZE, height: SIZE, tabIndex: 0, role: "application",
      "aria-label": "The plane with the data. Arrow keys move a cross; Enter draws a point there when drawing is on.",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this.hover(event),
      onpointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
    });
    this.said = make("output", { className: "nn-pg__said", "aria-live": "off" }, "Point at the plane to read a value.");
    this.tests = checkbox("show test data", () => this.redraw());
    this.discrete = checkbox("only which side", () => this.onchange());
    this.drawing = checkbox("draw points", (on) => this.dots.classList.toggle("nn-pg__dots--drawing", on));
    this.label = select("as class", Array.from({ length: 6 }, (_, k) => [String(k), String(k)]), () => {});
    this.element = make("section", { className: "nn-pg__plane", "aria-label": "Output" },
      make("div", { className: "nn-pg__screen" }, this.map, this.dots), this.said,
      make("div", { className: "nn-pg__row" }, this.tests.field, this.discrete.field),
      make("div", { className: "nn-pg__row" }, this.drawing.field, this.label.field));
    this.cross = [0, 0];
    this.onchange = () => {};
    /** @type {any} */
    this.points = null;
    /** @type {any} */
    this.frame = null;
  }

  /**
   * @param {any} frame
   * @param {ReturnType<typeof import("./colors.js").palette>} colors
   * @param {Uint8ClampedArray} table
   * @param {boolean} several Whether there are more than two classes to answer.
   */
  show(frame, colors, table, several) {
    this.frame = frame;
    this.several = several;
    this.colors = colors;
    if (several) paintClasses(this.map, frame.answer, frame.answerSide, colors, this.discrete.control.checked);
    else paint(this.map, frame.answer.picture, frame.answerSide, table);
    if (frame.points) {
      this.points = frame.points;
      this.redraw();
    }
  }

  redraw() {
    const context = this.dots.getContext("2d");
    if (!context || !this.points || !this.colors) return;
    context.clearRect(0, 0, SIZE, SIZE);
    this.draw(context, this.points.train, false);
    if (this.tests.control.checked) this.draw(context, this.points.test, true);
    if (document.activeElement === this.dots) this.drawCross(context);
  }

  /** @type {(context: CanvasRenderingContext2D, part: { x: Float64Array, y: Float64Array }, test: boolean) => void} */
  draw(context, { x, y }, test) {
    const { classes, ground } = /** @type {NonNullable<typeof this.colors>} */ (this.colors);
    const css = (/** @type {number[]} */ color) => `rgb(${color.map(Math.round).join(" ")})`;
    for (let i = 0; i < y.length; i++) {
      const share = this.points.classes ? 1 : Math.abs(y[i]);
      const full = classes[this.points.classes ? y[i] % classes.length : y[i] >= 0 ? 1 : 0];
      context.beginPath();
      context.arc(...this.place(x[2 * i], x[2 * i + 1]), test ? 5 : 4.5, 0, 2 * Math.PI);
      context.fillStyle = css(ground.map((g, k) => g + (full[k] - g) * share));
      context.fill();
      context.lineWidth = test ? 2.5 : 1.5;
      context.strokeStyle = css(test ? this.colors?.dark ? [255, 255, 255] : [0, 0, 0] : ground);
      context.stroke();
    }
  }

  /** @type {(x1: number, x2: number) => [number, number]} */
  place(x1, x2) {
    return [((x1 / EDGE + 1) * SIZE) / 2, ((1 - x2 / EDGE) * SIZE) / 2];
  }

  /** @param {CanvasRenderingContext2D} context */
  drawCross(context) {
    const [x, y] = this.place(this.cross[0], this.cross[1]);
    context.lineWidth = 2;
    context.strokeStyle = this.colors?.dark ? "white" : "black";
    context.beginPath();
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
    context.stroke();
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.dots.getBoundingClientRect();
    return [EDGE * ((2 * (event.clientX - box.left)) / box.width - 1), EDGE * (1 - (2 * (event.clientY - box.top)) / box.height)];
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const [x1, x2] = this.at(event);
    this.said.textContent = this.words(x1, x2);
  }

  /** @type {(x1: number, x2: number) => string} */
  words(x1, x2) {
    if (!this.frame) return "";
    const side = this.frame.answerSide;
    const index = (/** @type {number} */ v) => Math.min(side - 1, Math.max(0, Math.floor(((v / EDGE + 1) * side) / 2)));
    const i = (side - 1 - index(x2)) * side + index(x1);
    const value = (this.frame.answer.picture[i] - 128) / 127;
    const where = `at ${short(x1)}, ${short(x2)}`;
    return this.several ? `${where}: class ${this.frame.answer.classes[i]}, ${Math.round(100 * value)} % sure` : `${where}: ${value.toFixed(2).replace("-", "−")}`;
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!this.drawing.control.checked) return;
    event.preventDefault();
    const [x1, x2] = this.at(event);
    this.add([round(x1), round(x2), Number(this.label.control.value)]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const moves = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowUp: [0, 0.25], ArrowDown: [0, -0.25] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) {
      event.preventDefault();
      this.cross = this.cross.map((v, k) => Math.min(EDGE, Math.max(-EDGE, v + move[k])));
      this.said.textContent = this.words(this.cross[0], this.cross[1]);
      this.said.setAttribute("aria-live", "polite");
    } else if (event.key === "Enter" && this.drawing.control.checked) {
      this.add([round(this.cross[0]), round(this.cross[1]), Number(this.label.control.value)]);
    }
    this.redraw();
  }
}

/** @param {number} value */
const round = (value) => Math.round(100 * value) / 100;

