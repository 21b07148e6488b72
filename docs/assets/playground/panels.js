// The controls beside the pictures: data, training, results, one neuron's weights, one example.

import { ACTIVATION_OPTIONS } from "./diagram.js";
import { button, checkbox, labelled, make, number, select, short, slider } from "./dom.js";
import { LIMITS } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {(change: Partial<Settings>) => void} Change */

/** @type {[string, string][]} */
const SET_NAMES = [
  ["circle", "circle"], ["xor", "XOR"], ["gauss", "two clouds"], ["spiral", "spiral"],
  ["plane", "slope (regression)"], ["multi_gauss", "hills (regression)"], ["own", "your own points"],
];
const RATES = ["0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
const PENALTIES = ["0", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"];
/** @type {(values: string[]) => [string, string][]} */
const same = (values) => values.map((value) => [value, value]);

/** Give a select a value, as a new option if need be. @param {HTMLSelectElement} control @param {string} value */
function put(control, value) {
  if (![...control.options].some((option) => option.value === value)) control.append(new Option(value, value));
  control.value = value;
}

/** The data and how many of them. @param {Change} change @param {(text: string) => void} paste */
export function dataPanel(change, paste) {
  const set = select("data", SET_NAMES, (data) => {
    if (data === "own") change({ points: [[-2, 0, 0], [2, 0, 1]], loss: "cross-entropy" });
    else change({ data, points: null, output: undefined });
  });
  const n = slider("points", { min: 20, max: 1000, step: 10 }, (value) => change({ n: value }));
  const noise = slider("noise", { min: 0, max: 50, step: 1, unit: " %" }, (value) => change({ noise: value / 100 }));
  const share = slider("training", { min: 10, max: 100, step: 10, unit: " %" }, (value) => change({ trainShare: value }));
  const seed = number("seed of the data", { min: 0, max: 2 ** 32 - 1, step: 1 }, (value) => change({ dataSeed: value }));
  const again = button("New data", () => change({ dataSeed: seed.control.valueAsNumber + 1 || 0 }));
  const text = make("textarea", { className: "nn-pg__text", rows: 4, spellcheck: false, placeholder: "x1,x2,class\n1.5,-2,0" });
  const file = make("input", {
    type: "file", accept: ".csv,.txt,text/csv,text/plain",
    onchange: async () => file.files?.[0] && paste(await file.files[0].slice(0, 1_000_000).text()),
  });
  const own = make("details", { className: "nn-pg__own" }, make("summary", {}, "Your own points"),
    make("p", {}, "Draw them into the picture (tick “draw points”), or give three numbers a line: x1, x2 and a class from 0 to 9."),
    labelled("points as text", text), button("Take these points", () => paste(text.value)), labelled("or a file", file),
    button("No points at all", () => change({ points: [[-2, 0, 0], [2, 0, 1]] })));
  const element = make("section", { className: "nn-pg__data", "aria-label": "Data" }, set.field, n.field, noise.field,
    share.field, make("div", { className: "nn-pg__row" }, seed.field, again), own);
  const show = (/** @type {Settings} */ s) => {
    set.control.value = s.points ? "own" : s.data;
    n.set(s.n);
    noise.set(Math.round(100 * s.noise));
    share.set(s.trainShare);
    seed.control.value = String(s.dataSeed);
    for (const control of [n.control, noise.control]) control.disabled = s.points !== null;
  };
  return { element, show };
}

/** How it learns. @param {Change} change */
export function trainingPanel(change) {
  const lr = select("learning rate", same(RATES), (value) => change({ lr: Number(value) }));
  const optimizer = select("optimizer", [["sgd", "plain steps"], ["momentum", "momentum"], ["rmsprop", "RMSprop"], ["adam", "Adam"]],
    (value) => change({ optimizer: value }));
  const momentum = slider("momentum", { min: 0, max: 0.99, step: 0.01 }, (value) => change({ momentum: value }));
  const activation = select("activation, all layers", ACTIVATION_OPTIONS, (value) => all(value));
  const loss = select("loss", [["squared", "squared error"], ["half", "½ squared error"], ["cross-entropy", "cross-entropy"], ["softmax", "softmax, cross-entropy"],
    ["perceptron", "Rosenblatt's rule"]], (value) => change({ loss: value, output: undefined }));
  const output = select("activation of the output", [["linear", "linear"], ["tanh", "tanh"], ["sigmoid", "sigmoid"]], (value) => change({ output: value }));
  const bias = checkbox("biases", (on) => change({ bias: on }));
  const regularization = select("regularization", [["none", "none"], ["l1", "L1"], ["l2", "L2"]], (value) => change({ regularization: value }));
  const rate = select("its rate", same(PENALTIES), (value) => change({ rate: Number(value) }));
  const dropout = slider("dropout", { min: 0, max: 80, step: 10, unit: " %" }, (value) => change({ dropout: value / 100 }));
  const batch = slider("batch", { min: 1, max: 50, step: 1 }, (value) => change({ batch: value }));
  const seed = number("seed of the weights", { min: 0, max: 2 ** 32 - 1, step: 1 }, (value) => change({ weightSeed: value }));
  const again = button("New start", () => change({ weightSeed: seed.control.valueAsNumber + 1 || 0 }));
  /** @type {Settings | null} */
  let current = null;
  const all = (/** @type {string} */ name) => change({ activations: (current?.hidden ?? []).map(() => name) });
  const element = make("section", { className: "nn-pg__training", "aria-label": "Training" }, lr.field, optimizer.field,
    momentum.field, activation.field, loss.field, output.field, regularization.field, rate.field, dropout.field, batch.field, bias.field,
    make("div", { className: "nn-pg__row" }, seed.field, again));
  const show = (/** @type {Settings} */ s) => {
    current = s;
    put(lr.control, String(s.lr));
    optimizer.control.value = s.optimizer;
    momentum.set(s.momentum);
    momentum.field.hidden = s.optimizer !== "momentum";
    activation.control.value = new Set(s.activations).size === 1 ? s.activations[0] : "";
    activation.control.disabled = s.hidden.length === 0;
    loss.control.value = s.loss;
    for (const option of loss.control.options) option.disabled = s.regression && !["squared", "half"].includes(option.value);
    output.control.value = s.output;
    output.field.hidden = !["squared", "half"].includes(s.loss);
    bias.control.checked = s.bias;
    regularization.control.value = s.regularization;
    put(rate.control, String(s.rate));
    dropout.set(Math.round(100 * s.dropout));
    batch.set(s.batch);
    seed.control.value = String(s.weightSeed);
  };
  return { element, show };
}

/** What came of it: losses, accuracy, who was taken for whom, and how strong the gradients are. */
export function resultsPanel() {
  const losses = make("dl", { className: "nn-pg__losses" });
  const table = make("div", { className: "nn-pg__confusion" });
  const gradients = make("div", { className: "nn-pg__gradients" });
  const element = make("section", { className: "nn-pg__results", "aria-label": "Results" }, losses,
    make("details", {}, make("summary", {}, "Which class was taken for which"), table),
    make("details", {}, make("summary", {}, "How strong the gradients are"), gradients));
  const show = (/** @type {any} */ frame, /** @type {Settings} */ s) => {
    const name = s.loss === "perceptron" ? "share of mistakes" : "loss";
    const rows = [[`training ${name}`, short(frame.train)], [`test ${name}`, frame.tests ? short(frame.test) : "no data"]];
    if (frame.confusion) rows.push(["right, training", share(frame.confusion.train)], ["right, test", share(frame.confusion.test)]);
    losses.replaceChildren(...rows.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)]));
    if (table.parentElement?.hasAttribute("open")) table.replaceChildren(...(frame.confusion ? [confusion(frame.confusion.test)] : [make("p", {}, "Regression knows no classes.")]));
    if (gradients.parentElement?.hasAttribute("open")) gradients.replaceChildren(...strengths(frame.weights));
  };
  return { element, show };
}

