// <nn-playground>: a network to tinker with, in any page. Everything but drawing happens in a worker.

import { palette, scale } from "./colors.js";
import { Curve } from "./curve.js";
import { FEATURES } from "./data.js";
import { Diagram } from "./diagram.js";
import { button, labelled, make, select, short } from "./dom.js";
import { dataPanel, examplePanel, neuronPanel, readPoints, resultsPanel, trainingPanel } from "./panels.js";
import { Plane } from "./plane.js";
import { fromHash, sound, toHash } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */

/** Parts of the page that a link or an embedding page may leave out. */
const PARTS = ["bar", "data", "training", "network", "plane", "history", "results", "inspect", "example", "keep"];

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)"); // then few pictures, not a film

class Playground extends HTMLElement {
  version = 0; // of the settings; frames of older ones come too late
  running = false;
  hide = ""; // parts to be left out
  /** @type {Settings | undefined} */
  settings = undefined;
  /** @type {any} The last that the worker told. */
  frame = null;

  connectedCallback() {
    if (this.worker) return;
    const address = this.hasAttribute("own-address") ? location.hash : `#${this.getAttribute("settings") ?? ""}`;
    this.hide = new URLSearchParams(address.slice(1)).get("hide") ?? this.getAttribute("hide") ?? "";
    const hidden = this.hide.split(",");
    this.build();
    for (const part of PARTS) {
      if (hidden.includes(part)) this.querySelector(`.nn-pg__${part}`)?.setAttribute("hidden", "");
    }
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = () => this.say("The playground could not start. It needs a web server: run “make serve”.");
    new MutationObserver(() => this.draw()).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
    if (this.hasAttribute("own-address")) {
      window.addEventListener("hashchange", () => this.fromAddress(location.hash));
      document.addEventListener("click", ({ target }) => this.tryOut(target));
    }
    this.fromAddress(address);
  }

  disconnectedCallback() {
    this.worker?.terminate();
    this.worker = undefined;
  }

  /** @param {string} hash */
  fromAddress(hash) {
    if (this.settings && location.pathname + hash === this.link()) return; // our own doing
    const { settings, notes } = fromHash(hash);
    this.begin(settings, notes);
  }

  /** A button of the page that has settings for us. @param {EventTarget | null} target */
  tryOut(target) {
    const found = target instanceof Element ? target.closest("[data-playground]") : null;
    if (!found) return;
    this.fromAddress(`#${found.getAttribute("data-playground")}`);
    this.scrollIntoView({ block: "start" });
    /** @type {HTMLElement | null} */ (this.querySelector(".nn-pg__run"))?.focus();
  }

  build() {
    const change = (/** @type {Partial<Settings>} */ part) => this.change(part);
    this.data = dataPanel(change, (text) => this.paste(text));
    this.training = trainingPanel(change);
    this.diagram = new Diagram(change, (layer, neuron) => this.choose(layer, neuron));
    this.plane = new Plane((point) => this.change({ points: [...this.ownPoints(), point], regression: this.settings?.regression }));
    this.plane.onchange = () => this.draw();
    this.curve = new Curve();
    this.results = resultsPanel();
    this.neuron = neuronPanel((layer, index, value) => this.setWeight(layer, index, value));
    this.example = examplePanel();
    this.live = make("p", { className: "nn-pg__live", role: "status", "aria-live": "polite" });
    this.note = make("p", { className: "nn-pg__note", role: "status", "aria-live": "polite" });
    this.classList.add("nn-pg");
    const parts = make("div", { className: "nn-pg__parts" }, this.bar(), this.note, this.live,
      make("div", { className: "nn-pg__left" }, this.data.element, this.training.element),
      make("div", { className: "nn-pg__middle" }, this.diagram.element, this.neuron.element, this.example.element),
      make("div", { className: "nn-pg__right" }, this.plane.element, this.results.element, this.curve.element), this.keep());
    this.replaceChildren(parts);
    if (this.hasAttribute("open")) this.querySelectorAll(".nn-pg__results details").forEach((d) => d.setAttribute("open", ""));
  }

  bar() {
    this.start = button("Run", () => this.run(!this.running), { className: "nn-pg__button nn-pg__run" });
    this.count = make("output", { className: "nn-pg__epoch", "aria-live": "off" }, "0");
    this.speed = select("speed", [["1", "slow"], ["10", "normal"], ["0", "as fast as it goes"]], () => this.running && this.run(true));
    this.speed.control.value = "10";
    this.patience = select("stop", [["0", "never"], ["20", "20 epochs without a better test loss"], ["100", "100 epochs without a better test loss"]], () => {});
    const back = make("input", { type: "range", min: "0", max: "0", step: "1", onchange: () => this.rewind(back.valueAsNumber) });
    this.back = back;
    return make("section", { className: "nn-pg__bar", "aria-label": "Run" }, this.start, button("One epoch", () => this.send("epoch")),
      button("One example", () => this.send("sample")), button("Start again", () => this.settings && this.begin(this.settings, [])),
      make("span", { className: "nn-pg__field" }, "epoch ", this.count), labelled("back to epoch", back), this.speed.field, this.patience.field);
  }

