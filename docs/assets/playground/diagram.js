// The network as a picture: a column of small maps for each layer, and a line for each weight.

import { paint } from "./colors.js";
import { FEATURES } from "./data.js";
import { button, make, select, short } from "./dom.js";
import { ACTIVATIONS } from "./network.js";
import { LIMITS } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */

const NAMES = {
  linear: "linear", sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", leaky_relu: "leaky ReLU", elu: "ELU",
  silu: "SiLU", softplus: "softplus", step: "step",
};
const MOST_LABELS = 24; // more numbers than that nobody can read
const SVG = "http://www.w3.org/2000/svg";

/** @type {[string, string][]} */
export const ACTIVATION_OPTIONS = Object.keys(ACTIVATIONS).map((name) => {
  return [name, NAMES[/** @type {keyof typeof NAMES} */ (name)]];
});

/** A place on a line. @param {SVGPathElement} path @param {number} share */
const between = (path, share) => path.getPointAtLength(share * path.getTotalLength());

export class Diagram {
  /**
   * @param {(change: Partial<Settings>) => void} change
   * @param {(layer: number, neuron: number) => void} choose
   */
  constructor(change, choose) {
    this.change = change;
    this.choose = choose;
    this.columns = make("div", { className: "nn-pg__columns" });
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("class", "nn-pg__lines");
    this.lines.setAttribute("aria-hidden", "true");
    this.add = button("Add a hidden layer", () => this.layers(1));
    this.remove = button("Remove the last one", () => this.layers(-1));
    this.heading = make("span", { className: "nn-pg__count" });
    const bar = make("div", { className: "nn-pg__row" }, this.heading, this.add, this.remove);
    const room = make("div", { className: "nn-pg__room", tabIndex: 0, role: "group", "aria-label": "The network" });
    this.labels = document.createElementNS(SVG, "svg");
    this.labels.setAttribute("class", "nn-pg__labels");
    this.labels.setAttribute("aria-hidden", "true");
    room.append(this.lines, this.columns, this.labels);
    this.element = make("section", { className: "nn-pg__network", "aria-label": "Network" }, bar, room);
    /** @type {HTMLCanvasElement[][]} */
    this.canvases = [];
    /** @type {HTMLElement[][]} */
    this.nodes = [];
    /** @type {SVGPathElement[]} */
    this.paths = [];
    /** @type {number[]} How wide each line is drawn, with the sign of its weight. */
    this.looks = [];
    this.features = make("div");
    new ResizeObserver(() => this.place()).observe(this.columns);
  }

  /** @param {number} by */
  layers(by) {
    const { hidden, activations } = this.settings();
    if (by > 0) {
      this.change({ hidden: [...hidden, 4], activations: [...activations, activations.at(-1) ?? "tanh"] });
    } else this.change({ hidden: hidden.slice(0, -1), activations: activations.slice(0, -1) });
  }

  /** @returns {Settings} */
  settings() {
    if (!this.current) throw new Error("no settings yet");
    return this.current;
  }

  /**
   * Build columns for these settings.
   * @param {Settings} settings
   * @param {number} outputs
   */
  build(settings, outputs) {
    this.current = settings;
    this.outputs = outputs;
    const { hidden } = settings;
    this.heading.textContent = `${hidden.length} hidden ${hidden.length === 1 ? "layer" : "layers"}`;
    this.add.disabled = hidden.length >= LIMITS.layers || settings.loss === "perceptron";
    this.remove.disabled = hidden.length === 0;
    const counts = [settings.features.length, ...hidden, outputs];
    this.canvases = counts.map((count) => Array.from({ length: count }, () => make("canvas", { width: 32, height: 32 })));
    this.nodes = [];
    const columns = counts.map((_, k) => this.column(k, counts.length - 1));
    this.columns.replaceChildren(...columns);
    this.connect(counts);
    this.place();
  }