/** @param {number[][]} table */
function share(table) {
  const all = table.flat().reduce((sum, n) => sum + n, 0);
  const right = table.reduce((sum, row, k) => sum + row[k], 0);
  return all ? `${((100 * right) / all).toFixed(1)} %` : "no data";
}

/** @param {number[][]} counts */
function confusion(counts) {
  const head = make("tr", {}, make("th", { scope: "col" }, "test: was / taken for"), ...counts.map((_, k) => make("th", { scope: "col" }, String(k))));
  const rows = counts.map((row, k) => make("tr", {}, make("th", { scope: "row" }, String(k)), ...row.map((n) => make("td", {}, String(n)))));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
}

/** @param {{ gradient: number }[]} weights */
function strengths(weights) {
  const logs = weights.map(({ gradient }) => (gradient > 0 ? Math.log10(gradient) : -16));
  return weights.map(({ gradient }, k) => {
    const name = k === weights.length - 1 ? "output" : `layer ${k + 1}`;
    const bar = make("span", { className: "nn-pg__length" });
    bar.style.inlineSize = `${Math.max(1, Math.min(100, (100 * (logs[k] + 8)) / 9))}%`; // from 1e-8 to 10
    return make("div", { className: "nn-pg__strength" }, make("span", {}, `${name}: ${short(gradient)}`), bar);
  });
}