  /** Code, address, save and load. */
  keep() {
    const code = make("code"); // the site adds buttons of its own to a pre
    this.code = code;
    const ask = (/** @type {string} */ kind) => this.send("program", { kind });
    const file = make("input", {
      type: "file", accept: ".json,application/json",
      onchange: async () => file.files?.[0] && this.load(await file.files[0].slice(0, 1_000_000).text()),
    });
    return make("section", { className: "nn-pg__keep", "aria-label": "Code, save and load" },
      make("p", { className: "nn-pg__heading" }, "Show me the code"),
      make("div", { className: "nn-pg__row" }, button("in NumPy", () => ask("numpy")), button("in PyTorch", () => ask("torch")),
        button("Copy", () => this.copy(code.textContent ?? "", "The program is on the clipboard."))),
      make("pre", { className: "nn-pg__code", tabIndex: 0, role: "group", "aria-label": "The program" }, code),
      make("div", { className: "nn-pg__row" }, button("Copy a link", () => this.copy(this.link(), "The link is on the clipboard.")),
        button("Save", () => this.save()), labelled("Load", file)));
  }

  /** @type {(type: string, more?: Record<string, unknown>) => void} */
  send(type, more = {}) {
    this.worker?.postMessage({ type, ...more });
  }

  /** @param {Partial<Settings>} part */
  change(part) {
    if (this.keepsRunning(part)) return;
    const shape = "hidden" in part || "features" in part || "points" in part;
    const { settings, notes } = sound({ ...this.settings, ...(shape ? { weights: [] } : {}), ...part });
    this.begin(settings, notes);
  }

  /** A new learning rate needs no new start. @param {Partial<Settings>} part */
  keepsRunning(part) {
    const lr = part.lr;
    if (lr === undefined || !this.settings || this.settings.loss === "perceptron" || !this.frame?.epoch) return false;
    this.settings = { ...this.settings, lr };
    this.training?.show(this.settings);
    this.send("rate", { lr });
    this.toAddress();
    return true;
  }

  /** @type {(settings: Settings, notes: string[]) => void} */
  begin(settings, notes) {
    this.settings = settings;
    this.version++;
    delete this.dataset.ready;
    this.running = false;
    this.say(notes.length ? `${notes.join("; ")}.` : "");
    const outputs = settings.loss === "softmax" ? Math.max(2, ...(settings.points ?? []).map((p) => p[2] + 1)) : 1;
    this.diagram?.build(settings, outputs);
    this.data?.show(settings);
    this.training?.show(settings);
    this.toAddress();
    this.send("settings", { settings, version: this.version });
    this.buttons();
  }

  toAddress() {
    if (this.hasAttribute("own-address")) history.replaceState(null, "", this.link());
  }

  /** @param {boolean} running */
  run(running) {
    this.running = running;
    const stopAfter = Number(this.patience?.control.value) || undefined;
    this.send("run", { running, speed: Number(this.speed?.control.value), stopAfter });
    if (running) this.send("frame");
    this.buttons();
  }

  buttons() {
    if (this.start) this.start.textContent = this.running ? "Pause" : "Run";
  }

  /** @param {number} epoch */
  rewind(epoch) {
    if (this.running) this.run(false);
    this.send("rewind", { epoch });
  }

  /** @type {(layer: number, index: number, value: number) => void} */
  setWeight(layer, index, value) {
    if (this.frame?.epoch === 0 && this.settings) {
      const others = this.settings.weights.filter((w) => w.layer !== layer || w.index !== index);
      this.change({ weights: [...others, { layer, index, value }] });
    } else {
      this.send("weight", { layer, index, value });
      this.say("A weight was changed by hand in the middle of a run: the code below starts from the beginning and does not know of it.");
    }
  }

  /** @type {(layer: number, neuron: number) => void} */
  choose(layer, neuron) {
    if (this.frame) this.neuron?.choose(layer, neuron, this.frame, this.featureNames());
  }

  featureNames() {
    return (this.settings?.features ?? []).map((name) => FEATURES[/** @type {keyof typeof FEATURES} */ (name)].label);
  }

