// A run: data, a network, an optimizer, and what happened epoch by epoch. It computes what the
// program of code.js computes, in the same order and from the same random numbers.

import { features, SETS } from "./data.js";
import { Network } from "./network.js";
import { Generator } from "./rng.js";

/** @typedef {import("./settings.js").Settings} Settings */

/**
 * What an optimizer does with a gradient; `state` is its memory, one number for each weight.
 * @typedef {(p: Float64Array, g: Float64Array, rates: Rates, state: Float64Array[], t: number) => void} Update
 * @typedef {{ lr: number, momentum: number }} Rates
 * @type {Record<string, Update>}
 */
const OPTIMIZERS = {
  sgd: (p, g, { lr }) => {
    for (let i = 0; i < p.length; i++) p[i] -= lr * g[i];
  },
  momentum: (p, g, { lr, momentum }, [v]) => {
    for (let i = 0; i < p.length; i++) p[i] -= lr * (v[i] = momentum * v[i] + g[i]);
  },
  rmsprop: (p, g, { lr }, [v]) => {
    for (let i = 0; i < p.length; i++) {
      v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
      p[i] -= (lr * g[i]) / (Math.sqrt(v[i]) + 1e-8);
    }
  },
  adam: (p, g, { lr }, [m, v], t) => {
    const c1 = 1 - 0.9 ** t;
    const c2 = Math.sqrt(1 - 0.999 ** t);
    for (let i = 0; i < p.length; i++) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      p[i] -= ((lr * c2) / c1) * (m[i] / (Math.sqrt(v[i]) + c2 * 1e-8));
    }
  },
};

/**
 * The data of a run: features and targets, cut into training and test.
 * @param {Settings} settings
 */
export function prepare(settings) {
  const rng = new Generator(settings.dataSeed);
  const points = settings.points
    ? fromList(settings.points, settings.regression)
    : SETS[settings.data].draw(settings.n, settings.noise, rng);
  const n = points.y.length;
  const order = rng.permutation(n);
  const cut = Math.round((n * settings.trainShare) / 100);
  const part = (/** @type {Int32Array} */ rows) => {
    const x = new Float64Array(2 * rows.length);
    const y = new Float64Array(rows.length);
    rows.forEach((row, i) => {
      x[2 * i] = points.x[2 * row];
      x[2 * i + 1] = points.x[2 * row + 1];
      y[i] = points.y[row];
    });
    return { x, y, inputs: features(x, settings.features), n: rows.length };
  };
  return { train: part(order.slice(0, cut)), test: part(order.slice(cut)), classes: points.classes };
}

/** @type {(list: number[][], regression: boolean) => import("./data.js").Points} */
function fromList(list, regression) {
  const y = Float64Array.from(list, (point) => point[2]);
  const classes = regression ? 0 : y.reduce((most, label) => Math.max(most, label + 1), 2);
  return { x: Float64Array.from(list.flatMap((point) => [point[0], point[1]])), y, classes };
}

/** @typedef {ReturnType<typeof prepare>} Data */
/** @typedef {Data["train"]} Part */