/** The weights of one neuron, to be read and changed. @param {(layer: number, index: number, value: number) => void} set */
export function neuronPanel(set) {
  const element = make("section", { className: "nn-pg__inspect", "aria-label": "Weights of a neuron" });
  /** @type {{ layer: number, neuron: number } | null} */
  let chosen = null;
  /** @type {HTMLInputElement[]} */
  let inputs = [];
  const nothing = () => element.replaceChildren(make("p", {}, "Choose a neuron, or a line into it, to read and change its weights."));
  nothing();
  const choose = (/** @type {number} */ layer, /** @type {number} */ neuron, /** @type {any} */ frame, /** @type {string[]} */ names) => {
    chosen = { layer, neuron };
    const { inputs: count } = frame.weights[layer];
    inputs = [];
    const fields = Array.from({ length: count + 1 }, (_, i) => {
      const from = i === count ? "bias" : layer === 0 ? `weight from ${names[i]}` : `weight from neuron ${i + 1}`;
      const { field, control } = number(from, { min: -1e6, max: 1e6, step: "any" }, (value) => set(layer, neuron * (count + 1) + i, value));
      inputs.push(control);
      return field;
    });
    const where = layer === frame.weights.length - 1 ? "output" : `layer ${layer + 1}`;
    element.replaceChildren(make("p", { className: "nn-pg__heading" }, `Neuron ${neuron + 1}, ${where}`), ...fields);
    show(frame);
    inputs[0]?.focus();
  };
  const show = (/** @type {any} */ frame) => {
    if (!chosen || frame.weights[chosen.layer] === undefined || chosen.neuron >= frame.weights[chosen.layer].outputs) return nothing();
    const { weight, bias, inputs: count } = frame.weights[chosen.layer];
    if (count + 1 !== inputs.length) return nothing();
    inputs.forEach((input, i) => {
      const value = i === count ? bias[/** @type {any} */ (chosen).neuron] : weight[/** @type {any} */ (chosen).neuron * count + i];
      if (document.activeElement !== input) input.value = String(Number(value.toPrecision(6)));
    });
    return undefined;
  };
  return { element, choose, show };
}

/** One example, forward and backward, in numbers. */
export function examplePanel() {
  const element = make("section", { className: "nn-pg__example", "aria-label": "One example" },
    make("p", {}, "“One example” learns from a single training example and shows every number on the way."));
  const show = (/** @type {any} */ sample, /** @type {string[]} */ names) => {
    if (!sample) return;
    const inputs = names.map((name, i) => `${name} = ${short(sample.inputs[i])}`).join(", ");
    const blocks = sample.layers.map((/** @type {any} */ layer, /** @type {number} */ k) => {
      const name = k === sample.layers.length - 1 ? "Output" : `Layer ${k + 1}`;
      const head = make("tr", {}, ...["neuron", "score z", "answer a", "∂J/∂z", "weights → ∂J/∂w"].map((text) => make("th", { scope: "col" }, text)));
      const rows = layer.z.map((/** @type {number} */ z, /** @type {number} */ i) => {
        const count = layer.weight.length / layer.z.length;
        const weights = Array.from({ length: count }, (_, j) => `${short(layer.weight[i * count + j])} → ${short(layer.weightGrad[i * count + j])}`);
        if (layer.biased) weights.push(`bias ${short(layer.bias[i])} → ${short(layer.biasGrad[i])}`);
        return make("tr", {}, ...[String(i + 1), short(z), short(layer.a[i]), short(layer.delta[i]), weights.join("; ")].map((text) => make("td", {}, text)));
      });
      return make("table", {}, make("caption", {}, name), make("thead", {}, head), make("tbody", {}, ...rows));
    });
    element.replaceChildren(make("p", {}, `Example ${sample.example + 1}: ${inputs}, wanted ${short(sample.target)}.`), ...blocks,
      make("p", {}, `After the step its loss is ${short(sample.lossAfter)}.`));
  };
  return { element, show };
}

/**
 * Points from text: three numbers a line.
 * @param {string} text
 * @returns {{ points: number[][], left: number }}
 */
export function readPoints(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const rows = lines.map((line) => line.split(/[,;\t ]+/).filter(Boolean).map(Number));
  const points = rows.filter((row) => row.length === 3 && row.every(Number.isFinite)).slice(0, LIMITS.points);
  const header = lines.length > 0 && rows[0].some(Number.isNaN) ? 1 : 0;
  return { points, left: lines.length - header - points.length };
}
