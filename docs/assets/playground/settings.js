// What one can choose, within which limits, and how it stands in the address of the page.

import { FEATURES, SETS } from "./data.js";
import { ACTIVATIONS } from "./network.js";

/**
 * @typedef {object} Settings
 * @property {string} data One of SETS; not looked at where there are points.
 * @property {number[][] | null} points The reader's own: x1, x2 and a class or target.
 * @property {boolean} regression Whether own points have targets rather than classes.
 * @property {number} n
 * @property {number} noise
 * @property {number} trainShare In percent.
 * @property {number} dataSeed
 * @property {string[]} features
 * @property {number[]} hidden The neurons of each hidden layer.
 * @property {string[]} activations One for each hidden layer.
 * @property {string} output The activation of the output, where the squared error leaves a choice.
 * @property {boolean} bias Whether the neurons have biases.
 * @property {string} loss
 * @property {string} regularization
 * @property {number} rate
 * @property {number} dropout
 * @property {string} optimizer
 * @property {number} lr
 * @property {number} momentum
 * @property {number} batch
 * @property {number} weightSeed
 * @property {{ layer: number, index: number, value: number }[]} weights Set by hand: neuron
 *   index // (inputs + 1) of a layer, input index % (inputs + 1), of which the last is the bias.
 */

export const LIMITS = { layers: 8, neurons: 16, points: 2000, weights: 200 };
export const LOSSES = ["squared", "half", "cross-entropy", "softmax", "perceptron"];
export const OPTIMIZERS = ["sgd", "momentum", "rmsprop", "adam"];
export const OUTPUTS = ["linear", "tanh", "sigmoid"];
export const REGULARIZATIONS = ["none", "l1", "l2"];

/** @type {Settings} */
export const DEFAULTS = {
  data: "circle", points: null, regression: false, n: 500, noise: 0, trainShare: 50, dataSeed: 0,
  features: ["x1", "x2"], hidden: [4, 2], activations: ["tanh", "tanh"], output: "tanh",
  bias: true, loss: "squared",
  regularization: "none", rate: 0, dropout: 0, optimizer: "sgd", lr: 0.03, momentum: 0.9, batch: 10,
  weightSeed: 0, weights: [],
};

/** @type {Record<string, [number, number, boolean]>} From, to, and whether it is a whole number. */
const RANGES = {
  n: [2, 2000, true], noise: [0, 0.5, false], trainShare: [10, 100, true],
  dataSeed: [0, 2 ** 32 - 1, true], rate: [0, 10, false], dropout: [0, 0.9, false],
  lr: [1e-6, 1000, false], momentum: [0, 0.999, false], batch: [1, 2000, true],
  weightSeed: [0, 2 ** 32 - 1, true],
};

/**
 * Settings that hold, made of whatever came; and a word on each thing that did not.
 * @param {Record<string, unknown>} given
 * @returns {{ settings: Settings, notes: string[] }}
 */
export function sound(given) {
  /** @type {string[]} */
  const notes = [];
  const settings = structuredClone(DEFAULTS);
  for (const [name, [low, high, whole]] of Object.entries(RANGES)) {
    if (given[name] === undefined) continue;
    const value = number(given[name], low, high, whole);
    if (value !== given[name]) notes.push(`${name} is from ${low} to ${high}`);
    if (value !== null) Object.assign(settings, { [name]: value });
  }
  choose(settings, given, notes);
  architecture(settings, given, notes);
  settings.points = points(given.points, notes);
  settings.regression = given.regression === true;
  settings.bias = given.bias !== false;
  fit(settings, given.output === undefined, notes);
  return { settings, notes };
}

/** @type {(value: unknown, low: number, high: number, whole: boolean) => number | null} */
function number(value, low, high, whole) {
  if (typeof value !== "number" || Number.isNaN(value)) return null;
  const clamped = Math.min(high, Math.max(low, value));
  return whole ? Math.round(clamped) : clamped;
}

/** @type {(settings: Settings, given: Record<string, unknown>, notes: string[]) => void} */
function choose(settings, given, notes) {
  const choices = {
    data: Object.keys(SETS), loss: LOSSES, optimizer: OPTIMIZERS, regularization: REGULARIZATIONS,
    output: OUTPUTS,
  };
  for (const [name, allowed] of Object.entries(choices)) {
    if (given[name] === undefined) continue;
    if (allowed.includes(/** @type {string} */ (given[name]))) {
      Object.assign(settings, { [name]: given[name] });
    } else notes.push(`${name} is one of ${allowed.join(", ")}`);
  }
  if (Array.isArray(given.features)) {
    const known = Object.keys(FEATURES).filter((f) => /** @type {unknown[]} */ (given.features).includes(f));
    if (known.length) settings.features = known;
    else notes.push("a network needs at least one feature");
  }
}