export class Run {
  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.data = prepare(settings);
    this.outputs = settings.loss === "softmax" ? this.data.classes : 1;
    this.rng = new Generator(settings.weightSeed);
    this.network = this.start();
    this.parameters = this.network.layers.flatMap((layer) => [
      { value: layer.weight, grad: layer.weightGrad, decays: true },
      ...(layer.biased ? [{ value: layer.bias, grad: layer.biasGrad, decays: false }] : []),
    ]);
    this.memory = this.parameters.map(({ value }) => [0, 1].map(() => new Float64Array(value.length)));
    this.steps = 0;
    this.epoch = 0;
    this.lr = settings.lr;
    /** @type {[number, number][]} Learning rates changed on the way: from which epoch on, and to what. */
    this.schedule = [];
    const rows = Math.max(settings.batch, this.data.train.n, this.data.test.n);
    this.batchX = new Float64Array(rows * settings.features.length);
    this.batchY = new Float64Array(rows);
    this.grad = new Float64Array(rows * this.outputs);
    this.trainLosses = [this.loss(this.data.train)];
    this.testLosses = [this.loss(this.data.test)];
    /** @type {{ epoch: number, batch: number } | null} Where a number stopped being one. */
    this.blownUp = null;
  }

  /** The network as it is before the first step. */
  start() {
    const { settings } = this;
    const sizes = [settings.features.length, ...settings.hidden, this.outputs];
    const activations = [...settings.activations, settings.output];
    const network = new Network(sizes, activations, settings.bias, settings.dropout, this.rng);
    const last = network.layers[network.layers.length - 1];
    if (settings.loss === "perceptron") {
      last.weight.fill(0); // Rosenblatt's rule starts from nothing
      last.bias.fill(0);
    }
    for (const { layer, index, value } of settings.weights) network.layers[layer]?.set(index, value);
    return network;
  }

  /** All that changes in training, to come back to. */
  snapshot() {
    return {
      epoch: this.epoch, steps: this.steps, rng: this.rng.mark(),
      values: this.parameters.map(({ value }) => value.slice()),
      memory: this.memory.map((arrays) => arrays.map((array) => array.slice())),
    };
  }

  /** @param {ReturnType<Run["snapshot"]>} snapshot */
  restore({ epoch, steps, rng, values, memory }) {
    this.epoch = epoch;
    this.steps = steps;
    this.rng.returnTo(rng);
    this.parameters.forEach(({ value }, k) => value.set(values[k]));
    this.memory.forEach((arrays, k) => arrays.forEach((array, i) => array.set(memory[k][i])));
    this.trainLosses.length = this.testLosses.length = epoch + 1;
    this.lr = this.schedule.findLast(([from]) => from < epoch)?.[1] ?? this.settings.lr;
    this.blownUp = null;
  }

  /** Go on with another learning rate. @param {number} lr */
  setRate(lr) {
    this.schedule = [...this.schedule.filter(([epoch]) => epoch < this.epoch), [this.epoch, lr]];
    this.lr = lr;
  }

  /** One round through the training data. */
  runEpoch() {
    const { train } = this.data;
    const size = this.settings.batch;
    const order = this.rng.permutation(train.n);
    for (let start = 0; start < train.n && !this.blownUp; start += size) {
      this.step(order.subarray(start, start + size));
    }
    this.epoch++;
    this.trainLosses.push(this.loss(train));
    this.testLosses.push(this.loss(this.data.test));
  }

  /**
   * One update from the examples in these rows.
   * @param {Int32Array} rows
   */
  step(rows) {
    if (this.settings.loss === "perceptron") {
      rows.forEach((row) => this.correct(row));
      return;
    }
    const { x, y } = this.batch(rows);
    this.network.training = true;
    const scores = this.network.forward(x, rows.length);
    const { grad, loss } = this.judge(scores, y, rows.length);
    this.network.backward(grad, rows.length);
    this.network.training = false;
    if (!Number.isFinite(loss)) {
      this.blownUp = { epoch: this.epoch, batch: this.steps };
      return;
    }
    this.penalize();
    this.update();
  }

  /** @param {Int32Array} rows */
  batch(rows) {
    const width = this.settings.features.length;
    const { inputs, y } = this.data.train;
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < width; k++) this.batchX[i * width + k] = inputs[rows[i] * width + k];
      this.batchY[i] = y[rows[i]];
    }
    return { x: this.batchX, y: this.batchY };
  }

  /** Rosenblatt's rule for one example. @param {number} row */
  correct(row) {
    const { inputs, y } = this.data.train;
    const [layer] = this.network.layers;
    let score = 0;
    for (let i = 0; i < layer.inputs; i++) score += inputs[row * layer.inputs + i] * layer.weight[i];
    const error = y[row] - (layer.bias[0] + score >= 0 ? 1 : 0);
    if (error === 0) return;
    for (let i = 0; i < layer.inputs; i++) {
      layer.weight[i] += this.lr * error * inputs[row * layer.inputs + i];
    }
    layer.bias[0] += this.lr * error;
  }

  /** The penalty's gradient, for weights and not for biases. */
  penalize() {
    const { regularization, rate } = this.settings;
    if (regularization === "none" || rate === 0) return;
    for (const { value, grad, decays } of this.parameters) {
      if (!decays) continue;
      for (let i = 0; i < value.length; i++) {
        grad[i] += rate * (regularization === "l1" ? Math.sign(value[i]) : value[i]);
      }
    }
  }

  update() {
    this.steps++;
    const update = OPTIMIZERS[this.settings.optimizer];
    const rates = { lr: this.lr, momentum: this.settings.momentum };
    this.parameters.forEach(({ value, grad }, k) => {
      update(value, grad, rates, this.memory[k], this.steps);
    });
  }

  /**
   * The mean loss of scores, and its gradient by them.
   * @param {Float64Array} scores (n, out)
   * @param {Float64Array} y
   * @param {number} n
   */
  judge(scores, y, n) {
    const { grad } = this;
    let loss = 0;
    if (this.settings.loss === "softmax") {
      for (let i = 0; i < n; i++) loss += softmaxLoss(scores, grad, i * this.outputs, this.outputs, y[i], n);
    } else {
      for (let i = 0; i < n; i++) loss += this.single(scores[i], y[i], i, n);
    }
    return { loss: loss / n, grad };
  }

  /** @type {(score: number, y: number, i: number, n: number) => number} */
  single(score, y, i, n) {
    const { grad } = this;
    if (this.settings.loss === "cross-entropy") {
      const e = Math.exp(-Math.abs(score));
      grad[i] = ((score >= 0 ? 1 / (1 + e) : e / (1 + e)) - y) / n;
      return Math.max(score, 0) - score * y + Math.log1p(e);
    }
    if (this.settings.loss === "perceptron") return (score >= 0 ? 1 : 0) === y ? 0 : 1;
    const error = score - (this.data.classes > 0 ? 2 * y - 1 : y);
    const half = this.settings.loss === "half" ? 0.5 : 1;
    grad[i] = (2 * half * error) / n;
    return half * error * error;
  }

  /** @param {Part} part */
  loss(part) {
    if (part.n === 0) return NaN;
    const scores = this.network.forward(part.inputs, part.n);
    return this.judge(scores, part.y, part.n).loss;
  }

  /**
   * The class that is answered, for each example; and how often which was wanted.
   * @param {Part} part
   */
  confusion(part) {
    const k = Math.max(this.data.classes, 1);
    const table = Array.from({ length: k }, () => new Array(k).fill(0)); // [wanted][answered]
    const scores = this.network.forward(part.inputs, part.n);
    for (let i = 0; i < part.n; i++) table[part.y[i]][this.answer(scores, i)]++;
    return table;
  }

  /** @type {(scores: Float64Array, i: number) => number} */
  answer(scores, i) {
    if (this.outputs === 1) return scores[i] >= 0 ? 1 : 0;
    let best = 0;
    for (let k = 1; k < this.outputs; k++) {
      if (scores[i * this.outputs + k] > scores[i * this.outputs + best]) best = k;
    }
    return best;
  }
}

/** @type {(scores: Float64Array, grad: Float64Array, at: number, k: number, y: number, n: number) => number} */
function softmaxLoss(scores, grad, at, k, y, n) {
  let largest = -Infinity;
  for (let j = 0; j < k; j++) largest = Math.max(largest, scores[at + j]);
  let sum = 0;
  for (let j = 0; j < k; j++) sum += grad[at + j] = Math.exp(scores[at + j] - largest);
  for (let j = 0; j < k; j++) grad[at + j] = (grad[at + j] / sum - (j === y ? 1 : 0)) / n;
  return Math.log(sum) + largest - scores[at + y];
}