  /** The points that are shown, as the reader's own. */
  ownPoints() {
    const parts = this.plane?.points ? [this.plane.points.train, this.plane.points.test] : [];
    return this.settings?.points ?? parts.flatMap(({ x, y }) => {
      return Array.from(y, (label, i) => [x[2 * i], x[2 * i + 1], label].map((v) => Math.round(100 * v) / 100));
    });
  }

  /** @param {string} text */
  paste(text) {
    const { points, left } = readPoints(text);
    if (points.length < 2) return this.say("There must be at least two lines with three numbers: x1, x2 and a class.");
    this.change({ points, regression: points.some((p) => !Number.isInteger(p[2])), output: undefined });
    if (left > 0) this.say(`${points.length} points taken; ${left} lines were not three numbers and were left out.`);
    return undefined;
  }

  /** @param {string} text */
  load(text) {
    try {
      const { settings, notes } = sound(JSON.parse(text).settings ?? {});
      this.begin(settings, notes);
    } catch {
      this.say("This file holds no settings of the playground.");
    }
  }

  save() {
    const content = JSON.stringify({ settings: this.settings, epoch: this.frame?.epoch ?? 0 }, null, 1);
    const link = make("a", { href: URL.createObjectURL(new Blob([content], { type: "application/json" })), download: "playground.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  link() {
    const known = this.hide.split(",").filter((part) => PARTS.includes(part));
    const hash = [this.settings ? toHash(this.settings) : "", known.length ? `hide=${known.join(",")}` : ""].filter(Boolean).join("&");
    return hash ? `${location.pathname}#${hash}` : location.pathname;
  }

  /** @type {(text: string, done: string) => void} */
  copy(text, done) {
    const whole = text.startsWith(location.pathname) ? location.origin + text : text;
    navigator.clipboard.writeText(whole).then(() => this.say(done), () => this.say("The browser does not let pages write to the clipboard."));
  }

  /** For those who do not see it. @param {string} text */
  tell(text) {
    if (this.live) this.live.textContent = text;
  }

  /** @param {string} text */
  say(text) {
    if (this.note) this.note.textContent = text;
  }

  /** @param {any} message */
  hear(message) {
    if (message.type === "program") {
      if (this.code) this.code.textContent = message.text;
      return;
    }
    if (message.version !== this.version) return; // of settings that are no more
    this.frame = Object.assign(message, { fresh: true });
    if (message.why === "stopped" || message.blownUp) this.stopped(message);
    if (message.why === "paused") this.tell(`Paused after epoch ${message.epoch}: training loss ${short(message.train)}.`);
    requestAnimationFrame(() => {
      this.draw();
      setTimeout(() => this.running && this.send("frame"), CALM.matches ? 700 : 0);
    });
  }

  /** @param {any} frame */
  stopped(frame) {
    this.running = false;
    this.buttons();
    if (frame.blownUp) {
      this.say(`In epoch ${frame.blownUp.epoch + 1} the loss stopped being a number: the steps grew larger and larger. The learning rate, ${this.settings?.lr}, is too large here.`);
    } else this.say(`Stopped after epoch ${frame.epoch}: the test loss has not got better for a while.`);
  }

  draw() {
    const { frame, settings } = this;
    if (!frame || !settings) return;
    const colors = palette();
    const table = scale(colors, false);
    this.diagram?.show(frame, table);
    const discrete = this.plane?.discrete.control.checked ?? false;
    this.plane?.show(frame, colors, discrete ? scale(colors, true) : table, settings.loss === "softmax" && frame.weights.at(-1).outputs > 1);
    frame.points = null; // they are known now
    this.curve?.show(frame.curve, colors);
    this.results?.show(frame, settings);
    this.neuron?.show(frame);
    if (frame.fresh) {
      this.diagram?.annotate(frame.sample);
      this.example?.show(frame.sample, this.featureNames());
      frame.fresh = false;
    }
    if (settings.lr !== frame.lr && frame.why === "rewound") this.change({ lr: frame.lr });
    if (this.count) this.count.textContent = frame.epoch.toLocaleString("en");
    if (this.back) {
      this.back.max = String(Math.max(Number(this.back.max), frame.epoch));
      if (frame.epoch === 0 && frame.why === "changed") this.back.max = "0";
      this.back.value = String(frame.epoch);
    }
    this.curve?.canvas.setAttribute("aria-label", `Loss against epoch; at epoch ${frame.epoch} training ${short(frame.train)}, test ${short(frame.test)}`);
    this.dataset.epoch = String(frame.epoch);
    this.dataset.train = String(frame.train);
    this.dataset.test = String(frame.test);
    if (frame.version === this.version) this.dataset.ready = "";
  }
}

customElements.define("nn-playground", Playground);