  /** @type {(k: number, last: number) => HTMLElement} */
  column(k, last) {
    const column = make("div", { className: "nn-pg__column" });
    const nodes = k === 0 ? this.inputs() : this.canvases[k].map((canvas, i) => this.neuron(k, i, canvas));
    this.nodes.push(nodes);
    const title = k === 0 ? "features" : k === last ? "output" : `layer ${k}`;
    column.append(make("span", { className: "nn-pg__title" }, title));
    if (k > 0 && k < last) column.append(this.controls(k));
    column.append(...(k === 0 ? [this.features] : nodes));
    return column;
  }

  /** All features can be had; the canvases of those in use show them. */
  inputs() {
    const { features } = this.settings();
    /** @type {HTMLElement[]} */
    const used = [];
    const all = Object.entries(FEATURES).map(([name, { label }]) => {
      const on = features.includes(name);
      const node = make("button", {
        type: "button", className: "nn-pg__feature", "aria-pressed": on, title: `feature ${label}`,
        onclick: () => this.toggle(name),
      }, make("span", {}, label));
      if (on) {
        node.prepend(this.canvases[0][used.length]);
        used.push(node);
      }
      return node;
    });
    this.features = make("div", { className: "nn-pg__features", role: "group", "aria-label": "Features" }, ...all);
    return used;
  }

  /** @param {string} name */
  toggle(name) {
    const { features } = this.settings();
    const chosen = features.includes(name) ? features.filter((f) => f !== name) : [...features, name];
    const title = `feature ${FEATURES[/** @type {keyof typeof FEATURES} */ (name)].label}`;
    this.change({ features: chosen });
    /** @type {HTMLElement | null} */ (this.columns.querySelector(`[title="${title}"]`))?.focus(); // it is a new one
  }

  /** @type {(k: number, i: number, canvas: HTMLCanvasElement) => HTMLElement} */
  neuron(k, i, canvas) {
    const name = k === this.canvases.length - 1 ? "output neuron" : `neuron of layer ${k}`;
    return make("button", {
      type: "button", className: "nn-pg__neuron", "aria-label": `${name}, number ${i + 1}: show its weights`,
      onclick: () => this.choose(k - 1, i),
    }, canvas);
  }

  /** More or fewer neurons, and the activation. @param {number} k */
  controls(k) {
    const { hidden, activations } = this.settings();
    const resize = (/** @type {number} */ by) => {
      this.change({ hidden: hidden.map((size, i) => (i === k - 1 ? size + by : size)) });
    };
    const more = button("+", () => resize(1), { "aria-label": `more neurons in layer ${k}`, disabled: hidden[k - 1] >= LIMITS.neurons });
    const fewer = button("−", () => resize(-1), { "aria-label": `fewer neurons in layer ${k}`, disabled: hidden[k - 1] <= 1 });
    const choice = select(`activation of layer ${k}`, ACTIVATION_OPTIONS, (value) => {
      this.change({ activations: activations.map((name, i) => (i === k - 1 ? value : name)) });
    });
    choice.control.value = activations[k - 1];
    choice.field.classList.add("nn-pg__tight");
    return make("div", { className: "nn-pg__layer" }, fewer, more, choice.field);
  }

  /** @param {number[]} counts */
  connect(counts) {
    this.paths = [];
    this.looks = [];
    for (let k = 1; k < counts.length; k++) {
      for (let out = 0; out < counts[k]; out++) {
        for (let i = 0; i < counts[k - 1]; i++) {
          const path = document.createElementNS(SVG, "path");
          path.addEventListener("click", () => this.choose(k - 1, out));
          path.addEventListener("pointerenter", () => this.tell(path));
          path.append(document.createElementNS(SVG, "title"));
          this.paths.push(path);
        }
      }
    }
    this.lines.replaceChildren(...this.paths);
  }