/** @type {(settings: Settings, given: Record<string, unknown>, notes: string[]) => void} */
function architecture(settings, given, notes) {
  if (Array.isArray(given.hidden)) {
    const sizes = given.hidden.slice(0, LIMITS.layers).map((size) => number(size, 1, LIMITS.neurons, true));
    if (given.hidden.length > LIMITS.layers) notes.push(`at most ${LIMITS.layers} hidden layers`);
    settings.hidden = /** @type {number[]} */ (sizes.filter((size) => size !== null));
  }
  else if (given.hidden !== undefined) notes.push("hidden is a list of sizes");
  const asked = Array.isArray(given.activations) ? given.activations : [];
  settings.activations = settings.hidden.map((_, k) => {
    const name = asked[k] ?? asked[0] ?? DEFAULTS.activations[0];
    return Object.hasOwn(ACTIVATIONS, name) ? name : DEFAULTS.activations[0];
  });
  if (!Array.isArray(given.weights)) return;
  for (const weight of given.weights.slice(0, LIMITS.weights)) {
    const { layer, index, value } = weight ?? {};
    const inputs = [settings.features.length, ...settings.hidden][layer];
    const outputs = settings.hidden[layer] ?? 10;
    const fits = Number.isInteger(layer) && Number.isInteger(index) && Number.isFinite(value);
    if (fits && inputs !== undefined && index >= 0 && index < outputs * (inputs + 1)) {
      settings.weights.push({ layer, index, value: Math.min(1e6, Math.max(-1e6, value)) });
    } else notes.push("a weight that this network does not have");
  }
}

/** @type {(given: unknown, notes: string[]) => number[][] | null} */
function points(given, notes) {
  if (!Array.isArray(given) || given.length === 0) return null;
  const good = given.slice(0, LIMITS.points).filter((p) => {
    return Array.isArray(p) && p.length === 3 && p.every((value) => Number.isFinite(value));
  });
  if (good.length < given.length) notes.push(`${given.length - good.length} points were left out`);
  return good.length >= 1 ? good.map((p) => p.map((/** @type {number} */ v) => Math.min(1e6, Math.max(-1e6, v)))) : null;
}

/** Make the choices fit one another. @type {(settings: Settings, free: boolean, notes: string[]) => void} */
function fit(settings, free, notes) {
  const regression = settings.points ? settings.regression : SETS[settings.data].classes === 0;
  settings.regression = regression;
  if (settings.points && !regression) {
    settings.points = settings.points.map(([a, b, label]) => [a, b, Math.min(9, Math.max(0, Math.round(label)))]);
    const several = settings.points.some((p) => p[2] > 1);
    if (several && settings.loss !== "softmax") {
      settings.loss = "softmax";
      notes.push("more than two classes need the softmax");
    }
  }
  const squared = settings.loss === "squared" || settings.loss === "half";
  if (regression && !squared) {
    settings.loss = "squared";
    notes.push("regression is judged by the squared error");
  }
  // Classes are -1 and 1 for the squared error; the other losses want the bare score.
  if (!squared && !regression) settings.output = "linear";
  else if (free) settings.output = regression ? "linear" : "tanh";
  if (settings.loss === "perceptron" && settings.hidden.length) {
    settings.hidden = [];
    settings.activations = [];
    settings.weights = settings.weights.filter(({ layer }) => layer === 0);
    notes.push("Rosenblatt's rule knows no hidden layers");
  }
}

/** The settings as they stand in an address: only what differs from the defaults. @param {Settings} settings */
export function toHash(settings) {
  const parts = Object.entries(settings).filter(([name, value]) => {
    return JSON.stringify(value) !== JSON.stringify(DEFAULTS[/** @type {keyof Settings} */ (name)]);
  });
  return parts.map(([name, value]) => `${name}=${encodeURIComponent(JSON.stringify(value))}`).join("&");
}

/** @param {string} hash @returns {{ settings: Settings, notes: string[] }} */
export function fromHash(hash) {
  /** @type {Record<string, unknown>} */
  const given = {};
  /** @type {string[]} */
  const rubbish = [];
  for (const part of hash.replace(/^#/, "").slice(0, 200_000).split("&").filter(Boolean)) {
    const [name, ...rest] = part.split("=");
    if (!Object.hasOwn(DEFAULTS, name)) continue; // others may have their say in an address
    try {
      given[name] = JSON.parse(decodeURIComponent(rest.join("=")));
    } catch {
      rubbish.push(`the address says nothing readable of ${name}`);
    }
  }
  const { settings, notes } = sound(given);
  return { settings, notes: [...rubbish, ...notes] };
}