  /**
   * One example's numbers, on the neurons and on the lines: forward, and what came back.
   * @param {any} sample
   */
  annotate(sample) {
    const few = Boolean(sample) && this.paths.length <= MOST_LABELS;
    if (!few && this.labels.childElementCount === 0) return;
    this.labels.replaceChildren();
    this.columns.classList.toggle("nn-pg__columns--wide", few);
    this.place();
    if (!few) return;
    let at = 0;
    sample.layers.forEach((/** @type {any} */ layer, /** @type {number} */ k) => {
      layer.weight.forEach((/** @type {number} */ weight, /** @type {number} */ i) => {
        const { x, y } = between(this.paths[at++], 0.25 + 0.5 * ((i % 3) / 2)); // not all at one height
        this.label(x, y - 4, short(weight), "nn-pg__forward");
        this.label(x, y + 9, short(layer.weightGrad[i]), "nn-pg__back");
      });
      layer.a.forEach((/** @type {number} */ a, /** @type {number} */ i) => this.atNode(k + 1, i, short(a), short(layer.delta[i])));
    });
    sample.inputs.forEach((/** @type {number} */ value, /** @type {number} */ i) => this.atNode(0, i, short(value), ""));
  }

  /** @type {(k: number, i: number, forward: string, back: string) => void} */
  atNode(k, i, forward, back) {
    const origin = this.columns.getBoundingClientRect();
    const box = this.nodes[k]?.[i]?.getBoundingClientRect();
    if (!box) return;
    const x = (box.left + box.right) / 2 - origin.left;
    this.label(x, box.top - origin.top - 3, forward, "nn-pg__forward");
    this.label(x, box.bottom - origin.top + 10, back, "nn-pg__back");
  }

  /** @type {(x: number, y: number, text: string, kind: string) => void} */
  label(x, y, text, kind) {
    const label = document.createElementNS(SVG, "text");
    label.setAttribute("x", String(x));
    label.setAttribute("y", String(y));
    label.setAttribute("class", kind);
    label.textContent = text;
    this.labels.append(label);
  }

  /** Draw the lines to where the neurons are. */
  place() {
    const origin = this.columns.getBoundingClientRect();
    if (origin.width === 0) return;
    for (const svg of [this.lines, this.labels]) {
      svg.setAttribute("width", String(this.columns.scrollWidth));
      svg.setAttribute("height", String(this.columns.scrollHeight + 12));
    }
    const boxes = this.nodes.map((nodes) => nodes.map((node) => node.getBoundingClientRect()));
    let at = 0;
    for (let k = 1; k < boxes.length; k++) {
      for (const to of boxes[k]) {
        for (const from of boxes[k - 1]) {
          const x0 = from.right - origin.left;
          const x1 = to.left - origin.left;
          const y0 = (from.top + from.bottom) / 2 - origin.top;
          const y1 = (to.top + to.bottom) / 2 - origin.top;
          const middle = (x0 + x1) / 2;
          this.paths[at++]?.setAttribute("d", `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`);
        }
      }
    }
  }

  /**
   * A line as strong as its weight; left alone where nobody would see a difference.
   * @param {number} k
   * @param {number} value
   */
  draw(k, value) {
    const width = Math.round(10 * Math.min(8, 0.4 + 2.2 * Math.sqrt(Math.abs(value)))) / 10;
    const look = value >= 0 ? width : -width;
    if (this.looks[k] === look || !this.paths[k]) return;
    this.looks[k] = look;
    this.paths[k].setAttribute("class", value >= 0 ? "nn-pg__more" : "nn-pg__less");
    this.paths[k].setAttribute("stroke-width", String(width));
  }

  /** The weight of the line that is pointed at. @param {SVGPathElement} path */
  tell(path) {
    const value = this.weights?.[this.paths.indexOf(path)];
    const title = /** @type {Element} */ (path.firstChild);
    if (value !== undefined) title.textContent = `weight ${short(value)}`;
  }

  /**
   * @param {any} frame
   * @param {Uint8ClampedArray} table
   */
  show(frame, table) {
    frame.maps.forEach((/** @type {Uint8Array[]} */ pictures, /** @type {number} */ k) => {
      pictures.forEach((picture, i) => this.canvases[k]?.[i] && paint(this.canvases[k][i], picture, frame.side, table));
    });
    this.weights = frame.weights.flatMap((/** @type {{ weight: Float64Array }} */ { weight }) => [...weight]);
    this.weights.forEach((/** @type {number} */ value, /** @type {number} */ k) => this.draw(k, value));
  }
}
